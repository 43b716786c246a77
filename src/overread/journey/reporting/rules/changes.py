"""Corrections: why, and what is different between two versions, word by word. Pure (REQ-39, H10)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from overread.journey.reporting.rules.text import LABELS, SECTIONS, cleaned

CORRECTION_CODES: Final[dict[str, str]] = {
    "missed": "A finding was missed",
    "judged": "A finding was judged wrongly",
    "side": "Wrong side, tooth, level or place",
    "identity": "Wrong patient, examination or date named",
    "measurement": "Wrong measurement",
    "dictation": "Typing or dictation error",
    "information": "New images or information",
}
_WORD: Final = re.compile(r"\S+\s*")


@dataclass(frozen=True)
class Piece:
    """A run of text that two versions share, that only the old one has ("taken out"), or only the new one ("put in")."""

    how: str
    text: str


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """One text as it became another, word by word; what is "same" or "taken out" gives the old, the rest the new."""
    old, new = _words(before), _words(after)
    found: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            found.append(Piece("taken out", "".join(old[i1:i2])))
        if j2 > j1:
            found.append(Piece("put in", "".join(new[j1:j2])))
    return tuple(found)


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
    """The sections that differ, in order, each with its label and pieces."""
    found = []
    for name in SECTIONS:
        old, new = cleaned(before.get(name, "")), cleaned(after.get(name, ""))
        if old != new:
            found.append((LABELS[name], pieces(old, new)))
    return tuple(found)


KEPT: Final = 14
"""Words kept on either side of a difference where a long unchanged run is shortened."""


def shortened(found: Sequence[Piece]) -> tuple[Piece, ...]:
    """Pieces with long unchanged runs cut to their ends, so that the difference fits on page 1."""
    cut = []
    for piece in found:
        words = _words(piece.text)
        if piece.how == "same" and len(words) > 2 * KEPT + 2:
            piece = Piece("same", f"{''.join(words[:KEPT])}[...] {''.join(words[-KEPT:])}")
        cut.append(piece)
    return tuple(cut)


def is_changed(before: str, after: str) -> bool:
    """Whether a text says something else; line breaks, blanks and capitals alone do not count."""
    return " ".join(before.split()).casefold() != " ".join(after.split()).casefold()


def whole_sections(versions: Sequence[tuple[bool, Mapping[str, str]]]) -> dict[str, str]:
    """What a case says after some versions: the newest whole text, and the addenda signed since then.

    Args:
        versions: oldest first; each with whether its text is whole, and its sections.
    """
    said: dict[str, str] = {}
    for whole, sections in versions:
        if whole:
            said = dict(sections)
            continue
        added = [said.get("addendum", ""), sections.get("addendum", "")]
        said["addendum"] = "\n\n".join(text for text in added if text.strip())
    return said


def correction_faults(code: str, words: str, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """What a correction lacks, by field: a coded reason, its words, and a difference."""
    faults = {}
    if code not in CORRECTION_CODES:
        faults["code"] = "Choose why the report is corrected."
    if len(cleaned(words)) < 10:
        faults["reason"] = "Write why, in a sentence: it stands on page 1 of the new version."
    if not changes(before, after):
        faults["text"] = "Nothing is different from the version that stands."
    return faults
