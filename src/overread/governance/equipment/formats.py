"""The test pattern as a PNG, drawn by us: patches, ramps, fine lines, frame and three faint digits (REQ-61).

It follows the ideas of the SMPTE and TG18-QC patterns and copies no file of either: 5 % and 95 % patches, sixteen grey steps
with faint corners, ramps of all 256 levels, lines of one pixel at the side and in the corners. Grey without gamma or colour
profile, so that the display is given the very values.
"""

import struct
import zlib
from typing import Any

import numpy as np

SIZE = 672  # pixels; it stands whole beside its questions on a window 1280 wide
_FONT = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "11110 00001 00001 01110 00001 00001 11110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
}
FIELDS = ((0, 13), (128, 131), (255, 242))
"""Background and digit of each faint field: 5 % on black, 1 % on mid grey, 95 % on white."""


def _digit(image: Any, digit: str, top: int, left: int, scale: int, level: int) -> None:
    for row, bits in enumerate(_FONT[digit].split()):
        for column, bit in enumerate(bits):
            if bit == "1":
                y, x = top + row * scale, left + column * scale
                image[y : y + scale, x : x + scale] = level


def _lines(image: Any, top: int, left: int, side: int = 64) -> None:
    """Lines one pixel and two pixels wide, upright and lying, in four quarters."""
    half = side // 2
    box = image[top : top + side, left : left + side]
    box[:] = 0
    box[:half, :half:2] = 255
    box[:half:2, half:] = 255
    box[half:, 0:half:4] = box[half:, 1:half:4] = 255
    box[half::4, half:] = box[half + 1 :: 4, half:] = 255


def _patches(image: Any) -> None:
    """Sixteen grey steps in a row of eight above and below the middle, each with two faint corners."""
    for number in range(16):
        level = round(number * 255 / 15)
        row, column = divmod(number, 8)
        top, left = (180, 428)[row], 80 + column * 64
        box = image[top : top + 64, left : left + 64]
        box[:] = level
        box[6:20, 6:20] = min(255, level + 4)
        box[44:58, 44:58] = max(0, level - 4)


def field(number: int) -> tuple[slice, slice]:
    """Where a faint field stands: rows and columns."""
    left = 80 + number * 184
    return slice(264, 408), slice(left, left + 144)


def pattern(digits: str) -> bytes:
    """The test pattern with three digits hidden in it, as a square PNG of grey pixels.

    Args:
        digits: three decimal digits: on black, on mid grey, on white.
    """
    image = np.full((SIZE, SIZE), 128, dtype=np.uint8)
    image[::84, :] = image[:, ::84] = 160  # a grid shows whether squares are square
    image[:3, :] = image[-3:, :] = image[:, :3] = image[:, -3:] = 255
    ramp = (np.arange(512) // 2).astype(np.uint8)
    image[92:156, 80:592] = ramp
    image[516:580, 80:592] = ramp[::-1]
    _patches(image)
    for number, (ground, level) in enumerate(FIELDS):
        rows, columns = field(number)
        image[rows, columns] = ground
        _digit(image, digits[number], rows.start + 16, columns.start + 32, 16, level)
    for top, left in ((12, 12), (12, 596), (596, 12), (596, 596), (304, 8)):
        _lines(image, top, left)
    return png(image)


def png(image: Any) -> bytes:
    """A grey image of eight bits as a PNG without gamma, so that every level reaches the display as it is."""
    height, width = image.shape
    rows = b"".join(b"\0" + image[y].tobytes() for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
