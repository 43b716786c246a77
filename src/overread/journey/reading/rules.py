"""Who may see a read's images, and how much of them was displayed: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LARGEST_PICTURE: Final = 2 * 1024 * 1024
PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"


@dataclass(frozen=True)
class SeriesCoverage:
    """How much of one series was displayed."""

    series_uid: str
    words: str
    images: int
    shown: int

    @property
    def percent(self) -> int:
        """Whole percent, rounded down, so that 100 means all."""
        return 100 * self.shown // self.images if self.images else 100


def covered(series: Iterable[tuple[str, str, frozenset[str]]], shown: frozenset[str]) -> tuple[SeriesCoverage, ...]:
    """Coverage of each series.

    Args:
        series: (UID, words, SOP instance UIDs with pixels) of each.
        shown: SOP instance UIDs that were displayed.
    """
    return tuple(SeriesCoverage(uid, words, len(uids), len(uids & shown)) for uid, words, uids in series)


def picture_fault(data: bytes) -> str:
    """What is wrong with a key image's picture, or "": PNG or JPEG, at most 2 MB."""
    if len(data) > LARGEST_PICTURE:
        return "The picture is larger than 2 MB."
    return "" if data.startswith((PNG, JPEG)) else "The picture is neither PNG nor JPEG."


def may_open(*, holds: bool, signed_by_them: bool, may_read: bool) -> bool:
    """Whether a person may see a read's images: its holder, its signer, and nobody else (DESIGN 2.1, worklist).

    Args:
        holds: the person's claim on the read is live.
        signed_by_them: the person signed the read.
        may_read: registration and privilege are in date.
    """
    return may_read and (holds or signed_by_them)
