"""What an inspector may be shown about cases: how much work of which kind, and whether it was done in the agreed time."""

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.journey.case.models import Case
from overread.journey.case.queries.turnaround import turnaround_between


@evidence(
    "case.turnaround", title="Reports in the agreed time", topics=("access", "outcomes"), regulations=("12", "17")
)
def turnaround(asked: Asked) -> Found:
    """Every clock that started in the period, with the minutes used of those agreed (REQ-28).

    The priority of a case that was changed later is that of its clock, which never moves.
    """
    found = turnaround_between(asked.from_at, asked.to_at, as_at=asked.until)
    numbers = dict(Case.objects.filter(id__in={r.case_id for r in found.rows}).values_list("id", "number"))
    rows: list[tuple[Cell, ...]] = []
    for row in found.rows:
        late = row.used_minutes > row.allowed_minutes
        state = "late" if late else "in time" if row.accepted_at else "running"
        rows.append(
            (
                numbers[row.case_id],
                row.received_at,
                row.accepted_at,
                row.allowed_minutes,
                round(row.used_minutes),
                state,
            )
        )
    counts = found.counts
    return Found(
        headline=f"{counts.on_time} of {counts.started} in the agreed time, {counts.late} late, {counts.running} running",
        columns=("Case", "Clock started", "Accepted", "Minutes agreed", "Minutes used", "State"),
        rows=tuple(rows),
        gaps=(f"{counts.late} report{'s' if counts.late != 1 else ''} later than agreed",) if counts.late else (),
        good="Every report is accepted by the client within the time agreed for its priority.",
        **spread(r.received_at for r in found.rows),
    )


@evidence("case.work", title="Cases taken", topics=("pathways", "access"), regulations=("9", "12"))
def work(asked: Asked) -> Found:
    """Every case opened in the period: what kind of work, with which urgency."""
    last = min(asked.to_at, asked.until)
    cases = Case.objects.filter(opened_at__gte=asked.from_at, opened_at__lt=asked.to_at, opened_at__lte=last)
    rows = list(
        cases.order_by("opened_at", "number").values_list(
            "number", "opened_at", "modality", "read_type", "client__code"
        )
    )
    return Found(
        headline=f"{len(rows)} case{'s' if len(rows) != 1 else ''}",
        columns=("Case", "Opened", "Modality", "Kind of read", "Client"),
        rows=tuple(rows),
        good="The kinds of work are those of the statement of purpose.",
        **spread(r[1] for r in rows),
    )
