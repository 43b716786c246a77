"""What an inspector may be shown about displays: their tests, and the looks at the pattern."""

from datetime import date

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.governance.equipment.models import VisualCheck, Workstation
from overread.governance.equipment.queries import DisplayView, workstations


def _row(desk: str, owner: str, display: DisplayView, today: date) -> tuple[Cell, ...]:
    last = display.last
    return (
        desk,
        owner or "every reader",
        display.name,
        last.tested_on if last else None,
        (today - last.tested_on).days if last else None,
        last.result if last else "never tested",
        last.lmax if last else None,
        last.gsdf_error if last else None,
        display.next_due,
        "; ".join(fault.words for fault in display.faults) or "in order",
    )


@evidence(
    "equipment.displays",
    title="Displays that reports are read on, and their tests",
    topics=("equipment",),
    regulations=("15", "12"),
)
def displays(asked: Asked) -> Found:
    """Each display in use with its last test, how many days ago that was, and by when it is tested again (REQ-60, REQ-62)."""
    today = timezone.localdate(asked.as_at)
    found = [(d, s) for d in workstations(at=asked.as_at, known_by=asked.known_by) for s in d.reading]
    rows = tuple(_row(desk.name, desk.owner_name, display, today) for desk, display in found)
    gaps = tuple(fault.words for _, display in found for fault in display.faults)
    good = sum(1 for _, display in found if not display.faults)
    return Found(
        headline=f"{good} of {len(rows)} displays in order",
        columns=(
            *("Workstation", "Who reads there", "Display", "Last test", "Days ago", "Result"),
            *("Highest luminance, cd/m2", "Greyscale error, %", "Next by", "State"),
        ),
        rows=rows,
        gaps=gaps,
        good="Every display is accepted, measured within 90 days and fully tested within a year.",
        **spread(display.last.recorded_at for _, display in found if display.last),
    )


@evidence(
    "equipment.looks", title="Looks at the test pattern", topics=("equipment", "pathways"), regulations=("15", "12")
)
def looks(asked: Asked) -> Found:
    """Every look of a reader at a workstation's pattern in the period (REQ-61)."""
    found = list(
        VisualCheck.objects.filter(at__gte=asked.from_at, at__lt=asked.to_at, at__lte=asked.until).order_by("at", "id")
    )
    desks = {w.key: w.name for w in Workstation.objects.filter(recorded_at__lte=asked.known_by).order_by("recorded_at")}
    names = accounts.names({r.person_id for r in found})
    rows = tuple(
        (r.at, desks.get(r.workstation_id, ""), names.get(r.person_id, ""), r.passed, "; ".join(r.faults), r.words)
        for r in found
    )
    failed = sum(1 for r in found if not r.passed)
    return Found(
        headline=f"{len(rows)} looks, {failed} failed",
        columns=("When", "Workstation", "Reader", "Passed", "What was not right", "Noted"),
        rows=rows,
        good="One look that passed before each reader's first read of each day.",
        **spread(r.at for r in found),
    )
