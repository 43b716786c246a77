"""What a compressed frame says of its own size, read before any decoder may allocate for it (RELIABILITY 0.6, B4).

A kilobyte of JPEG 2000 can ask for gigabytes. The size that the stream states must be the size that the DICOM header
states, which has been bounded before; otherwise the frame is not given to a decoder at all.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

_J2K_START: Final = b"\xff\x4f\xff\x51"
_J2K_SEARCHED: Final = 4096
_MOST_TILES: Final = 65_535
_FRAME_MARKERS: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF, 0xF7})
_BARE_MARKERS: Final = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
_BEST_RLE_RATIO: Final = 64
"""PackBits turns two bytes into at most 128 (PS3.5 G.3.1)."""


class Size(NamedTuple):
    """Rows, columns and samples of a frame."""

    rows: int
    columns: int
    samples: int


def jpeg_size(data: bytes) -> Size | None:
    """Size in the frame header (SOFn) of a JPEG or JPEG-LS stream; None when there is none."""
    position = 0
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            return None
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _BARE_MARKERS:
            position += 2
        elif marker in _FRAME_MARKERS:
            if position + 10 > len(data):
                return None
            rows, columns, samples = struct.unpack_from(">HHB", data, position + 5)
            return Size(rows, columns, samples)
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def jpeg2000_size(data: bytes) -> Size | None:
    """Size in the SIZ segment of a JPEG 2000 or HTJ2K stream, raw or in a JP2 file; None when it makes no sense."""
    found = _siz(data)
    if found is None:
        return None
    right, bottom, left, top, _, _, samples = found
    return Size(bottom - top, right - left, samples)


def too_many_tiles(data: bytes) -> bool:
    """Whether a JPEG 2000 stream is cut into more tiles than the format can number (ISO 15444-1 A.5.1)."""
    found = _siz(data)
    return found is not None and -(-found[0] // found[4]) * -(-found[1] // found[5]) > _MOST_TILES


def _siz(data: bytes) -> tuple[int, ...] | None:
    """Xsiz, Ysiz, XOsiz, YOsiz, XTsiz, YTsiz and the number of components."""
    start = data.find(_J2K_START, 0, _J2K_SEARCHED)
    if start < 0 or start + 42 > len(data):
        return None
    right, bottom, left, top, tile_width, tile_height = struct.unpack_from(">6I", data, start + 8)
    if not (right > left and bottom > top and tile_width and tile_height):
        return None
    return (right, bottom, left, top, tile_width, tile_height, int(struct.unpack_from(">H", data, start + 40)[0]))


def rle_can_hold(length: int, size: int) -> bool:
    """Whether `length` bytes of RLE can unpack to `size` bytes at all."""
    return size <= length * _BEST_RLE_RATIO
