"""The first page of every pack: what was done about the last inspection's findings."""

from overread.foundation.accounts import queries as accounts
from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.foundation.registers.dues import moment_of
from overread.governance.findings import queries


@evidence(
    "findings.past",
    title="What was done about the last findings",
    topics=("governance", "improvement"),
    regulations=("17",),
    first=True,
)
def past(asked: Asked) -> Found:
    """Every finding of every past inspection, what was done about it, by whom, and who else closed it."""
    held = queries.findings(at=asked.as_at, known_by=asked.known_by)
    names = accounts.names({e[name] for e in held for name in ("owner", "closed_by") if e[name]})
    rows: list[tuple[Cell, ...]] = []
    late = 0
    for e in held:
        overdue = any(moment_of(due) < asked.as_at for due in queries.dues(e).values())
        late += overdue
        state = "closed" if e["closed_on"] else "overdue" if overdue else "done" if e["done_on"] else "open"
        said = (f"F-{e.number}", e["title"], e["inspected_on"], e["regulation"], e["action"])
        who = (names.get(e["owner"], ""), e["done_on"], e["evidence"], e["closed_on"], names.get(e["closed_by"], ""))
        rows.append((*said, *who, state))
    closed = sum(bool(e["closed_on"]) for e in held)
    return Found(
        headline=f"{closed} of {len(held)} findings closed",
        columns=(
            "Finding",
            "In one line",
            "Inspected",
            "Regulation",
            "What we do",
            "Owner",
            "Done",
            "Evidence",
            "Closed",
            "Closed by",
            "State",
        ),
        rows=tuple(rows),
        gaps=(f"{late} finding{'s' if late > 1 else ''} overdue",) if late else (),
        good="Every point of the last inspection is done, and somebody else than its owner looked at the evidence.",
        **spread(e.recorded_at for e in held),
    )
