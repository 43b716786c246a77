"""What an inspector may be shown about reports: each signed version, and the gates that were passed with a reason."""

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.journey.reporting.models import ReportVersion


@evidence("reporting.signed", title="Reports signed", topics=("outcomes", "staffing"), regulations=("12", "17", "18"))
def signed(asked: Asked) -> Found:
    """Every version signed in the period: by whom, what kind, and the hash of its text."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        ReportVersion.objects.filter(
            signed_at__gte=asked.from_at, signed_at__lt=asked.to_at, signed_at__lte=asked.until
        )
        .order_by("signed_at", "id")
        .values_list("case__number", "number", "kind", "signed_at", "signed_by_words", "text_sha256")
    )
    later = sum(1 for r in rows if r[1] != 1)
    return Found(
        headline=f"{len(rows)} signed, {later} of them after a first version",
        columns=("Case", "Version", "Kind", "Signed", "Signed by", "SHA-256 of the text"),
        rows=rows,
        good="Every report is signed by the person who read the images.",
        **spread(r[3] for r in rows),
    )


@evidence("reporting.gates", title="Reports signed past a gate", topics=("staffing", "risks"), regulations=("12", "18"))
def passed_gates(asked: Asked) -> Found:
    """Every gate that was shut when a report was signed, with the reason why it was signed all the same (DESIGN 3)."""
    versions = ReportVersion.objects.filter(
        signed_at__gte=asked.from_at, signed_at__lt=asked.to_at, signed_at__lte=asked.until
    ).order_by("signed_at", "id")
    rows: list[tuple[Cell, ...]] = []
    for number, at, by, gates in versions.values_list("case__number", "signed_at", "signed_by_words", "passed_gates"):
        rows.extend((number, at, by, g["words"], g["by"], g.get("reason", "")) for g in gates)
    return Found(
        headline=f"{len(rows)} gate{'s' if len(rows) != 1 else ''} passed with a reason",
        columns=("Case", "Signed", "Signed by", "Gate", "Passed by", "Reason"),
        rows=tuple(rows),
        good="No report needed it. Where one did, its reason and the manager's sight of it are on record.",
        **spread(r[1] for r in rows),
    )
