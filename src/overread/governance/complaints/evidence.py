"""What an inspector may be shown about complaints: each with its times, also when there were none."""

from overread.foundation.clock.queries import working_day_after
from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence
from overread.foundation.registers.dues import moment_of
from overread.foundation.registers.rules import LONDON
from overread.governance.complaints import queries, rules


@evidence("complaints.received", title="Complaints", topics=("listening", "learning"), regulations=("16", "17"))
def received(asked: Asked) -> Found:
    """Every complaint received in the period: acknowledged and answered when, whether in time, what was learned."""
    first, last = asked.from_at.astimezone(LONDON).date(), asked.to_at.astimezone(LONDON).date()
    known = queries.complaints(at=asked.as_at, known_by=asked.known_by)
    held = [e for e in known if first <= e["received_on"] < last]
    limits = queries.limits()
    rows: list[tuple[Cell, ...]] = []
    late = 0
    for e in held:
        in_time = (e["acknowledged_on"] or last) <= working_day_after(e["received_on"], limits.acknowledge)
        overdue = any(moment_of(due) < asked.as_at for due in queries.dues(e).values())
        late += overdue
        outcome = dict(rules.OUTCOMES).get(e["outcome"], "")
        said = (f"C-{e.number}", dict(rules.SENDERS)[e["sender"]], e["received_on"], e["acknowledged_on"], in_time)
        rows.append((*said, e["replied_on"], outcome, bool(e["learning"]), "overdue" if overdue else "in time"))
    return Found(
        headline=f"{len(held)} received, {sum(bool(e['closed_on']) for e in held)} closed",
        columns=(
            "Complaint",
            "From",
            "Received",
            "Acknowledged",
            "Acknowledged in time",
            "Replied",
            "Outcome",
            "Learning",
            "State",
        ),
        rows=tuple(rows),
        gaps=(f"{late} complaint{'s' if late > 1 else ''} overdue",) if late else (),
        good="Every complaint is acknowledged within three working days, answered in its time, and learned from.",
        newest=max((e.recorded_at for e in held), default=None),
        oldest=min((e.recorded_at for e in held), default=None),
    )
