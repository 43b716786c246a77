"""Head CT without contrast: skull, brain, ventricles, and a left or right bleed of known place and volume."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from pydicom.dataset import Dataset

from overread.site.demo.phantoms.objects import CT_IMAGE, Maker, Plane, SeriesPlan, hounsfield, stored_hounsfield
from overread.site.demo.phantoms.shapes import Folds, blurred, ellipsoid, grain
from overread.site.demo.phantoms.study import Array, Finding, Phantom, StudyPlan, Subject, Truth, generator

Side = Literal["left", "right"]

AIR, FAT, SKIN, CSF, WHITE, GREY, FALX, BLOOD, OEDEMA = -1000.0, -80.0, 45.0, 6.0, 28.0, 37.0, 48.0, 66.0, 19.0
FIELD_OF_VIEW: Final = 230.0
"""Width of the image, mm: 0.45 mm pixels at 512."""
_TOP, _BOTTOM, _THICKEST = 88.0, -68.0, 5.0
_INNER: Final = (67.0, 84.0, 70.0)
_BLEED: Final = ((27.0, 4.0, 10.0), (14.0, 20.0, 16.0))
_WINDOW: Final = (40.0, 80.0)


@dataclass(frozen=True)
class _Head:
    """One person's head: sizes and fold pattern come from the subject, the bleed from the study."""

    width: float
    length: float
    folds: Folds
    bleed: Side | None

    @property
    def sign(self) -> float:
        """+1 on the patient's left (x grows to the left), -1 on the right, 0 without a bleed."""
        return {"left": 1.0, "right": -1.0, None: 0.0}[self.bleed]


def make_head_ct(
    subject: Subject,
    study: StudyPlan,
    bleed: Side | None = None,
    size: int = 512,
    slices: int = 40,
    scout: bool = True,
) -> Phantom:
    """A non-contrast head CT of a generated person.

    Args:
        subject: the invented person; decides the anatomy.
        study: when and where; decides noise and UIDs.
        bleed: side of an acute basal ganglia bleed, or None (for instance for a prior study).
        size: rows and columns.
        slices: number of axial slices, at most 5 mm thick; fewer than 32 cover only the middle of the head.
        scout: add a lateral scanogram as series 1.
    """
    maker = Maker(subject, study, "head-ct")
    random = generator("head", subject.issuer, subject.patient_id)
    head = _Head(random.uniform(0.96, 1.03), random.uniform(0.96, 1.03), Folds(random, 22.0), bleed)
    thickness = min(_THICKEST, (_TOP - _BOTTOM) / slices)
    middle = 10.0 if thickness == _THICKEST else (_TOP + _BOTTOM) / 2
    levels = [middle + (index - (slices - 1) / 2) * thickness for index in range(slices)]

    def produce() -> Iterator[Dataset]:
        if scout:
            yield _scout(maker, head, size)
        yield from _axial(maker, head, size, levels, thickness)

    numbers = (1, 2) if scout else (2,)
    return Phantom(
        study_uid=maker.study_uid,
        series_uids=tuple(maker.series_uid(number) for number in numbers),
        count=slices + int(scout),
        truth=_truth(head, size, levels, thickness),
        produce=produce,
    )


def _grid(size: int) -> tuple[Array, Array, float]:
    spacing = FIELD_OF_VIEW / size
    line = ((np.arange(size) - (size - 1) / 2) * spacing).astype(np.float32)
    return line[None, :], line[:, None], spacing


def _axial(maker: Maker, head: _Head, size: int, levels: list[float], thickness: float) -> Iterator[Dataset]:
    series = SeriesPlan(2, "CT", CT_IMAGE, "Head axial", "HEAD", "head CT", minutes=2, protocol="Head without contrast")
    random = generator("noise", maker.key)
    x, y, spacing = _grid(size)
    for instance, level in enumerate(levels, 1):
        hu = blurred(head_slice(head, x, y, level)) + grain(random, (size, size), 3.5)
        plane = Plane((float(x[0, 0]), float(y[0, 0]), level), (1, 0, 0), (0, 1, 0), (spacing, spacing), thickness)
        data = maker.image(series, instance, plane, stored_hounsfield(hu, 120.0))
        _exposure(data, thickness)
        yield data


def _exposure(data: Dataset, thickness: float) -> None:
    hounsfield(data, _WINDOW)
    data.KVP, data.XRayTubeCurrent, data.ExposureTime, data.Exposure = "120", 250, 1000, 250
    data.ConvolutionKernel, data.GantryDetectorTilt, data.TableHeight = "BRAIN", "0", "150"
    data.DataCollectionDiameter, data.ReconstructionDiameter = "250", "230"
    data.FilterType, data.ScanOptions, data.SpacingBetweenSlices = "HEAD", "AXIAL", f"{thickness:.3f}"
    data.ContrastBolusAgent = ""


def head_slice(head: _Head, x: Array, y: Array, z: float) -> Array:
    """Hounsfield units of the axial plane at height `z`; x to the patient's left, y to the back, mm."""
    inner = ellipsoid(x, y, z, (0, 0, 0), (_INNER[0] * head.width, _INNER[1] * head.length, _INNER[2]))
    depth = (np.sqrt(inner) - 1) * 76.0
    hu = np.full(np.broadcast_shapes(x.shape, y.shape), AIR, np.float32)
    hu[depth < 15.0] = SKIN
    hu[(depth < 13.0) & (depth >= 8.0)] = FAT
    hu[(depth < 8.5) & (depth >= 6.8)] = SKIN
    hu[(depth < 7.0) & (depth >= 0)] = 950.0
    hu[(depth < 5.0) & (depth >= 2.0)] = 480.0
    rows, columns = np.nonzero((depth < 0).any(axis=1))[0], np.nonzero((depth < 0).any(axis=0))[0]
    if len(rows):
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        _paint_brain(hu[box], head, x[:, box[1]], y[box[0]], z, depth[box])
    if z < -28:
        _paint_base(hu, x, y, z, depth)
    _paint_rest(hu, x, y, depth)
    return hu


def _paint_brain(hu: Array, head: _Head, x: Array, y: Array, z: float, depth: Array) -> None:
    """Tissue inside the skull; `hu` and `depth` are the window of the plane around it, changed in place."""
    brain = depth < 0
    near = np.exp(-(((y - 4) / 38) ** 2) - ((z - 10) / 30) ** 2)
    moved = x + head.sign * 4.0 * near
    fold = np.abs(head.folds.at(moved, y, z))
    cortex = depth > -17.0 - 4.0 * fold
    tissue = np.full(hu.shape, WHITE, np.float32)
    tissue[(depth > -4.0) | (cortex & (fold < 0.42))] = GREY
    tissue[cortex & (fold < 0.09) & (depth > -15.0)] = CSF + 8
    tissue[depth > -1.6] = CSF + 4
    _paint_deep(tissue, moved, y, z)
    _paint_posterior(tissue, moved, y, z, depth)
    _paint_fluid(tissue, moved, y, z)
    if head.bleed:
        lesion = bleed_distance(head, x, y, z)
        tissue[(lesion < 1.55) & (tissue > 15)] = OEDEMA
        tissue[lesion < 1.0] = BLOOD
    hu[brain] = tissue[brain]


def _paint_deep(tissue: Array, x: Array, y: Array, z: float) -> None:
    """Deep grey matter on both sides, the falx, and the usual calcifications."""
    side = np.abs(x)
    for centre, radii in (
        ((12.0, 10.0, 6.0), (8.5, 14.0, 9.0)),
        ((13.0, -22.0, 10.0), (5.0, 9.0, 11.0)),
        ((25.0, -4.0, 3.0), (6.5, 16.0, 10.0)),
    ):
        tissue[ellipsoid(side, y, z, centre, radii) < 1] = GREY + 1
    if z > 18:
        tissue[side < 0.9] = FALX
    elif z > -20:
        tissue[(side < 0.9) & ((y < -38) | (y > 40))] = FALX
    tissue[ellipsoid(x, y, z, (0, 24, 4), (2.2, 2.8, 3.5)) < 1] = 130.0


def _paint_posterior(tissue: Array, x: Array, y: Array, z: float, depth: Array) -> None:
    """Brainstem and cerebellum below the tentorium."""
    if z > -14:
        return
    cerebellum = (ellipsoid(x, y, z, (0, 48, -38), (52, 32, 26)) < 1) & (depth < -1.5)
    leaves = np.abs(np.sin(np.sqrt(x**2 + (y - 40) ** 2) * 1.1 + 0.4 * z))
    tissue[cerebellum] = np.where(leaves[cerebellum] < 0.3, GREY - 3, GREY + 1)
    tissue[ellipsoid(x, y, z, (0, 8, -34), (24, 13, 13)) < 1] = CSF + 2
    tissue[ellipsoid(x, y, z, (0, 18, -38), (15, 13, 40)) < 1] = WHITE + 3


def _paint_fluid(tissue: Array, x: Array, y: Array, z: float) -> None:
    """Ventricles, cisterns and Sylvian fissures."""
    side = np.abs(x)
    bend = side - 6.0 - 0.0045 * (y + 8) ** 2
    width = 4.6 * np.sqrt(np.clip(1 - ((y + 4) / 37) ** 2, 0, 1)) * max(0.0, 1 - ((z - 15) / 11) ** 2) ** 0.5
    horns = np.abs(bend) < width
    bodies = ellipsoid(side, y, z, (10.5, 0, 24), (6, 34, 6)) < 1
    trigones = ellipsoid(side, y, z, (23, 34, 10), (6.5, 15, 9)) < 1
    temporal = ellipsoid(side, y, z, (30, 4, -18), (2.6, 15, 4)) < 1
    third = ellipsoid(side, y, z, (0, 2, 2), (2.4, 14, 11)) < 1
    fourth = ellipsoid(side, y, z, (0, 34, -36), (6.5, 5, 8)) < 1
    fissure = (np.abs(y + 14 + 0.35 * (side - 46)) < 1.9) & (side > 34) & (side < 63) & (np.abs(z) < 17)
    suprasellar = ellipsoid(side, y, z, (0, -14, -20), (15, 11, 7)) < 1
    tissue[horns | bodies | trigones | temporal | third | fourth] = CSF
    tissue[fissure | suprasellar] = CSF + 3
    tissue[ellipsoid(side, y, z, (22, 30, 11), (2.5, 4, 3)) < 1] = 110.0


def _paint_base(hu: Array, x: Array, y: Array, z: float, depth: Array) -> None:
    """Petrous bones with air cells, orbits and sinuses: enough of the base to know where one is."""
    side, inside = np.abs(x), depth < 6
    face = ellipsoid(x, y, z, (0, -42, -58), (64, 58, 46))
    hu[(face < 1) & (hu < FAT - 1)] = SKIN
    hu[(face < 0.9) & (face > 0.74) & (depth > 14)] = FAT
    along = (side - 38) * 0.78 - (y - 8) * 0.62
    across = (side - 38) * 0.62 + (y - 8) * 0.78
    ridge = ((along / 29) ** 2 + (across / 8.5) ** 2 + ((z + 40) / 11) ** 2) < 1
    hu[ridge & inside] = 1050.0
    cells = ellipsoid(side, y, z, (56, 26, -46), (10, 13, 15)) < 1
    hu[cells & inside] = np.where(np.sin(1.9 * x) * np.sin(1.7 * y) > 0.1, -650.0, 600.0)[cells & inside]
    hu[(ellipsoid(side, y, z, (0, -30, -46), (20, 24, 13)) < 1) & inside] = 650.0
    hu[ellipsoid(side, y, z, (0, -38, -52), (13, 17, 9)) < 1] = -900.0
    orbit = ellipsoid(side, y, z, (31, -62, -42), (19, 27, 17))
    hu[orbit < 1.25] = 700.0
    hu[orbit < 1] = FAT
    hu[ellipsoid(side, y, z, (31, -70, -42), (12.5, 12.5, 12.5)) < 1] = 12.0
    hu[(np.abs(side - 27 - 0.12 * (y + 58)) < 2.4) & (orbit < 0.95) & (y > -58)] = 35.0
    hu[(ellipsoid(side, y, z, (6, -68, -50), (6, 18, 14)) < 1)] = -850.0


def _paint_rest(hu: Array, x: Array, y: Array, depth: Array) -> None:
    """The scanner's head rest behind the head."""
    radius = np.sqrt(x**2 + (y + 10) ** 2)
    shell = (radius > 110) & (radius < 114) & (y > 45)
    hu[shell & (depth > 15)] = -120.0


def bleed_distance(head: _Head, x: Array, y: Array, z: float) -> Array:
    """Below 1 inside the bleed; its surface is uneven."""
    centre = (_BLEED[0][0] * head.sign, _BLEED[0][1], _BLEED[0][2])
    uneven = 0.16 * np.sin(0.45 * x + 0.3 * z) * np.sin(0.38 * y - 0.2 * z)
    return ellipsoid(x, y, z, centre, _BLEED[1]) + uneven


def _truth(head: _Head, size: int, levels: list[float], thickness: float) -> Truth:
    """Centre and volume of the bleed as it was sampled into the voxels."""
    if head.bleed is None:
        return Truth()
    x, y, spacing = _grid(size)
    count, total = 0, np.zeros(3)
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for level in levels:
        rows, columns = np.nonzero(bleed_distance(head, x, y, level) < 1)
        if not len(rows):
            continue
        points = np.stack([x[0, columns], y[rows, 0], np.full(len(rows), level)])
        count, total = count + len(rows), total + points.sum(axis=1)
        low, high = np.minimum(low, points.min(axis=1)), np.maximum(high, points.max(axis=1))
    if not count:
        return Truth()
    centre = total / count
    extent = high - low + (spacing, spacing, thickness)
    volume = count * spacing * spacing * thickness / 1000
    finding = Finding(
        kind="acute intracerebral bleed",
        side=head.bleed,
        centre=(float(centre[0]), float(centre[1]), float(centre[2])),
        size_mm=(float(extent[0]), float(extent[1]), float(extent[2])),
        volume_ml=float(volume),
        where="basal ganglia",
    )
    return Truth((finding,))


def _scout(maker: Maker, head: _Head, size: int) -> Dataset:
    """A lateral scanogram: the sum of the head along x, seen from the left."""
    series = SeriesPlan(
        1,
        "CT",
        CT_IMAGE,
        "Scanogram lateral",
        "HEAD",
        "head CT",
        protocol="Head without contrast",
        image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"),
    )
    rows = max(32, size // 3)
    line = np.linspace(-115, 115, rows, dtype=np.float32)
    spacing = 230.0 / (rows - 1)
    heights = np.linspace(110.0, -120.0, rows)
    across = np.linspace(-115, 115, 93, dtype=np.float32)[None, :]
    shadow = np.stack(
        [np.maximum(head_slice(head, across, line[:, None], float(z)) + 1000, 0).mean(axis=1) for z in heights]
    )
    plane = Plane((0.0, -115.0, 110.0), (0, 1, 0), (0, 0, -1), (spacing, spacing), 1.0)
    data = maker.image(series, 1, plane, stored_hounsfield(blurred(shadow) - 200, 700.0))
    _exposure(data, 1.0)
    data.WindowCenter, data.WindowWidth = "200", "900"
    del data.RescaleType  # the shadow's values are no Hounsfield units
    return data
