"""Every real series of the shared test data through reader, frames, lossless copy, thumbnail and metadata."""

import json
import warnings
from collections import Counter
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from overread.journey.archive.formats.codecs import decode
from overread.journey.archive.formats.frames import open_object
from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.formats.part10 import split_part10, wrap_part10
from overread.journey.archive.formats.pixels import FrameError, dicom_json, frame_bytes, htj2k, thumbnail
from overread.journey.archive.rules import InstanceHeader, Problem, Unreadable

DATA = Path(__file__).parents[6] / "shared" / "data" / "dicom"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.conformance,
    pytest.mark.skipif(not DATA.is_dir(), reason="NOT RUN: ../shared/data/dicom is not on this machine"),
]

WHOLE_SETS = (
    *("ct-ge-hispeed-head", "ct-philips-ingenuity-head-phantom", "cbct-varian-obi-catphan", "panoramic-opg"),
    *("mr-ge-genesis", "mr-ge-signa-axial-age028Y", "mr-ge-prostate-adc", "ct-ge-lightspeed-with-seg-sr"),
    *("mr-canon-galan-dti", "mr-ge-750-fmri", "mr-siemens-skyra-mosaic", "mr-philips-fmri-phantom"),
    *("mr-siemens-qt2-age010Y", "transfer-syntaxes", "odd-stacks", "burned-in-and-photo"),
)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _headers(folder: Path) -> list[tuple[Path, InstanceHeader]]:
    return [(path, read_header(path)) for path in _files(folder)]


@pytest.mark.parametrize("name", WHOLE_SETS)
def test_every_object_of_a_real_set_is_read_as_complete(name: str) -> None:
    """No real, whole object of any maker is refused or held as damaged."""
    headers = _headers(DATA / name)
    assert headers
    assert [(path.name, header.damage) for path, header in headers if header.damage] == []


@pytest.mark.parametrize("name", [*WHOLE_SETS, "enhanced-multiframe"])
def test_real_pixels_reach_the_viewer_unchanged(name: str) -> None:
    """Frame, bit-exact lossless copy, thumbnail and metadata are made of each real object that holds an image."""
    made: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # pydicom's remarks on real headers
        for path, header in _headers(DATA / name):
            json.dumps(dicom_json(path), allow_nan=False)
            if not header.is_image or not header.complete:
                continue
            made[_check(path, header)] += 1
    assert made


def _check(path: Path, header: InstanceHeader) -> str:
    stored, syntax = frame_bytes(path, header.pixels.frames)
    copy, copy_syntax = htj2k(path, header.pixels.frames)
    if copy_syntax.endswith(".4.201") and syntax != copy_syntax:
        with open_object(path) as found:
            assert np.array_equal(imagecodecs.htj2k_decode(copy).ravel(), decode(found, header.pixels.frames).ravel())
    else:
        assert copy == stored
    assert thumbnail(path).startswith(b"\x89PNG")
    return copy_syntax


def test_compressed_reference_images_decode_to_the_uncompressed_one() -> None:
    """JPEG lossless, JPEG-LS, JPEG 2000 and RLE versions of NEMA's images equal the uncompressed reference (H13)."""
    compared = 0
    for reference in _files(DATA / "transfer-syntaxes" / "REF"):
        image = reference.name.split("_")[0]
        for kind in ("J2KR", "JLSL", "JPLL", "RLE"):
            path = DATA / "transfer-syntaxes" / kind / f"{image}_{kind}"
            if path.exists() and not read_header(path).pixels.photometric.startswith("YBR"):
                assert np.array_equal(_pixels(path), _pixels(reference)), path.name
                compared += 1
    assert compared == 25


def _pixels(path: Path) -> np.ndarray:
    with open_object(path) as found:
        return decode(found, 1)


def test_odd_files_are_refused_or_held_and_never_crash() -> None:
    """Of the odd files each is read, held or refused with a reason; those known to be damaged are held."""
    outcome: Counter[str] = Counter()
    held: dict[str, tuple[Problem, ...]] = {}
    for path in _files(DATA / "odd-pydicom") + _files(DATA / "enhanced-multiframe"):
        try:
            header = read_header(path)
        except Unreadable as refusal:
            outcome[refusal.reason] += 1
            continue
        outcome["held" if header.damage else "read"] += 1
        held[path.name] = header.damage
        if header.is_image and header.complete:
            try:
                thumbnail(path)
            except FrameError:
                outcome["no picture"] += 1
    assert Problem.CUT_SHORT in held["MR_truncated.dcm"]
    assert Problem.SEQUENCE_OPEN in held["emri_small_jpeg_2k_lossless_too_short.dcm"]
    assert outcome["read"] > 100
    assert outcome["no picture"] <= 2


def test_the_senders_bytes_survive_storage() -> None:
    """Taken apart and wrapped again, each real object has the same data set bytes and the same header."""
    for path in _files(DATA / "ct-ge-hispeed-head")[:3] + _files(DATA / "mr-ge-genesis")[:3]:
        header = read_header(path)
        meta, dataset = split_part10(path)
        content = wrap_part10(dataset, header.sop_class, header.sop_instance, meta.transfer_syntax, "TEST")
        assert split_part10(content)[1] == dataset
        assert read_header(content).patient == header.patient
