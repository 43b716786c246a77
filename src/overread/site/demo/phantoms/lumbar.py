"""Lumbar spine MRI: sagittal T2 and T1, axial T2 along the discs, with one disc protrusion of known place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from pydicom.dataset import Dataset

from overread.site.demo.phantoms.marks import word_mask
from overread.site.demo.phantoms.objects import MR_IMAGE, Maker, Plane, SeriesPlan
from overread.site.demo.phantoms.shapes import Folds, blurred, grain
from overread.site.demo.phantoms.study import Array, Finding, Phantom, StudyPlan, Subject, Truth, generator

Side = Literal["left", "right"]

_PERIOD, _BODY, _DEPTH, _WIDTH = 37.0, 27.0, 33.0, 46.0
_FIRST_DISC: Final = 62.0
"""Height along the spine of the disc L1/L2, mm; every next one is `_PERIOD` lower."""
LEVELS: Final = ("L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1")
_CONUS: Final = 70.0
_SAGITTAL_FIELD, _AXIAL_FIELD = 280.0, 180.0
_TISSUE: Final = {
    # name: (T2, T1) signal
    "air": (8.0, 8.0),
    "fat": (760.0, 950.0),
    "muscle": (190.0, 330.0),
    "marrow": (390.0, 560.0),
    "cortex": (40.0, 60.0),
    "disc": (560.0, 330.0),
    "worn": (210.0, 300.0),
    "annulus": (110.0, 210.0),
    "csf": (1150.0, 130.0),
    "cord": (480.0, 400.0),
    "roots": (560.0, 330.0),
    "ligament": (60.0, 90.0),
    "vessel": (40.0, 70.0),
    "bowel": (430.0, 380.0),
}


@dataclass(frozen=True)
class _Spine:
    """One person's spine: how much it curves, and which discs are worn (by level)."""

    curve: float
    worn: frozenset[int]
    folds: Folds
    protrusion: int
    side: Side

    @property
    def sign(self) -> float:
        """+1 towards the patient's left (x), -1 towards the right."""
        return 1.0 if self.side == "left" else -1.0

    def middle(self, z: Array) -> Array:
        """How far back (y, mm) the middle of the vertebral bodies lies at height z: lordosis, then the sacrum."""
        return -self.curve * np.exp(-(((z + 30) / 62) ** 2)) + 0.0075 * np.clip(-z - 82, 0, None) ** 2

    def slope(self, z: Array) -> Array:
        """d(middle)/dz."""
        return (self.middle(z + 0.5) - self.middle(z - 0.5)).astype(np.float32)

    def disc_height(self, level: int) -> float:
        """The z of the middle of a disc."""
        return _FIRST_DISC - level * _PERIOD


def make_lumbar_mri(
    subject: Subject,
    study: StudyPlan,
    level: str = "L4/L5",
    side: Side = "left",
    size: int = 384,
    sagittal: int = 15,
) -> Phantom:
    """An MRI of the lumbar spine of a generated person with one disc protrusion.

    Args:
        subject: the invented person; decides the anatomy.
        study: when and where; decides noise and UIDs.
        level: of the protrusion, one of `LEVELS`.
        side: to which it points.
        size: rows and columns of every image.
        sagittal: number of sagittal slices, 4.4 mm apart; the axial series has 4 slices at each of 5 discs.
    """
    maker = Maker(subject, study, "lumbar-mri")
    random = generator("spine", subject.issuer, subject.patient_id)
    where = LEVELS.index(level)
    worn = frozenset({where, *(index for index in range(5) if random.random() < 0.25)})
    spine = _Spine(random.uniform(14, 20), worn, Folds(random, 24.0), where, side)

    def produce() -> Iterator[Dataset]:
        yield from _sagittal(maker, spine, size, sagittal, weighting=0)
        yield from _sagittal(maker, spine, size, sagittal, weighting=1)
        yield from _axial(maker, spine, size)

    return Phantom(
        study_uid=maker.study_uid,
        series_uids=tuple(maker.series_uid(number) for number in (1, 2, 3)),
        count=2 * sagittal + 20,
        truth=_truth(spine, level),
        produce=produce,
    )


def _truth(spine: _Spine, level: str) -> Truth:
    x, y, z, radii = _protrusion(spine)
    volume = 4 / 3 * np.pi * radii[0] * radii[1] * radii[2] / 1000
    size = (2 * radii[0], 2 * radii[1], 2 * radii[2])
    return Truth((Finding("disc protrusion", spine.side, (x, y, z), size, float(volume), level),))


def _protrusion(spine: _Spine) -> tuple[float, float, float, tuple[float, float, float]]:
    """Centre in patient mm and radii (across, forwards, along the spine) of the protruded disc."""
    height = spine.disc_height(spine.protrusion)
    slope = float(spine.slope(np.array(height, np.float32)))
    back = _DEPTH / 2 + 1.0
    cos, sin = 1 / np.hypot(1, slope), slope / np.hypot(1, slope)
    y = float(spine.middle(np.array(height, np.float32)) + back * cos)
    return spine.sign * 5.0, y, float(height - back * sin), (8.5, 6.0, 5.5)


def _sagittal(maker: Maker, spine: _Spine, size: int, slices: int, weighting: int) -> Iterator[Dataset]:
    name = ("T2", "T1")[weighting]
    series = SeriesPlan(
        1 + weighting, "MR", MR_IMAGE, f"Sagittal {name}", "LSPINE", "lumbar MRI", 1 + 4 * weighting, image_type=_TYPE
    )
    random = generator("noise", maker.key, name)
    spacing = _SAGITTAL_FIELD / size
    line = ((np.arange(size) - (size - 1) / 2) * spacing).astype(np.float32)
    y, z = (line + 20)[None, :], (-line - 10)[:, None]
    for instance in range(1, slices + 1):
        x = ((slices - 1) / 2 - (instance - 1)) * 4.4
        image = signal(spine, np.full((1, 1), x, np.float32), y, z, weighting)
        plane = Plane((x, float(y[0, 0]), float(z[0, 0])), (0, 1, 0), (0, 0, -1), (spacing, spacing), 4.0)
        yield _image(maker, series, instance, plane, image, random, weighting)


def _axial(maker: Maker, spine: _Spine, size: int) -> Iterator[Dataset]:
    series = SeriesPlan(3, "MR", MR_IMAGE, "Axial T2 discs", "LSPINE", "lumbar MRI", 9, image_type=_TYPE)
    random = generator("noise", maker.key, "axial")
    spacing = _AXIAL_FIELD / size
    line = ((np.arange(size) - (size - 1) / 2) * spacing).astype(np.float32)
    instance = 0
    for level in range(5):
        height = spine.disc_height(level)
        slope = float(spine.slope(np.array(height, np.float32)))
        back, up = np.array((0.0, 1.0, -slope)), np.array((0.0, slope, 1.0))
        back, up = back / np.linalg.norm(back), up / np.linalg.norm(up)
        depth = float(spine.middle(np.array(height, np.float32))) + 25.0
        middle: Array = np.array([0.0, depth, height - 25.0 * slope])
        for step in (1.5, 0.5, -0.5, -1.5):
            instance += 1
            origin = middle + step * 4.0 * up
            x = line[None, :]
            y = (origin[1] + line * back[1]).astype(np.float32)[:, None]
            z = (origin[2] + line * back[2]).astype(np.float32)[:, None]
            image = signal(spine, x, y, z, 0)
            column = (0.0, float(back[1]), float(back[2]))
            plane = Plane((float(line[0]), float(y[0, 0]), float(z[0, 0])), (1, 0, 0), column, (spacing, spacing), 4.0)
            yield _image(maker, series, instance, plane, image, random, 0)


_TYPE: Final = ("ORIGINAL", "PRIMARY", "OTHER")


def _image(
    maker: Maker,
    series: SeriesPlan,
    instance: int,
    plane: Plane,
    image: Array,
    random: np.random.Generator,
    weighting: int,
) -> Dataset:
    real, imaginary = grain(random, image.shape, 16.0), grain(random, image.shape, 16.0)
    noisy = np.hypot(blurred(image) + real, imaginary)
    marked = np.where(word_mask(*image.shape), 1400.0, noisy)
    data = maker.image(series, instance, plane, np.clip(np.rint(marked), 0, 4095).astype(np.uint16))
    data.ScanningSequence, data.SequenceVariant, data.ScanOptions = "SE", "SK", ""
    data.MRAcquisitionType, data.SequenceName = "2D", ("tse2d", "se2d")[weighting]
    data.RepetitionTime, data.EchoTime = (("3500", "105"), ("550", "10"))[weighting]
    data.EchoTrainLength, data.NumberOfAverages = (15, 3)[weighting], "2"
    data.MagneticFieldStrength, data.ImagingFrequency, data.ImagedNucleus = "1.5", "63.87", "1H"
    data.FlipAngle, data.SpacingBetweenSlices, data.InPlanePhaseEncodingDirection = "150", "4.4", "COL"
    data.WindowCenter, data.WindowWidth = (("550", "1200"), ("450", "1000"))[weighting]
    return data


def signal(spine: _Spine, x: Array, y: Array, z: Array, weighting: int) -> Array:
    """Signal at these points; arrays that broadcast to one plane. `weighting` 0 is T2, 1 is T1.

    `across` is the distance from the bodies' middle towards the back and `along` the height measured along the spine,
    so that end plates and discs stand square to the curve.
    """
    x, y, z = (np.asarray(part, np.float32) for part in np.broadcast_arrays(x, y, z))
    slope = spine.slope(z)
    length = np.hypot(1, slope)
    across = (y - spine.middle(z)) / length
    along = z + across * slope
    paint = {name: np.float32(values[weighting]) for name, values in _TISSUE.items()}
    out = np.full(x.shape, paint["air"], np.float32)
    _paint_trunk(out, paint, spine, x, y, z)
    _paint_bodies(out, paint, spine, x, across, along)
    _paint_arches(out, paint, x, across, along)
    _paint_canal(out, paint, x, across, along)
    _paint_protrusion(out, paint, spine, x, y, z)
    return out


Paint = dict[str, np.float32]


def _paint_trunk(out: Array, paint: Paint, spine: _Spine, x: Array, y: Array, z: Array) -> None:
    """Skin and fat, muscles behind and beside the spine, bowel and the great vessels in front."""
    trunk = (x / 150) ** 2 + ((y + 10) / 112) ** 2
    out[trunk < 1] = paint["fat"]
    out[trunk < 0.66] = paint["muscle"]
    inside = (y < -32) & (trunk < 0.6)
    texture = 1 + 0.45 * spine.folds.at(x, y, z)
    out[inside] = (paint["bowel"] * texture)[inside]
    psoas = ((np.abs(x) - 42) / 19) ** 2 + ((y + 6) / 21) ** 2 < 1
    erector = ((np.abs(x) - 27) / 24) ** 2 + ((y - 58) / 20) ** 2 < 1
    streaks = 1 + 0.25 * spine.folds.at(2 * x, 2 * y, z)
    out[erector | psoas] = (paint["muscle"] * streaks)[erector | psoas]
    front = spine.middle(z) - _DEPTH / 2 - 13
    out[((x - 8) / 9) ** 2 + ((y - front) / 9) ** 2 < 1] = paint["vessel"]
    out[((x + 15) / 11) ** 2 + ((y - front) / 8) ** 2 < 1] = paint["vessel"] * 2


def _paint_bodies(out: Array, paint: Paint, spine: _Spine, x: Array, across: Array, along: Array) -> None:
    """Vertebral bodies with end plates, discs between them; below L5/S1 the sacrum."""
    place = (along - _FIRST_DISC) / _PERIOD
    level = np.rint(-place)
    offset = (place + level) * _PERIOD
    sacral = level > 4.3
    half = np.where(sacral, 2.0, (_PERIOD - _BODY) / 2 - 1.2 * np.isin(level, list(spine.worn)))
    waist = 1 - 0.10 * np.cos(np.pi * offset / (_PERIOD / 2)) ** 2
    taper = np.where(sacral, np.clip(1 - (level - 4) * 0.16, 0.3, 1), 1.0)
    shape = np.abs(across / (_DEPTH / 2 * taper)) ** 3 + np.abs(x / (_WIDTH / 2 * taper)) ** 3
    bone = (shape < 1 - 0.35 * (1 - waist) * 4) & (np.abs(offset) >= half)
    plate = np.abs(np.abs(offset) - half) < 0.9
    rim = (shape > 0.86) & bone
    out[bone] = paint["marrow"]
    out[bone & (plate | rim)] = paint["cortex"]
    vein = (np.abs(np.abs(offset) - _PERIOD / 2) < 1.6) & (across > 5) & bone & (np.abs(x) < 4)
    out[vein] = paint["csf"] * 0.6 + paint["marrow"] * 0.4
    disc = (shape < 1.06) & (np.abs(offset) < half)
    out[disc] = paint["annulus"]
    nucleus = disc & (shape < 0.42) & (np.abs(offset) < half - 1.0) & ~sacral
    worn = np.isin(level, list(spine.worn))
    out[nucleus & ~worn] = paint["disc"]
    out[nucleus & worn] = paint["worn"]


def _paint_canal(out: Array, paint: Paint, x: Array, across: Array, along: Array) -> None:
    """Epidural fat, the sac with its CSF, the cord down to the conus and the roots of the cauda equina."""
    middle = _DEPTH / 2 + 10.0
    sac = (x / 9.0) ** 2 + ((across - middle) / 7.6) ** 2
    low = along > -128
    canal = (x / 11.5) ** 2 + ((across - middle - 0.8) / 9.8) ** 2 < 1
    out[canal & (along > -150)] = paint["fat"]
    out[(sac < 1.12) & low] = paint["ligament"]
    out[(sac < 1) & low] = paint["csf"]
    narrow = np.clip((along - _CONUS + 14) / 20, 0.01, 1)
    cord = (x / (5.2 * narrow)) ** 2 + ((across - middle) / (4.2 * narrow)) ** 2
    out[(cord < 1) & (along > _CONUS - 14)] = paint["cord"]
    strands = (np.sin(1.9 * x + 0.01 * along) * np.sin(2.3 * (across - 0.02 * along)) > 0.45) & (sac < 0.85)
    out[strands & (across > middle + 1.0) & (along < _CONUS) & low] = paint["roots"]


def _paint_arches(out: Array, paint: Paint, x: Array, across: Array, along: Array) -> None:
    """Pedicles, facets, laminae and spinous processes, with ligament and fat between them."""
    offset = (along - _FIRST_DISC) / _PERIOD
    offset = (offset - np.rint(offset)) * _PERIOD
    above = along > -110
    pedicle = (np.abs(np.abs(x) - 15) < 4) & (across > 12) & (across < 36) & (np.abs(np.abs(offset) - 11) < 6)
    lamina = (np.abs(across - 38 - 0.35 * np.abs(x)) < 3.2) & (np.abs(x) < 17) & (np.abs(np.abs(offset) - 15) < 9)
    spinous = (
        (np.abs(x) < 3.2) & (across > 38) & (across < 66) & (np.abs(np.abs(offset + 0.25 * (across - 50)) - 14) < 9)
    )
    facet = ((np.abs(x) - 19) / 7) ** 2 + ((across - 34) / 8) ** 2 + (offset / 13) ** 2 < 1
    between = (np.abs(x) < 2.5) & (across > 38) & (across < 68) & above
    out[between] = paint["fat"] * 0.7
    for part in (facet, pedicle, lamina, spinous):
        out[part & above] = paint["marrow"]
    joint = (np.abs(np.abs(x) - 19 + 0.3 * (across - 34)) < 0.9) & facet & above
    out[joint] = paint["csf"] * 0.7
    flavum = (np.abs(across - 34.5 - 0.3 * np.abs(x)) < 1.6) & (np.abs(x) < 13) & (np.abs(offset) < 9) & above
    out[flavum] = paint["ligament"] * 2


def _paint_protrusion(out: Array, paint: Paint, spine: _Spine, x: Array, y: Array, z: Array) -> None:
    cx, cy, cz, radii = _protrusion(spine)
    slope = float(spine.slope(np.array(cz, np.float32)))
    length = np.hypot(1, slope)
    forwards, upwards = ((y - cy) - slope * (z - cz)) / length, ((z - cz) + slope * (y - cy)) / length
    inside = ((x - cx) / radii[0]) ** 2 + (forwards / radii[1]) ** 2 + (upwards / radii[2]) ** 2
    out[inside < 1.15] = paint["ligament"]
    out[inside < 0.95] = paint["worn"]
