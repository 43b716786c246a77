"""What an inspector may be shown of training."""

from overread.foundation.accounts.rules import ROLE_WORDS, Role
from overread.foundation.clock.rules import day_of
from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.foundation.registers.rules import day_words
from overread.governance.training import queries, rules
from overread.governance.training.rules import SUBJECT


@evidence(
    "training.matrix",
    title="Mandatory training of everybody",
    topics=("staffing", "safeguarding"),
    regulations=("18", "13"),
)
def matrix(asked: Asked) -> Found:
    """Everybody by subject, administrators and directors included, with the share in date of each role (REQ-06)."""
    members, found = queries.matrix(at=asked.as_at, known_by=asked.known_by)
    names = {m.id: m.name for m in members}
    roles = {m.id: ", ".join(ROLE_WORDS[Role(r)] for r in sorted(m.roles)) for m in members}
    rows: list[tuple[Cell, ...]] = sorted(
        (names[s.person], roles[s.person], SUBJECT[s.subject].title, s.state.value, s.due) for s in found.values()
    )
    whole = rules.share(found.values())
    late = [s for s in found.values() if rules.is_late(s, day_of(asked.as_at))]
    shares = ", ".join(
        f"{ROLE_WORDS[Role(role)]} {share.percent} %" for role, share in rules.by_role(members, found).items()
    )
    held = queries.certificates(at=asked.as_at, known_by=asked.known_by)
    return Found(
        headline=f"{whole.percent} % in date ({whole.held} of {whole.asked}); {shares}",
        columns=("Person", "Roles", "Subject", "Standing", "Due"),
        rows=tuple(rows),
        gaps=tuple(
            sorted(
                f"{names[s.person]}: {SUBJECT[s.subject].title} is {s.state.value} since {day_words(s.due)}"
                for s in late
            )
        ),
        good="Everybody is in date, directors and administrators too.",
        **spread([e.recorded_at for e in held]),
    )
