"""Transfer syntaxes that are received, and what each means for the pixels. Source: PS3.5 section 10 and annex A."""

from __future__ import annotations

from typing import Final

NATIVE: Final = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
"""Implicit little, explicit little and explicit big endian: pixels without compression."""

RLE: Final = "1.2.840.10008.1.2.5"
ENCAPSULATED_NATIVE: Final = "1.2.840.10008.1.2.1.98"
HTJ2K_LOSSLESS: Final = "1.2.840.10008.1.2.4.201"
HTJ2K_LOSSLESS_RPCL: Final = "1.2.840.10008.1.2.4.202"

_JPEG: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70))
_JPEG_LS: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (80, 81))
_JPEG_2000: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92, 93))
_HTJ2K: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (201, 202, 203))
_VIDEO: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (100, 101, 102, 103, 104, 105, 106, 107, 108))

ENDS_WITH_MARKER: Final = frozenset(_JPEG + _JPEG_LS + _JPEG_2000 + _HTJ2K)
"""Codestreams that close with the marker FF D9 (EOI or EOC)."""

VIDEO: Final = frozenset(_VIDEO)
"""One stream for all frames: fragments do not correspond to frames."""

ENCAPSULATED: Final = frozenset({RLE, ENCAPSULATED_NATIVE}) | ENDS_WITH_MARKER | VIDEO
SUPPORTED: Final = NATIVE | ENCAPSULATED

ALWAYS_LOSSY: Final = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"}) | VIDEO
MAY_BE_LOSSY: Final = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (81, 91, 93, 203))
"""Lossy unless (0028,2110) says 00 (H14: when in doubt the badge is shown)."""


def is_lossy(transfer_syntax: str, stated: str) -> bool:
    """Whether the pixels may have lost something; `stated` is (0028,2110) Lossy Image Compression, "" if absent."""
    if stated == "01" or transfer_syntax in ALWAYS_LOSSY:
        return True
    return transfer_syntax in MAY_BE_LOSSY and stated != "00"
