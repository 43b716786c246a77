"""What an inspector may be shown about actions: promised, done, and whether they worked."""

from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.foundation.registers.dues import moment_of
from overread.governance.improvements import queries, rules


@evidence("improvements.actions", title="Actions and whether they worked", topics=("improvement",), regulations=("17",))
def promised(asked: Asked) -> Found:
    """Every action: what it follows from, when it was due and done, and what the second look found (REQ-19)."""
    held = queries.improvements(at=asked.as_at, known_by=asked.known_by)
    rows: list[tuple[Cell, ...]] = []
    late = 0
    for e in held:
        overdue = any(moment_of(due) < asked.as_at for due in queries.dues(e).values())
        late += overdue
        said = (f"A-{e.number}", dict(rules.ABOUT)[e["about"]], e["reference"], e["due_on"], e["done_on"])
        effect = dict(rules.EFFECTS).get(e["effect"], "")
        rows.append((*said, effect, e["closed_on"], "overdue" if overdue else "in time"))
    worked = sum(e["effect"] == "worked" for e in held)
    return Found(
        headline=f"{sum(bool(e['done_on']) for e in held)} of {len(held)} done; {worked} seen to work",
        columns=("Action", "Follows from", "Number", "Due", "Done", "Effect", "Looked at again", "State"),
        rows=tuple(rows),
        gaps=(f"{late} action{'s' if late > 1 else ''} overdue",) if late else (),
        good="Actions are done by their day and looked at again two to three months later.",
        **spread(e.recorded_at for e in held),
    )
