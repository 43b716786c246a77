"""Sections of a report and the exact text that is signed: pure."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Final

SECTIONS: Final = (
    "indication",
    "technique",
    "comparison",
    "findings",
    "conclusion",
    "recommendation",
    "limitations",
    "addendum",
)
LABELS: Final = {
    "indication": "Indication",
    "technique": "Technique",
    "comparison": "Comparison",
    "findings": "Findings",
    "conclusion": "Conclusion",
    "recommendation": "Recommendation",
    "limitations": "Limitations",
    "addendum": "Addendum",
}
EDITABLE: Final = SECTIONS[:-1]
REQUIRED: Final = ("indication", "technique", "findings", "conclusion")


class Kind(StrEnum):
    """Kinds of report versions that this provider signs."""

    FINAL = "final"
    ADDENDUM = "addendum"


def cleaned(text: str) -> str:
    """One section as it is kept: NFC, Unix line ends, no control characters, no blanks at line ends or around it."""
    flat = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(c for c in flat if c == "\n" or c == "\t" or unicodedata.category(c) != "Cc")
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


def addendum_purpose(based_on_sha256: str, words: str) -> str:
    """What a proof of presence is given for when an addendum is signed: these words, added to that version."""
    return f"addendum:{text_hash(based_on_sha256 + cleaned(words))}"
