"""What becomes of each line of an import."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class VerdictState(StrEnum):
    """What a line does."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Verdict:
    """One line of a file: where, which entry, what it does, and what changes or why it is refused."""

    line: int
    reference: str
    state: VerdictState
    details: tuple[str, ...]


def digest(verdicts: Iterable[Verdict]) -> str:
    """One text that differs as soon as any verdict does."""
    return sha256(repr(list(verdicts)).encode()).hexdigest()
