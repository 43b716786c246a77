"""The test pattern as a PNG, drawn by us: patches, ramps, fine lines, frame and three faint digits (REQ-61).

It follows the ideas of the SMPTE and TG18-QC patterns and copies no file of either: 5 % and 95 % patches, sixteen grey steps
with faint corners, ramps of all 256 levels, lines of one pixel in the middle and the corners. Grey without gamma or colour
profile, so that the display is given the very values.
"""

import struct
import zlib
from typing import Any

import numpy as np

SIZE = 1024
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


def _lines(image: Any, top: int, left: int, side: int = 96) -> None:
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
        top, left = (300, 628)[row], 128 + column * 96
        box = image[top : top + 96, left : left + 96]
        box[:] = level
        box[8:28, 8:28] = min(255, level + 4)
        box[68:88, 68:88] = max(0, level - 4)


def pattern(digits: str) -> bytes:
    """The test pattern with three digits hidden in it, as a PNG of 1024 x 1024 grey pixels.

    Args:
        digits: three decimal digits: on black, on mid grey, on white.
    """
    image = np.full((SIZE, SIZE), 128, dtype=np.uint8)
    image[::128, :] = image[:, ::128] = 160  # a grid shows whether squares are square
    image[:3, :] = image[-3:, :] = image[:, :3] = image[:, -3:] = 255
    ramp = (np.arange(768) * 256 // 768).astype(np.uint8)
    image[128:224, 128:896] = ramp
    image[800:896, 128:896] = ramp[::-1]
    _patches(image)
    for number, (ground, level) in enumerate(FIELDS):
        left = 152 + number * 256
        image[420:604, left : left + 208] = ground
        _digit(image, digits[number], 442, left + 54, 20, level)
    for top, left in ((16, 16), (16, 912), (912, 16), (912, 912), (464, 24)):
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
