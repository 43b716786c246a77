"""Names and numbers of people taken out of a text before it leaves; a person looks at the rest. Pure."""

import re
from collections.abc import Iterable
from typing import Final

GONE: Final = "[removed]"
SHORTEST: Final = 2
_NUMBER = re.compile(r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b")
_LONG_NUMBER = re.compile(r"\b[A-Z]{0,3}\d{6,}\b")
_TITLED = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Miss|Prof|Professor|Sister|Nurse)\.?(?:\s+[A-Z][\w'’-]+){1,3}")
_DAY = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?(?:\s+\d{4})?\b"
)
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")


def redacted(text: str, known: Iterable[str]) -> str:
    """A text without names that are known, titled names, numbers that could be identifiers, days and addresses.

    Args:
        text: of a report or a question.
        known: names and numbers of this patient, referrer, client and author, each as one text; its words count singly.
    """
    words = {w for k in known for w in re.split(r"[\s,^]+", k) if len(w) >= SHORTEST} | {k for k in known if k.strip()}
    for pattern in (_MAIL, _NUMBER, _TITLED, _DAY, _LONG_NUMBER):
        text = pattern.sub(GONE, text)
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", GONE, text, flags=re.IGNORECASE)
    return text
