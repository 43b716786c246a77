"""Soft shapes and textures on coordinate grids; millimetres throughout."""

from __future__ import annotations

import numpy as np

from overread.site.demo.phantoms.study import Array


def ellipsoid(
    x: Array, y: Array, z: Array | float, centre: tuple[float, float, float], radii: tuple[float, float, float]
) -> Array:
    """Squared normalised distance: below 1 inside, 1 on the surface."""
    return ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2 + ((z - centre[2]) / radii[2]) ** 2


def blurred(image: Array) -> Array:
    """A 3 x 3 binomial blur in the plane: the point spread of a scanner, one pixel wide."""
    out = image.copy()
    out[1:-1] = (image[:-2] + 2 * image[1:-1] + image[2:]) / 4
    result = out.copy()
    result[:, 1:-1] = (out[:, :-2] + 2 * out[:, 1:-1] + out[:, 2:]) / 4
    return result


def grain(random: np.random.Generator, shape: tuple[int, int], sigma: float) -> Array:
    """Noise of standard deviation `sigma`, correlated between neighbours as filtered back projection leaves it."""
    white = random.standard_normal((shape[0] + 1, shape[1] + 1), dtype=np.float32)
    return (white[:-1, :-1] + white[1:, :-1] + white[:-1, 1:] + white[1:, 1:]) * np.float32(sigma / 2)


class Folds:
    """A smooth, wandering stripe pattern in space: gyri and sulci, bowel, trabeculae.

    Args:
        random: where its directions and phases come from.
        period: distance between stripes, mm.
    """

    def __init__(self, random: np.random.Generator, period: float) -> None:
        self._chains = []
        for _ in range(2):
            waves = []
            for stretch in (0.4, 1.0):
                direction = random.standard_normal(3)
                direction *= 2 * np.pi / period * stretch / np.linalg.norm(direction)
                waves.append((*(float(part) for part in direction), float(random.uniform(0, 2 * np.pi))))
            self._chains.append(waves)

    def at(self, x: Array, y: Array, z: Array | float) -> Array:
        """The pattern at these points, -1 to 1; its zero lines form a net, the folds."""
        result: Array | float = 1.0
        for waves in self._chains:
            phase: Array | float = 0.0
            for kx, ky, kz, shift in waves:
                phase = np.sin(kx * x + ky * y + kz * z + shift + 2.2 * phase)
            result = result * phase
        return np.asarray(result, np.float32)
