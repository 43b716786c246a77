"""What an inspector may be shown about referrals: questions to clients that stopped a clock, and how long they took."""

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.journey.referral.models import MatchStep, Query


@evidence("referral.queries", title="Questions to clients", topics=("teamwork", "information"), regulations=("9", "12"))
def queries(asked: Asked) -> Found:
    """Every question asked in the period, with its coded reason and when it was closed."""
    held = Query.objects.filter(asked_at__gte=asked.from_at, asked_at__lt=asked.to_at, asked_at__lte=asked.until)
    rows: list[tuple[Cell, ...]] = []
    for case, number, reason, at, closed in held.order_by("asked_at", "id").values_list(
        "case__number", "number", "reason", "asked_at", "closed_at"
    ):
        rows.append((case, number, reason, at, closed if closed and closed <= asked.until else None))
    waiting = sum(1 for r in rows if r[-1] is None)
    return Found(
        headline=f"{len(rows)} asked, {waiting} waiting",
        columns=("Case", "Question", "Reason", "Asked", "Closed"),
        rows=tuple(rows),
        good="Questions are few, answered within the day, and each stopped clock has its coded reason.",
        **spread(r[3] for r in rows),
    )


@evidence(
    "referral.matches", title="Images and requests joined", topics=("pathways", "risks"), regulations=("12", "17")
)
def matches(asked: Asked) -> Found:
    """Every joining and undoing of images and a request: the control against the wrong patient (H01)."""
    held = MatchStep.objects.filter(at__gte=asked.from_at, at__lt=asked.to_at, at__lte=asked.until)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        held.order_by("at", "id").values_list("referral__number", "at", "step", "how", "reason")
    )
    undone = sum(1 for r in rows if r[2] == "unmatched")
    return Found(
        headline=f"{len(rows)} steps, {undone} of them undone",
        columns=("Request", "At", "Step", "How", "Reason"),
        rows=rows,
        good="Whatever is not certain is joined by a person with the evidence side by side; an undone one has its reason.",
        **spread(r[1] for r in rows),
    )
