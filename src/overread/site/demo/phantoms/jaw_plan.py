"""The plan of a generated jaw: arch curve, teeth and nerve canals, in patient millimetres (LPS; z 0 is the bite)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from overread.site.demo.phantoms.study import Array

Side = Literal["left", "right"]
Point = tuple[float, float, float]

FRONT: Final = -42.0
"""Where the lower incisors stand, y in mm; the head looks towards negative y."""
_UPPER_WIDTHS: Final = (8.5, 6.5, 7.5, 7.0, 7.0, 10.0, 9.5)
_LOWER_WIDTHS: Final = (5.4, 5.9, 6.8, 7.0, 7.2, 11.0, 10.5)
_DEPTHS: Final = (6.5, 6.2, 7.8, 8.5, 8.8, 10.5, 10.2)
_ROOT_LENGTHS: Final = (12.5, 12.5, 15.5, 13.5, 13.5, 12.5, 12.0)


def arch_y(x: Array | float) -> Array | float:
    """The arch curve: a parabola open to the back."""
    return FRONT + 0.064 * x * x


@dataclass(frozen=True)
class Arch:
    """The arch curve sampled every 0.25 mm, with its length measured from the midline (negative on the right)."""

    x: Array
    y: Array
    length: Array

    @classmethod
    def make(cls, widen: float = 1.0) -> Arch:
        """The curve out to the rami; `widen` above 1 makes it wider (the upper arch stands outside the lower)."""
        x = np.linspace(-37.0, 37.0, 1201)
        y = np.asarray(arch_y(x))
        steps = np.hypot(np.diff(x), np.diff(y))
        length = np.concatenate([[0.0], np.cumsum(steps)])
        return cls(x * widen, y, length - length[len(length) // 2])

    def at(self, length: Array | float) -> tuple[Array, Array, Array, Array]:
        """x, y and the unit vector along the curve, at a length from the midline."""
        x, y = np.interp(length, self.length, self.x), np.interp(length, self.length, self.y)
        ahead_x = np.interp(np.asarray(length) + 0.5, self.length, self.x) - np.interp(
            np.asarray(length) - 0.5, self.length, self.x
        )
        ahead_y = np.interp(np.asarray(length) + 0.5, self.length, self.y) - np.interp(
            np.asarray(length) - 0.5, self.length, self.y
        )
        norm = np.hypot(ahead_x, ahead_y) + 1e-9
        return np.asarray(x), np.asarray(y), ahead_x / norm, ahead_y / norm


@dataclass(frozen=True)
class Tooth:
    """One tooth. `up` is +1 for the upper jaw: crown at |z| 1 to 8 mm, roots beyond. Widths in mm."""

    fdi: str
    x: float
    y: float
    along: tuple[float, float]
    width: float
    depth: float
    root_length: float
    roots: tuple[tuple[float, float], ...]
    """Offsets of the roots' axes (along the arch, across it)."""
    up: int

    @property
    def neck(self) -> float:
        """|z| of the cemento-enamel junction, mm."""
        return 8.0

    def apex(self, root: int) -> Point:
        """Tip of a root in patient mm."""
        along, across = self.roots[root]
        tx, ty = self.along
        x, y = self.x + 1.25 * (tx * along - ty * across), self.y + 1.25 * (ty * along + tx * across)
        return x, y, self.up * (self.neck + self.root_length)


def teeth() -> tuple[Tooth, ...]:
    """28 teeth in FDI notation; the patient's left is +x, so quadrants 2 and 3 are there."""
    result = []
    for up, widths, widen in ((1, _UPPER_WIDTHS, 1.04), (-1, _LOWER_WIDTHS, 1.0)):
        arch = Arch.make(widen)
        for sign in (1, -1):
            quadrant = {(1, 1): 2, (1, -1): 1, (-1, 1): 3, (-1, -1): 4}[(up, sign)]
            place = 0.2
            for index, width in enumerate(widths):
                x, y, tx, ty = arch.at(sign * (place + width / 2))
                place += width + 0.25
                molar = index >= 5
                roots: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
                if molar:
                    roots = ((-2.6, 0.0), (2.6, 0.0)) if up < 0 else ((-2.4, -2.2), (2.4, -2.2), (0.0, 2.8))
                result.append(
                    Tooth(
                        fdi=f"{quadrant}{index + 1}",
                        x=float(x),
                        y=float(y),
                        along=(float(tx), float(ty)),
                        width=width,
                        depth=_DEPTHS[index],
                        root_length=_ROOT_LENGTHS[index],
                        roots=roots,
                        up=up,
                    )
                )
    return tuple(result)


def canal(side: Side) -> tuple[Point, ...]:
    """The inferior alveolar nerve canal of one side, from the mandibular to the mental foramen, a point per millimetre.

    It enters the ramus on its inner side, sinks below the molars' roots and leaves outwards between the premolars.
    """
    sign = 1.0 if side == "left" else -1.0
    arch = Arch.make()
    knots = np.array([22.0, 24.0, 28.0, 34.0, 42.0, 50.0, 58.0, 66.0, 74.0])
    height = np.array([-23.0, -25.0, -27.2, -28.2, -28.2, -26.5, -21.0, -12.0, -2.0])
    across = np.array([6.0, 2.5, -0.5, -1.5, -1.5, -1.0, -0.5, -0.5, -1.5])
    place = np.linspace(knots[-1], knots[0], 66)
    x, y, tx, ty = arch.at(sign * place)
    outwards = _smooth(np.interp(place, knots, across))
    # The unit vector along the curve turned by a right angle points out of the arch: (ty, -tx).
    points = np.stack([x + outwards * ty, y - outwards * tx, _smooth(np.interp(place, knots, height))], axis=1)
    return tuple((float(px), float(py), float(pz)) for px, py, pz in points)


def _smooth(values: Array) -> Array:
    padded = np.pad(values, 4, mode="edge")
    return np.convolve(padded, np.ones(9) / 9, mode="valid")
