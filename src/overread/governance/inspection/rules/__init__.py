"""Decisions of inspection: frameworks and their topics, the state of a statement, the canonical form of a pack."""

from overread.governance.inspection.rules.canon import canonical, digest, plain
from overread.governance.inspection.rules.frameworks import (
    EDITIONS,
    QUESTIONS,
    REGULATIONS,
    TOPICS,
    Edition,
    Statement,
)
from overread.governance.inspection.rules.period import Period, period_of
from overread.governance.inspection.rules.standing import OLD_DAYS, Held, Standing, standing

__all__ = [
    "EDITIONS",
    "OLD_DAYS",
    "QUESTIONS",
    "REGULATIONS",
    "TOPICS",
    "Edition",
    "Held",
    "Period",
    "Standing",
    "Statement",
    "canonical",
    "digest",
    "period_of",
    "plain",
    "standing",
]
