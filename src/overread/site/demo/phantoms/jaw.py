"""Jaw cone-beam CT: both arches with 28 teeth, nerve canals of known course, one periapical lucency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from overread.site.demo.phantoms.jaw_plan import FRONT, Arch, Point, Tooth, canal, teeth
from overread.site.demo.phantoms.objects import CT_IMAGE, Maker, Plane, SeriesPlan, hounsfield, stored_hounsfield
from overread.site.demo.phantoms.shapes import Folds, blurred, ellipsoid, grain
from overread.site.demo.phantoms.study import Array, Finding, Phantom, StudyPlan, Subject, Truth, generator

AIR, SOFT, CORTEX, SPONGE, ENAMEL, DENTINE, PULP, LIGAMENT, LUCENT, CANAL = (
    *(-1000.0, 45.0, 1450.0, 430.0, 2650.0, 1750.0, 90.0),
    *(150.0, 40.0, 110.0),
)
_MIDDLE: Final = (0.0, -8.0, 0.0)
"""Centre of the volume in patient mm."""
_CANAL_RADIUS: Final = 1.5
_LUCENCY_RADIUS: Final = 3.2
_LUCENT_TOOTH: Final = {"left": "35", "right": "45"}


@dataclass(frozen=True)
class _Box:
    """The voxels of the volume along x, y and z, in patient mm."""

    x: Array
    y: Array
    z: Array
    spacing: float

    def around(
        self, centre: Point, reach: tuple[float, float, float]
    ) -> tuple[tuple[slice, slice, slice], tuple[Array, Array, Array]]:
        """The part of the volume within `reach` of a point: its (z, y, x) slices and coordinates that broadcast."""
        parts = []
        for line, middle, far in zip((self.x, self.y, self.z), centre, reach, strict=True):
            first, last = np.searchsorted(line, (middle - far, middle + far))
            parts.append(slice(int(first), int(last)))
        x, y, z = self.x[parts[0]], self.y[parts[1]], self.z[parts[2]]
        return (parts[2], parts[1], parts[0]), (x[None, None, :], y[None, :, None], z[:, None, None])


def make_jaw_cbct(
    subject: Subject,
    study: StudyPlan,
    lucency: str = "left",
    size: tuple[int, int, int] = (250, 250, 200),
    spacing: float = 0.4,
) -> Phantom:
    """A cone-beam CT of both jaws of a generated person.

    Args:
        subject: the invented person; decides the bone's texture.
        study: when and where; decides noise and UIDs.
        lucency: side of the periapical lucency, at the lower second premolar.
        size: columns, rows and slices.
        spacing: edge of a voxel, mm, the same in all directions.
    """
    maker = Maker(subject, study, "jaw-cbct")
    box = _box(size, spacing)
    tooth = next(tooth for tooth in teeth() if tooth.fdi == _LUCENT_TOOTH[lucency])
    key = f"{subject.issuer}|{subject.patient_id}"

    def produce() -> Iterator[Dataset]:
        yield from _slices(maker, box, _volume(key, size, spacing, tooth))

    return Phantom(
        study_uid=maker.study_uid,
        series_uids=(maker.series_uid(1),),
        count=size[2],
        truth=_truth(lucency, tooth),
        produce=produce,
    )


def lucency_centre(tooth: Tooth) -> Point:
    """The lucency surrounds the tip of the root."""
    x, y, z = tooth.apex(0)
    return x, y, z + tooth.up * 0.8


def _truth(side: str, tooth: Tooth) -> Truth:
    across = 2 * _LUCENCY_RADIUS
    finding = Finding(
        kind="periapical lucency",
        side=side,
        centre=lucency_centre(tooth),
        size_mm=(across, across, across),
        volume_ml=float(4 / 3 * np.pi * _LUCENCY_RADIUS**3 / 1000),
        where=f"FDI {tooth.fdi}",
    )
    lines = {f"inferior alveolar canal {name}": canal(name) for name in ("left", "right")}
    return Truth((finding,), lines)


def _box(size: tuple[int, int, int], spacing: float) -> _Box:
    lines = [
        ((np.arange(count) - (count - 1) / 2) * spacing + middle).astype(np.float32)
        for count, middle in zip(size, _MIDDLE, strict=True)
    ]
    return _Box(lines[0], lines[1], lines[2], spacing)


def _slices(maker: Maker, box: _Box, volume: Array) -> Iterator[Dataset]:
    series = SeriesPlan(1, "CT", CT_IMAGE, "CBCT both jaws", "JAW", "dental CBCT", protocol="CBCT both jaws")
    random = generator("noise", maker.key)
    for instance in range(1, len(box.z) + 1):
        # From the crown of the head downwards would be as good; the first slice is the lowest.
        level = float(box.z[instance - 1])
        hu = blurred(volume[instance - 1].astype(np.float32))
        hu = hu + grain(random, (hu.shape[0], hu.shape[1]), 55.0)
        plane = Plane((float(box.x[0]), float(box.y[0]), level), (1, 0, 0), (0, 1, 0), (box.spacing,) * 2, box.spacing)
        data = maker.image(series, instance, plane, stored_hounsfield(hu, 2500.0))
        hounsfield(data, (800.0, 4000.0))
        data.KVP, data.XRayTubeCurrent, data.ExposureTime, data.Exposure = "90", 8, 9000, 72
        data.ConvolutionKernel, data.GantryDetectorTilt, data.ScanOptions = "CBCT", "0", "CONE BEAM"
        data.SpacingBetweenSlices = f"{box.spacing:.4f}"
        data.PatientPosition = "HFS"
        yield data


@lru_cache(maxsize=1)
def _volume(key: str, size: tuple[int, int, int], spacing: float, tooth: Tooth) -> Array:
    """The volume in HU, (slice, row, column), 16 bit; built once for a study."""
    box = _box(size, spacing)
    texture = Folds(generator("jaw", key), 4.5)
    volume = np.empty((len(box.z), len(box.y), len(box.x)), np.int16)
    _paint_bone(volume, box, texture)
    for name in ("left", "right"):
        _paint_canal(volume, box, canal(name))
    _paint_lucency(volume, box, lucency_centre(tooth))
    for each in teeth():
        _paint_tooth(volume, box, each)
    return volume


def _paint_bone(volume: Array, box: _Box, texture: Folds) -> None:
    """Soft tissue, airway, mandible with rami, maxilla with palate, sinuses and nose, slice by slice."""
    x, y = box.x[None, :], box.y[:, None]
    distance, place = _arch_map(Arch.make(), x, y)
    upper, _ = _arch_map(Arch.make(1.04), x, y)
    for index, level in enumerate(box.z):
        z = float(level)
        out = np.full(distance.shape, AIR, np.float32)
        face = (x / 60) ** 2 + (np.minimum(y + 5, 0) / (48 - 0.02 * abs(z + 8))) ** 2 + (np.maximum(y + 5, 0) / 90) ** 2
        out[face < 1] = SOFT
        out[ellipsoid(x, y, z, (0, 44, -5), (9, 7, 60)) < 1] = AIR
        out[ellipsoid(x, y, z, (0, -20, 3), (19, 17, 7)) < 1] = AIR
        out[ellipsoid(x, y, z, (0, -15, -9), (21, 26, 16)) < 1] = SOFT + 10
        sponge = SPONGE + 260 * texture.at(x, y, z)
        _paint_mandible(out, distance, place, z, sponge)
        _paint_maxilla(out, upper, x, y, z, sponge)
        out[ellipsoid(x, y, z, (0, 78, 0), (16, 14, 200)) < 1] = 700
        volume[index] = np.clip(out, -1000, 3000).astype(np.int16)


def _arch_map(arch: Arch, x: Array, y: Array) -> tuple[Array, Array]:
    """For each pixel of a plane: distance to the arch curve, and the length along it of the nearest point."""
    best = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf, np.float32)
    place = np.zeros_like(best)
    for px, py, length in zip(arch.x[::6], arch.y[::6], arch.length[::6], strict=True):
        squared = (x - np.float32(px)) ** 2 + (y - np.float32(py)) ** 2
        nearer = squared < best
        best[nearer], place[nearer] = squared[nearer], length
    return np.sqrt(best), np.abs(place)


def _paint_mandible(out: Array, distance: Array, place: Array, z: float, sponge: Array) -> None:
    """Body from the lower border to the crest; behind the molars it rises to the ramus and gets thinner."""
    rise = np.clip((place - 52) / 10, 0, 1)
    top = -9.5 + rise * 44
    bottom = -36 + np.clip((place - 56) / 22, 0, 1) * 14
    half = 6.6 - 1.6 * rise + 0.9 * np.clip((-z - 24) / 8, 0, 1) - 1.0 * np.clip((z + 16) / 8, 0, 1) * (1 - rise)
    chin = np.clip(1 - place / 16, 0, 1) * np.clip((-z - 18) / 14, 0, 1)
    half = half + 1.5 * chin
    inside = (distance < half) & (z < top) & (z > bottom) & (place < 78)
    shell = (distance > half - 1.7) | (z > top - 1.0) | (z < bottom + 2.6)
    out[inside] = np.where(shell, CORTEX, sponge)[inside]


def _paint_maxilla(out: Array, distance: Array, x: Array, y: Array, z: float, sponge: Array) -> None:
    """Alveolar process, palate, sinuses, nasal cavity with its septum, and the walls between them."""
    if z < 9.5:
        return
    side = np.abs(x)
    front = y < 14
    half = 6.2 - 0.6 * np.clip((14 - z) / 5, 0, 1)
    inside = (distance < half) & front & (z < 28)
    shell = (distance > half - 1.1) | (z < 10.6)
    out[inside] = np.where(shell, CORTEX * 0.85, sponge * 0.85)[inside]
    within = (side < 27) & (y > FRONT + 0.062 * x * x) & (y < 16)
    out[within & (abs(z - 24) < 1.4)] = CORTEX * 0.8
    sinus = ellipsoid(side, y, z, (25, -1, 37), (12, 19, 15))
    nose = ellipsoid(side, y, z, (0, -12, 38), (13, 28, 13))
    out[(sinus < 1.12) | ((nose < 1.12) & (z > 25))] = CORTEX * 0.75
    out[(sinus < 1) | ((nose < 1) & (z > 25))] = AIR
    turbinate = ellipsoid(side, y, z, (9, -8, 32), (2.5, 18, 4)) < 1
    out[turbinate | ((side < 1.0) & (nose < 1) & (z > 25))] = SOFT + 60


def _paint_canal(volume: Array, box: _Box, line: tuple[Point, ...]) -> None:
    """The canal with its thin bony wall; the wall is drawn first so that the bore stays open along its whole course."""
    reach = _CANAL_RADIUS + 1.2
    for radius, value, only_bone in ((_CANAL_RADIUS + 0.6, 1050.0, True), (_CANAL_RADIUS, CANAL, False)):
        for (x0, y0, z0), (x1, y1, z1) in pairwise(line):
            for share in (0.0, 0.5):
                centre = (x0 + share * (x1 - x0), y0 + share * (y1 - y0), z0 + share * (z1 - z0))
                where, (x, y, z) = box.around(centre, (reach, reach, reach))
                part = volume[where]
                inside = ellipsoid(x, y, z, centre, (radius, radius, radius)) < 1
                if only_bone:
                    inside = inside & (part > 150)
                part[inside] = value


def _paint_lucency(volume: Array, box: _Box, centre: Point) -> None:
    reach = _LUCENCY_RADIUS + 1.5
    where, (x, y, z) = box.around(centre, (reach, reach, reach))
    part = volume[where]
    away = ellipsoid(x, y, z, centre, (_LUCENCY_RADIUS,) * 3)
    part[(away < 1.45) & (part > 100)] = 1100
    part[away < 1] = LUCENT


def _paint_tooth(volume: Array, box: _Box, tooth: Tooth) -> None:
    """Ligament space, dentine, enamel cap and pulp, in the tooth's own frame."""
    middle = tooth.up * (tooth.neck + tooth.root_length) / 2
    wide = tooth.width + 3
    where, (x, y, z) = box.around((tooth.x, tooth.y, middle), (wide, wide, (tooth.neck + tooth.root_length) / 2 + 1.5))
    part = volume[where]
    if part.size == 0:
        return
    tx, ty = tooth.along
    along, across = (x - tooth.x) * tx + (y - tooth.y) * ty, (y - tooth.y) * tx - (x - tooth.x) * ty
    height = z * tooth.up
    root = np.minimum.reduce([_root(tooth, axis, along, across, height) for axis in tooth.roots])
    low = np.clip((height - 0.8) / 2.2, 0, 1)
    swell = 0.80 + 0.20 * np.sqrt(low) - 0.22 * np.clip((height - 5.5) / 2.8, 0, 1)
    crown = np.sqrt((along / (tooth.width / 2)) ** 2 + (across / (tooth.depth / 2)) ** 2) / swell
    in_crown = (crown < 1) & (height > 1.0) & (height < tooth.neck + 0.4)
    part[(root < 1.0) & (height >= tooth.neck - 0.5)] = LIGAMENT
    part[(root < 0.86) & (height >= tooth.neck - 0.5)] = DENTINE
    part[in_crown] = DENTINE
    enamel = in_crown & ((crown > 1 - 2.4 / tooth.width) | (height < 2.8)) & (height < tooth.neck - 0.4)
    part[enamel] = ENAMEL
    chamber = (crown < 0.30) & (height > 4.2) & (height < tooth.neck + 1.5)
    part[chamber] = PULP
    for axis in tooth.roots:
        tip = np.clip((height - tooth.neck) / tooth.root_length, 0, 1)
        radius = 0.75 - 0.35 * tip
        bore = np.hypot(along - axis[0] * (0.9 + 0.35 * tip), across - axis[1] * (0.9 + 0.35 * tip)) < radius
        part[bore & (height > tooth.neck) & (height < tooth.neck + tooth.root_length - 0.8)] = PULP


def _root(tooth: Tooth, axis: tuple[float, float], along: Array, across: Array, height: Array) -> Array:
    """Normalised distance from a root's axis; 1 on the outside of its ligament space."""
    tip = (height - tooth.neck) / (tooth.root_length + 0.5)
    taper = np.sqrt(np.clip(1 - np.clip(tip, 0, 1) ** 1.6, 1e-4, 1))
    share = 0.46 if len(tooth.roots) > 1 else 0.84
    deep = 0.80 if len(tooth.roots) == 2 else share
    spread = 0.9 + 0.35 * np.clip(tip, 0, 1)
    a = (along - axis[0] * spread) / (tooth.width / 2 * share * taper + 0.25)
    b = (across - axis[1] * spread) / (tooth.depth / 2 * deep * taper + 0.25)
    return np.where(tip > 1, np.inf, np.hypot(a, b))
