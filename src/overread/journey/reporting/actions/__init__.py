"""Verbs of reporting: begin, save, sign, addend, correct. A signed version is written once and never again."""

from overread.journey.reporting.actions.changing import addend, correct
from overread.journey.reporting.actions.drafting import begin, save_draft
from overread.journey.reporting.actions.keeping import keep_file, mark_alerted, say_written, see_gate_mark
from overread.journey.reporting.actions.signing import sign

__all__ = [
    "addend",
    "begin",
    "correct",
    "keep_file",
    "mark_alerted",
    "save_draft",
    "say_written",
    "see_gate_mark",
    "sign",
]
