"""What an inspector may be shown about peer review: the sample, what came of it, and that it can be drawn again."""

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.journey.review import queries
from overread.journey.review.models import Draw
from overread.journey.review.rules import grades


@evidence("review.sample", title="Peer review", topics=("practice", "outcomes", "learning"), regulations=("12", "17"))
def reviewed(asked: Asked) -> Found:
    """Every review opened in the period: its modality, who read it, the grade that counts, and whether it is finished."""
    held = [v for v in queries.reviews_between(asked.from_at, asked.to_at) if v.opened_at <= asked.until]
    rows: list[tuple[Cell, ...]] = []
    late = serious = judged = 0
    for v in held:
        known = [g for g in v.grades if g.at <= asked.until]
        uk = known[-1].uk if known else None
        closed = v.closed_at if v.closed_at and v.closed_at <= asked.until else None
        judged += uk is not None
        serious += uk is not None and grades.serious(uk)
        today = asked.until.date()
        overdue = closed is None and any(queries.due_on(v, s) < today for s in queries.steps_of(v))
        late += overdue
        state = "finished" if closed else "overdue" if overdue else "open"
        where = "external" if v.outside else "internal"
        radpeer = known[-1].radpeer if known else ""
        rows.append((v.short, v.modality, where, v.opened_at, uk, radpeer, v.incident is not None, closed, state))
    draws = Draw.objects.filter(drawn_at__lte=asked.until, from_at__lt=asked.to_at, to_at__gt=asked.from_at)
    count, low_high = draws.count(), grades.wilson(serious, judged)
    interval = f" (95 % from {100 * low_high[0]:.1f} to {100 * low_high[1]:.1f} %)" if judged else ""
    return Found(
        headline=f"{judged} of {len(held)} reviewed in {count} draws; serious: {serious}{interval}",
        columns=(
            "Review",
            "Modality",
            "Read",
            "Opened",
            "Five points",
            "RADPEER",
            "Incident",
            "Finished",
            "State",
        ),
        rows=tuple(rows),
        gaps=(f"{late} review{'s' if late != 1 else ''} overdue",) if late else (),
        good="A sample of every reader's reports is drawn each month by a recorded seed and reviewed in time.",
        **spread(v.opened_at for v in held),
    )
