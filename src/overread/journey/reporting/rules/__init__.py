"""Pure decisions of reporting: sections and canonical text, sides and negation, checks before signing."""

from overread.journey.reporting.rules.checks import CaseFacts, Check, Level, check, open_checks
from overread.journey.reporting.rules.display import read_on_words
from overread.journey.reporting.rules.passing import Passing, passing
from overread.journey.reporting.rules.sides import Mention, mentions, sides_of
from overread.journey.reporting.rules.text import (
    EDITABLE,
    LABELS,
    REQUIRED,
    SECTIONS,
    Kind,
    addendum_purpose,
    canonical_text,
    cleaned,
    report_purpose,
    text_hash,
)

__all__ = [
    "EDITABLE",
    "LABELS",
    "REQUIRED",
    "SECTIONS",
    "CaseFacts",
    "Check",
    "Kind",
    "Level",
    "Mention",
    "Passing",
    "addendum_purpose",
    "canonical_text",
    "check",
    "cleaned",
    "mentions",
    "open_checks",
    "passing",
    "read_on_words",
    "report_purpose",
    "sides_of",
    "text_hash",
]
