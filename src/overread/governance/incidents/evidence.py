"""What an inspector may be shown about incidents: each with its steps, never events and near misses counted."""

from django.utils import timezone

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.foundation.registers.dues import moment_of
from overread.governance.incidents import queries, rules


@evidence(
    "incidents.reported",
    title="Incidents and near misses",
    topics=("learning", "improvement", "speaking-up"),
    regulations=("12", "17", "20"),
)
def reported(asked: Asked) -> Found:
    """Every incident reported in the period, what it was, what is still open about it, and whether that is late."""
    known = queries.incidents(at=asked.as_at, known_by=asked.known_by)
    held = [e for e in known if asked.from_at <= e["reported_at"] < asked.to_at]
    rows: list[tuple[Cell, ...]] = []
    late = 0
    for e in held:
        still = queries.dues(e)
        overdue = [kind for kind, due in still.items() if moment_of(due) < asked.as_at]
        late += bool(overdue)
        state = "closed" if e["closed_on"] else "overdue" if overdue else "open"
        rows.append(
            (
                f"I-{e.number}",
                dict(rules.KINDS)[e["kind"]],
                dict(rules.CATEGORIES)[e["category"]],
                dict(rules.HARM)[e["harm"]],
                e["never_event"] == rules.YES,
                rules.needs_candour(e.values),
                e["reported_at"],
                e["shared_on"],
                e["closed_on"],
                state,
            )
        )
    never = sum(e["never_event"] == rules.YES for e in held)
    near = sum(e["kind"] == rules.NEAR_MISS for e in held)
    gaps = [f"{late} incident{'s' if late > 1 else ''} with an overdue step"] if late else []
    quiet = queries.quiet_days(known, timezone.localtime(asked.until).date())
    if quiet:
        gaps.append(f"No near miss reported in {quiet} days: under-reporting is likely")
    return Found(
        headline=f"{len(held)} reported, {near} of them near misses; never events: {never}",
        columns=(
            "Incident",
            "Kind",
            "About",
            "Harm",
            "Never event",
            "Candour",
            "Reported",
            "Learning shared",
            "Closed",
            "State",
        ),
        rows=tuple(rows),
        gaps=tuple(gaps),
        good="People report near misses often, each step is in time, and what was learned is shared.",
        **spread(e["reported_at"] for e in held),
    )
