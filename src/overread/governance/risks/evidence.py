"""What an inspector may be shown of risks."""

from datetime import date, timedelta

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock.rules import day_of
from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.foundation.registers.rules import day_words
from overread.governance.risks import queries, rules


@evidence("risks.register", title="Risks and their reviews", topics=("risks", "governance"), regulations=("12", "17"))
def register(asked: Asked) -> Found:
    """Every risk with its scores, owner and next review; overdue reviews are gaps (REQ-05)."""
    held = queries.risks(at=asked.as_at, known_by=asked.known_by)
    names = accounts.names({e["owner"] for e in held})
    today = day_of(asked.as_at - timedelta(microseconds=1))
    rows: list[tuple[Cell, ...]] = []
    late: list[tuple[date, str]] = []
    for one in held:
        due = queries.next_review(one)
        scores = (rules.inherent(one.values), rules.residual(one.values))
        owner = names.get(one["owner"], "unknown")
        rows.append((f"R-{one.number}", one["title"], *scores, owner, one["reviewed_on"], due))
        if due < today:
            late.append((due, f"R-{one.number} {one['title']}: review overdue since {day_words(due)}, {owner}"))
    high = sum(queries.level_of(e) is rules.Level.HIGH for e in held)
    return Found(
        headline=f"{len(held)} risks, {high} high, {len(late)} reviews overdue",
        columns=("Risk", "Title", "Score before", "Score now", "Owner", "Last reviewed", "Review by"),
        rows=tuple(rows),
        gaps=tuple(words for _, words in sorted(late)),
        good="Each risk has an owner and a review in date.",
        **spread([e.recorded_at for e in held]),
    )
