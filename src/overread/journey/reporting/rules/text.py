"""Sections of a report and the exact text that is signed: pure."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Final

LABELS: Final = {
    "question": "Question",
    "indication": "Indication",
    "original": "Report in question",
    "technique": "Technique",
    "comparison": "Comparison",
    "quality": "Image quality",
    "teeth": "Teeth",
    "volume": "Whole volume",
    "findings": "Findings",
    "grade": "Agreement with the report in question",
    "difference": "Where and why it differs",
    "conclusion": "Conclusion",
    "recommendation": "Recommendation",
    "limitations": "Limitations",
    "addendum": "Addendum",
}
"""Every section that a document of ours can have, in the order in which they are printed."""
SECTIONS: Final = tuple(LABELS)
EDITABLE: Final = SECTIONS[:-1]
REQUIRED: Final = ("indication", "technique", "findings", "conclusion")


class Kind(StrEnum):
    """Kinds of report versions that this provider signs."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    ADDENDUM = "addendum"
    CORRECTED = "corrected"


WHOLE: Final = frozenset({Kind.PRELIMINARY, Kind.FINAL, Kind.CORRECTED})
"""Kinds whose text stands on its own; an addendum is read with what it adds to."""


def cleaned(text: str) -> str:
    """One section as it is kept: NFC, Unix line ends, no control characters or halves of characters, no blanks at line ends or around it."""
    flat = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(c for c in flat if c == "\n" or c == "\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip()


def canonical_text(sections: Mapping[str, str]) -> str:
    """The text that is hashed, signed, and from which PDF and messages are made: sections in order, empty ones left out."""
    parts = [f"{LABELS[name].upper()}\n{text}" for name in SECTIONS if (text := cleaned(sections.get(name, "")))]
    return "\n\n".join(parts) + "\n"


def text_hash(text: str) -> str:
    """SHA-256 of the canonical text in UTF-8, 64 hex digits; shown at signing and compared (H17)."""
    return sha256(text.encode()).hexdigest()


def report_purpose(text_sha256: str) -> str:
    """What a proof of presence is given for when a report is signed: this very text."""
    return f"report:{text_sha256}"


def correction_purpose(based_on_sha256: str, text_sha256: str) -> str:
    """What a proof of presence is given for when a correction is signed: this text, in place of that version."""
    return f"correction:{text_hash(based_on_sha256 + text_sha256)}"


def addendum_purpose(based_on_sha256: str, words: str) -> str:
    """What a proof of presence is given for when an addendum is signed: these words, added to that version."""
    return f"addendum:{text_hash(based_on_sha256 + cleaned(words))}"
