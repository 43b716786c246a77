"""Left and right in text, and whether a phrase is denied: a small rule set, pure.

Each mention is judged inside its own sentence. A denial reaches from its cue to the next "but", semicolon or full stop.
"Cannot exclude" and "not excluded" are no denials.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SIDE: Final = re.compile(r"\b(left|right|bilateral(?:ly)?|both sides)\b", re.IGNORECASE)
# "right" as in "right away", "left" as in "was left in place" say nothing about a side.
NO_SIDE: Final = re.compile(
    r"\bright\s+(?:away|now|time)\b|\b(?:is|are|was|were|been|be)\s+left\b|\bleft\s+(?:in|for|untreated|open|unreported)\b",
    re.IGNORECASE,
)
DENIAL: Final = re.compile(
    r"\b(?:no|not|without|negative for|free of|absence of|denies|resolution of|resolved)\b", re.IGNORECASE
)
NO_DENIAL: Final = re.compile(
    r"\b(?:cannot|can not|not|cannot be|not be)\s+(?:be\s+)?(?:entirely\s+|completely\s+)?exclud\w*|\bno\s+(?:change|longer)\b"
    r"|\bnot only\b|\bno doubt\b",
    re.IGNORECASE,
)
REACH_ENDS: Final = re.compile(r"\bbut\b|\bhowever\b|\balthough\b|;|\bapart from\b|\bexcept\b", re.IGNORECASE)
SENTENCE: Final = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]*)*")


@dataclass(frozen=True)
class Mention:
    """One place in a text: the words, their sentence, and whether the sentence denies them."""

    word: str
    sentence: str
    denied: bool


def _denied(sentence: str, start: int) -> bool:
    before = NO_DENIAL.sub(lambda m: " " * len(m.group()), sentence)[:start]
    cues = [m.start() for m in DENIAL.finditer(before)]
    if not cues:
        return False
    return REACH_ENDS.search(before, cues[-1]) is None


def mentions(pattern: re.Pattern[str], text: str) -> Iterator[Mention]:
    """Every place where a pattern stands in a text, with its denial."""
    for found in SENTENCE.finditer(text):
        sentence = found.group()
        for match in pattern.finditer(sentence):
            yield Mention(match.group().lower(), sentence.strip(), _denied(sentence, match.start()))


def sides_of(text: str) -> frozenset[str]:
    """The sides that a text asserts, {"left", "right"}; denied mentions and other meanings of the words do not count."""
    found: set[str] = set()
    for mention in mentions(SIDE, NO_SIDE.sub(" ", text)):
        if mention.denied:
            continue
        word = mention.word
        found |= {"left", "right"} if word not in {"left", "right"} else {word}
    return frozenset(found)
