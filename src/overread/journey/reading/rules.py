"""Who may see a read's images, and how much of them was displayed: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LARGEST_PICTURE: Final = 2 * 1024 * 1024
PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"

KEYS: Final = (
    ("Alt+A", "Alert: then 1 critical, 2 urgent, 3 cancer, 4 unexpected"),
    ("Ctrl+Enter", "Read once more and sign"),
    ("Ctrl+S", "Save now (it saves by itself)"),
    ("Alt+1", "First section of the report; to Alt 7"),
    ("Alt+C", "First check that is not met"),
    ("M", "Last measurement into the text"),
    ("N", "Next case"),
    ("Up", "Image before; Down the next"),
    ("PageUp", "Series before; PageDown the next"),
    ("Home", "First image; End the last"),
    ("G", "Next image not shown yet"),
    ("1", "Window presets, to 9"),
    ("L", "Length; B bidirectional, A angle, E ellipse, H value"),
    ("I", "Keep a key image; Shift I puts it into the text"),
    ("X", "Reformats on and off; Shift X crosshair"),
    ("S", "Slab of reformats; plus and minus change it"),
    ("P", "Prior on and off; Shift P the next"),
    ("Space", "Cine"),
)
"""The keys of the reading room besides those that stand on its buttons: (key, what it does)."""


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
