"""Generated studies: marked, whole, correct in geometry, and true to what they say they show."""

import io
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.formats.pixels import thumbnail
from overread.site.demo.phantoms.head import make_head_ct
from overread.site.demo.phantoms.jaw import make_jaw_cbct
from overread.site.demo.phantoms.jaw_plan import canal, teeth
from overread.site.demo.phantoms.lumbar import LEVELS, make_lumbar_mri
from overread.site.demo.phantoms.marks import word_mask
from overread.site.demo.phantoms.study import Phantom, StudyPlan, Subject, generator, uid_of

ANNA = Subject("SYNTHETIC^ANNA", "P-1", "CLINIC", date(1961, 4, 12), "F", "9990000018")
PLAN = StudyPlan(datetime(2026, 3, 3, 9, 30, tzinfo=timezone(timedelta(0))), "ACC-1", "Generated Hospital", "CT Head")


def head(**changes: object) -> Phantom:
    return make_head_ct(ANNA, PLAN, **{"bleed": "left", "size": 128, "slices": 16, **changes})  # type: ignore[arg-type]


def small() -> dict[str, Phantom]:
    return {
        "head": head(),
        "lumbar": make_lumbar_mri(ANNA, PLAN, size=96, sagittal=5),
        "jaw": make_jaw_cbct(ANNA, PLAN, size=(84, 84, 66), spacing=1.2),
    }


def volume(datasets: list[Dataset]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values (Hounsfield units for CT) and the patient coordinates of every voxel of axial slices."""
    values, points = [], []
    for data in datasets:
        stored = np.frombuffer(data.PixelData, "<u2").reshape(data.Rows, data.Columns).astype(float)
        values.append(stored * float(data.get("RescaleSlope", 1)) + float(data.get("RescaleIntercept", 0)))
        rows, columns = np.mgrid[: data.Rows, : data.Columns]
        origin = np.array([float(v) for v in data.ImagePositionPatient])
        row, column = np.split(np.array([float(v) for v in data.ImageOrientationPatient]), 2)
        down, right = (float(v) for v in data.PixelSpacing)
        points.append(origin + columns[..., None] * right * row + rows[..., None] * down * column)
    grid = np.stack(points)
    return np.stack(values), grid[..., 0], grid[..., 1], grid[..., 2]


def series(phantom: Phantom, number: int) -> list[Dataset]:
    return [data for data in phantom.datasets if data.SeriesNumber == number]


@pytest.mark.parametrize("kind", ["head", "lumbar", "jaw"])
def test_every_object_is_whole_and_marked_as_generated(kind: str, tmp_path: Path) -> None:
    """Each file passes our own reception without a remark and says in five places that it was generated."""
    phantom = small()[kind]
    paths = phantom.write(tmp_path / kind)
    assert len(paths) == phantom.count == len(set(paths))
    for path in paths:
        header = read_header(path)
        assert header.problems == ()
        assert (header.study_uid, header.study_date) == (phantom.study_uid, PLAN.at.date())
        assert header.patient.name == "SYNTHETIC^ANNA"
        assert (header.patient.identifier, header.patient.issuer) == ("P-1", "CLINIC")
        assert (header.patient.birth_date, header.patient.age, header.patient.sex) == (date(1961, 4, 12), "064Y", "F")
        assert header.patient.other_identifiers == (("9990000018", "NHS"),)
        assert (header.accession, header.institution) == ("ACC-1", "Generated Hospital")
        assert header.manufacturer == "Overread phantom generator"
        assert header.model.startswith("GENERATED")
        assert header.series_description.endswith("GENERATED")
        assert header.pixels.burned_in == "NO"
        assert header.study_instances is None
        assert header.acquired_at(UTC) is not None
    for data in phantom.datasets:
        assert "GENERATED" in data.ImageComments
        pixels = np.frombuffer(data.PixelData, "<u2").reshape(data.Rows, data.Columns)
        mark = word_mask(data.Rows, data.Columns)
        assert len(np.unique(pixels[mark])) == 1
        assert pixels[mark][0] > np.median(pixels)


@pytest.mark.parametrize("kind", ["head", "lumbar", "jaw"])
def test_the_same_subject_and_plan_give_the_same_bytes(kind: str) -> None:
    """Generated studies are repeatable to the byte; another accession is another study of the same anatomy."""
    first, again = small()[kind], small()[kind]
    one, two = list(first.datasets), list(again.datasets)
    assert [data.SOPInstanceUID for data in one] == [data.SOPInstanceUID for data in two]
    assert all(a.PixelData == b.PixelData for a, b in zip(one, two, strict=True))
    assert one == two
    uids = [data.SOPInstanceUID for data in one]
    assert len(set(uids)) == len(uids)
    assert all(uid.startswith("2.25.") and len(uid) <= 44 for uid in (*uids, *first.series_uids, first.study_uid))
    assert {str(data.SeriesInstanceUID) for data in one} == set(first.series_uids)


@pytest.mark.parametrize(("kind", "number"), [("head", 2), ("lumbar", 1), ("jaw", 1)])
def test_stacks_are_regular(kind: str, number: int) -> None:
    """Slices of a stack are parallel and equally spaced along their normal, in order, with their stated thickness."""
    stack = series(small()[kind], number)
    assert len({tuple(map(float, data.ImageOrientationPatient)) for data in stack}) == 1
    row, column = np.split(np.array([float(v) for v in stack[0].ImageOrientationPatient]), 2)
    assert abs(np.dot(row, column)) < 1e-6
    heights = [float(np.dot(np.cross(row, column), [float(v) for v in data.ImagePositionPatient])) for data in stack]
    steps = [b - a for a, b in pairwise(heights)]
    assert np.allclose(steps, steps[0], atol=1e-4)
    assert abs(steps[0]) <= 5.0
    assert float(stack[0].SliceThickness) <= abs(steps[0]) + 1e-3
    assert [data.InstanceNumber for data in stack] == list(range(1, len(stack) + 1))


def test_a_bleed_is_where_the_truth_says() -> None:
    """Blood of about 65 HU lies at the stated centre with the stated volume, on the stated side, and nowhere else."""
    for side, sign in (("left", 1), ("right", -1)):
        phantom = head(bleed=side)
        (finding,) = phantom.truth.findings
        assert finding.side == side
        assert finding.centre[0] * sign > 15
        stack = series(phantom, 2)
        hu, x, y, z = volume(stack)
        away = np.sqrt((x - finding.centre[0]) ** 2 + (y - finding.centre[1]) ** 2 + (z - finding.centre[2]) ** 2)
        assert 58 < hu[away < 7].mean() < 72
        blood = (hu > 54) & (hu < 90) & (away < 32)
        centre = np.array([x[blood].mean(), y[blood].mean(), z[blood].mean()])
        assert np.linalg.norm(centre - finding.centre) < 3
        voxel = 0.001 * (230 / 128) ** 2 * float(stack[0].SliceThickness)
        assert blood.sum() * voxel == pytest.approx(finding.volume_ml, rel=0.25)
        mirrored = np.sqrt((x + finding.centre[0]) ** 2 + (y - finding.centre[1]) ** 2 + (z - finding.centre[2]) ** 2)
        assert hu[mirrored < 7].mean() < 45


def test_a_prior_shows_the_same_head_without_the_bleed() -> None:
    """A study without bleed has no findings and no blood, and the skull of the same person."""
    prior = make_head_ct(ANNA, replace(PLAN, at=PLAN.at - timedelta(days=400), accession="ACC-0"), size=128, slices=16)
    assert prior.truth.findings == ()
    assert prior.study_uid != head().study_uid
    old, x, y, z = volume(series(prior, 2))
    new, *_ = volume(series(head(), 2))
    (finding,) = head().truth.findings
    away = np.sqrt((x - finding.centre[0]) ** 2 + (y - finding.centre[1]) ** 2 + (z - finding.centre[2]) ** 2)
    assert old[away < 7].mean() < 45
    assert ((old > 800) == (new > 800)).mean() > 0.99


def test_head_tissues_have_their_hounsfield_units() -> None:
    """Air, skull, ventricle and brain have the values that a reader expects in a 40/80 window."""
    phantom = head(bleed=None, slices=39)
    stack = series(phantom, 2)
    assert (float(stack[0].WindowCenter), float(stack[0].WindowWidth)) == (40.0, 80.0)
    hu, x, y, z = volume(stack)
    assert hu[:, 60:64, 0:2].mean() == pytest.approx(-1000, abs=15)
    assert np.percentile(hu[(np.abs(x) < 20) & (np.abs(y) < 20) & (np.abs(z) < 60)], 50) == pytest.approx(30, abs=6)
    assert 3 < hu[(np.abs(x) < 1.2) & (np.abs(y - 2) < 8) & (np.abs(z - 2) < 5)].mean() < 14
    assert 820 < np.percentile(hu[hu > 600], 95) < 1100
    assert thumbnail(_file(stack[20])).startswith(b"\x89PNG")


def _file(data: Dataset) -> bytes:
    stream = io.BytesIO()
    data.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("level", "side"),
    [
        ("L4/L5", "left"),
        pytest.param("L5/S1", "right", marks=pytest.mark.slow),
        pytest.param("L2/L3", "left", marks=pytest.mark.slow),
    ],
)
def test_a_disc_protrusion_indents_the_sac_where_the_truth_says(level: str, side: str) -> None:
    """On T2 the stated place is dark inside the bright sac, on both the sagittal and the axial series."""
    phantom = make_lumbar_mri(ANNA, PLAN, level=level, side=side, size=144, sagittal=9)  # type: ignore[arg-type]
    (finding,) = phantom.truth.findings
    assert finding.where == level
    assert (finding.centre[0] > 0) == (side == "left")
    everything = list(phantom.datasets)
    for number in (1, 3):
        values, x, y, z = volume([data for data in everything if data.SeriesNumber == number])
        away = np.sqrt((x - finding.centre[0]) ** 2 + (y - finding.centre[1]) ** 2 + (z - finding.centre[2]) ** 2)
        assert (away < 3.5).any()
        assert values[away < 3.5].mean() < 320
        assert np.percentile(values[(away > 9) & (away < 18)], 95) > 900


def test_axial_slices_lie_along_the_discs() -> None:
    """The axial series has four parallel slices at each of five discs, tilted with them."""
    stack = series(make_lumbar_mri(ANNA, PLAN, size=64, sagittal=3), 3)
    tilts = [tuple(map(float, data.ImageOrientationPatient)) for data in stack]
    assert len(stack) == 20
    assert [len(set(tilts[index : index + 4])) for index in range(0, 20, 4)] == [1] * 5
    assert len(set(tilts)) == len(LEVELS)


@pytest.mark.slow
def test_the_nerve_canal_runs_where_the_truth_says() -> None:
    """Along the stated line the jaw is dark, and around it there is bone, on both sides; the lucency keeps clear of it."""
    phantom = make_jaw_cbct(ANNA, PLAN, size=(200, 200, 120), spacing=0.5)
    hu, x, y, z = volume(series(phantom, 1))
    for side in ("left", "right"):
        line = np.array(phantom.truth.polylines[f"inferior alveolar canal {side}"])
        assert (line[:, 0] > 0).all() == (side == "left")
        index = np.rint((line - (x.min(), y.min(), z.min())) / 0.5).astype(int)
        inside = ((index >= 0) & (index < (200, 200, 120))).all(axis=1)
        index = index[inside]
        assert np.mean(hu[index[:, 2], index[:, 1], index[:, 0]]) < 300
        around = hu[index[:, 2], index[:, 1], np.clip(index[:, 0] + 5, 0, 199)]
        assert np.median(around) > 300
    (finding,) = phantom.truth.findings
    assert (finding.kind, finding.where, finding.side) == ("periapical lucency", "FDI 35", "left")
    away = np.sqrt((x - finding.centre[0]) ** 2 + (y - finding.centre[1]) ** 2 + (z - finding.centre[2]) ** 2)
    assert np.percentile(hu[away < 2.2], 50) < 200
    nearest = np.linalg.norm(np.array(canal("left")) - finding.centre, axis=1).min()
    assert nearest > finding.size_mm[0] / 2 + 1.5
    assert (hu > 2200).sum() > 500


def test_teeth_are_numbered_from_the_patients_side() -> None:
    """28 teeth in FDI numbers: quadrants 2 and 3 on the patient's left, 1 and 2 in the upper jaw."""
    found = {tooth.fdi: tooth for tooth in teeth()}
    assert len(found) == 28
    for fdi, tooth in found.items():
        assert (tooth.x > 0) == (fdi[0] in "23")
        assert (tooth.up == 1) == (fdi[0] in "12")
        assert float(np.hypot(tooth.x, tooth.y + 42)) >= 2 or fdi[1] == "1"


def test_only_names_that_say_synthetic_are_allowed() -> None:
    """A generated study cannot carry a name that could be taken for a patient's."""
    with pytest.raises(ValueError, match="SYNTHETIC"):
        Subject("SMITH^JOHN", "1", "X", None, "M")
    nameless = make_head_ct(Subject("SYNTHETIC^NODOB", "1", "X", None, "O"), PLAN, size=64, slices=2, scout=False)
    data = next(iter(nameless.datasets))
    assert data.PatientBirthDate == ""
    assert "PatientAge" not in data


def test_uids_and_random_numbers_depend_on_their_parts_only() -> None:
    """The same parts give the same UID and the same numbers; other parts give others."""
    assert uid_of("a", 1) == uid_of("a", 1) != uid_of("a", 2)
    assert generator("a").random() == generator("a").random() != generator("b").random()


@pytest.mark.slow
def test_a_full_size_head_ct_is_made_in_seconds() -> None:
    """Forty slices of 512 x 512 cost seconds of processor time, not minutes."""
    began = time.process_time()
    assert len(list(make_head_ct(ANNA, PLAN, bleed="left").datasets)) == 41
    assert time.process_time() - began < 12.0  # a bound against a blunder, not a measurement


@pytest.mark.conformance
@pytest.mark.parametrize("kind", ["head", "lumbar", "jaw"])
def test_an_independent_validator_finds_no_error(kind: str, tmp_path: Path) -> None:
    """dciodvfy, which knows the standard and not us, reports no error in any series."""
    beside = Path(sys.executable).parent / "dciodvfy"
    tool = str(beside) if beside.exists() else shutil.which("dciodvfy")
    if tool is None:
        pytest.skip("NOT RUN: dciodvfy (dicom3tools) is not installed")
    seen = set()
    for path in small()[kind].write(tmp_path):
        if path.name.split("-")[0] in seen:
            continue
        seen.add(path.name.split("-")[0])
        said = subprocess.run([tool, str(path)], capture_output=True, text=True, timeout=60, check=False)
        assert "Error" not in said.stderr + said.stdout, said.stderr
