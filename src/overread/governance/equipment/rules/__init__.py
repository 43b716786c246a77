"""Pure decisions of equipment: measured tests, the daily look, and the gates that both keep."""

from overread.governance.equipment.rules.gates import DeskFacts, desk_reasons, first_words
from overread.governance.equipment.rules.measured import (
    KIND_WORDS,
    DisplayFacts,
    Fault,
    Limits,
    MeasureFacts,
    MeasureKind,
    Readings,
    Result,
    display_faults,
    due_dates,
    judged,
)
from overread.governance.equipment.rules.things import COLUMNS
from overread.governance.equipment.rules.visual import (
    QUESTIONS,
    DisplayAnswers,
    digits_for,
    visual_faults,
)

__all__ = [
    "COLUMNS",
    "KIND_WORDS",
    "QUESTIONS",
    "DeskFacts",
    "DisplayAnswers",
    "DisplayFacts",
    "Fault",
    "Limits",
    "MeasureFacts",
    "MeasureKind",
    "Readings",
    "Result",
    "desk_reasons",
    "digits_for",
    "display_faults",
    "due_dates",
    "first_words",
    "judged",
    "visual_faults",
]
