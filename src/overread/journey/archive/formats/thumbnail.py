"""A small picture of an object for lists: windowed as its header says, marked as nothing to read from."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image

from overread.journey.archive.formats.codecs import Pixels, decode
from overread.journey.archive.formats.frames import OpenObject, open_object
from overread.journey.archive.formats.part10 import Source

SIDE: Final = 128


def thumbnail(source: Source, side: int = SIDE, number: int | None = None) -> bytes:
    """A PNG of one frame, at most `side` pixels wide and high, with the pixels' real aspect.

    Args:
        source: path or bytes of a DICOM file.
        side: longest side in pixels.
        number: the frame, from 1; None takes the middle one.

    Raises:
        FrameError, DecodeError, Unreadable, OSError.
    """
    with open_object(source) as found:
        pixels = decode(found, number or (found.layout.frames + 1) // 2)
        grey = _coloured(pixels, found) if pixels.shape[-1] == 3 else _windowed(pixels[..., 0], found)
        spacing = found.values.numbers(0x00280030, 2) or (1.0, 1.0)
    image = Image.fromarray(grey)
    width, height = _size(image.size, spacing, side)
    stream = io.BytesIO()
    image.resize((width, height), Image.Resampling.BOX).save(stream, "PNG")
    return stream.getvalue()


def _size(size: tuple[int, int], spacing: tuple[float, ...], side: int) -> tuple[int, int]:
    row, column = (value if value > 0 else 1.0 for value in spacing[:2])
    width, height = size[0] * column, size[1] * row
    scale = side / max(width, height)
    return max(1, min(side, round(width * scale))), max(1, min(side, round(height * scale)))


def _coloured(pixels: Pixels, found: OpenObject) -> Pixels:
    if found.layout.bits_allocated != 8:
        pixels = pixels >> max(0, found.layout.bits_stored - 8)
    image = np.ascontiguousarray(pixels.astype(np.uint8))
    if found.layout.photometric == "YBR_FULL" and found.transfer_syntax.startswith("1.2.840.10008.1.2.5"):
        return np.asarray(Image.fromarray(image, "YCbCr").convert("RGB"))
    return image


def _windowed(stored: Pixels, found: OpenObject) -> Pixels:
    """Modality LUT (linear), then the window of PS3.3 C.11.2.1.2; without one, the middle 98 % of the values."""
    slope, intercept = found.values.numbers(0x00281053, 1), found.values.numbers(0x00281052, 1)
    values = stored.astype(np.float32) * (slope[0] if slope else 1.0) + (intercept[0] if intercept else 0.0)
    centre, width = found.values.numbers(0x00281050, 1), found.values.numbers(0x00281051, 1)
    if centre and width and width[0] >= 1:
        low, high = centre[0] - 0.5 - (width[0] - 1) / 2, centre[0] - 0.5 + (width[0] - 1) / 2
    else:
        low, high = (float(value) for value in np.percentile(values[::4, ::4], [1, 99]))
    grey = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * 255
    if found.layout.photometric == "MONOCHROME1":
        grey = 255 - grey
    return grey.astype(np.uint8)
