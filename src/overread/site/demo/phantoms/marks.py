"""The word GENERATED, drawn into a corner of every image, so that no picture of it can pass as a patient's."""

from __future__ import annotations

from typing import Final

import numpy as np

from overread.site.demo.phantoms.study import Array

WORD: Final = "GENERATED"
_GLYPHS: Final = {
    "G": ("01110", "10001", "10000", "10111", "10001", "10001", "01110"),
    "E": ("11111", "10000", "10000", "11110", "10000", "10000", "11111"),
    "N": ("10001", "11001", "10101", "10011", "10001", "10001", "10001"),
    "R": ("11110", "10001", "10001", "11110", "10100", "10010", "10001"),
    "A": ("01110", "10001", "10001", "11111", "10001", "10001", "10001"),
    "T": ("11111", "00100", "00100", "00100", "00100", "00100", "00100"),
    "D": ("11110", "10001", "10001", "10001", "10001", "10001", "11110"),
}


def word_mask(rows: int, columns: int) -> Array:
    """True where the word stands: top left, about a fifth of the width, two pixels to a dot on large images, so that it stays legible when they are shown smaller."""
    lines = [" ".join(_GLYPHS[letter][row] for letter in WORD).replace(" ", "0") for row in range(7)]
    glyphs = np.array([[dot == "1" for dot in line] for line in lines])
    scale = max(1, columns // 256)
    glyphs = glyphs.repeat(scale, axis=0).repeat(scale, axis=1)
    mask = np.zeros((rows, columns), bool)
    top, left = max(1, rows // 64), max(1, columns // 64)
    height, width = min(glyphs.shape[0], rows - top), min(glyphs.shape[1], columns - left)
    mask[top : top + height, left : left + width] = glyphs[:height, :width]
    return mask
