"""What an inspector may be shown of policies."""

from datetime import timedelta

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock.rules import day_of
from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.foundation.registers.rules import day_words
from overread.governance.policies import queries


@evidence(
    "policies.register",
    title="Policies, their reviews and who has read them",
    topics=("practice", "governance"),
    regulations=("17",),
)
def register(asked: Asked) -> Found:
    """Every policy in force with owner, approval, next review and the share that has read it (REQ-03, REQ-04)."""
    force = sorted(queries.in_force(at=asked.as_at, known_by=asked.known_by).values(), key=lambda e: e.number)
    readers = queries.readers(force, at=asked.as_at, known_by=asked.until)
    names = accounts.names({i for e in force for i in (e["owner"], e["approved_by"]) if i})
    today = day_of(asked.as_at - timedelta(microseconds=1))
    rows: list[tuple[Cell, ...]] = []
    gaps: list[str] = []
    for one in force:
        name = f"P-{one.number} {one['title']}"
        scope = readers[one.key]
        read = sum(r.read_at is not None for r in scope)
        people = (names.get(one["owner"], "unknown"), names.get(one["approved_by"], "unknown"))
        rows.append((name, one["edition"], *people, one["approved_on"], one["review_by"], f"{read} of {len(scope)}"))
        if one["review_by"] < today:
            gaps.append(f"{name}: review overdue since {day_words(one['review_by'])}, {people[0]}")
        late = [r.person.name for r in scope if r.read_at is None and r.due < today]
        if late:
            gaps.append(f"{name}: not read in time by {', '.join(sorted(late))}")
    return Found(
        headline=f"{len(force)} policies in force, {len(gaps)} gaps",
        columns=("Policy", "Edition", "Owner", "Approved by", "Approved on", "Review by", "Read"),
        rows=tuple(rows),
        gaps=tuple(gaps),
        good="Each policy was approved by somebody who did not write it, is in date, and was read by everybody in scope.",
        **spread([e.recorded_at for e in force]),
    )
