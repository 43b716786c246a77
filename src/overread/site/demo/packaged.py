"""Real DICOM files that come with pydicom, for the ways that a study does not go straight to a reader.

The generated studies are whole and in order. A demonstration also needs what goes wrong: no date of birth, a child's
age, a file cut short, an object that is no image, bytes that are no DICOM. These few small files are installed with
pydicom anyway, so nothing is downloaded and nothing is copied into this project. Where each comes from and under which
licence is written in docs/reference/real-dicom-licences.md; a file whose hash differs from the list is not used.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import pydicom


class Use(StrEnum):
    """What a file shows."""

    NO_BIRTH_DATE = "no-birth-date"
    """An adult by PatientAge, without a date of birth: held until the client gives the date."""
    CHILD_AGE = "child-age"
    """PatientAge 000Y and no date of birth: held, and nothing says that the patient is an adult."""
    BAD_BIRTH_DATE = "bad-birth-date"
    """A date of birth in the year 1111."""
    DAMAGED = "damaged"
    """An image whose pixels end early: stored and held as damaged."""
    NOT_AN_IMAGE = "not-an-image"
    """An electrocardiogram and a structured report: readable, but nothing to look at."""
    OUT_OF_SCOPE = "out-of-scope"
    """Ultrasound: not in an agreement about CT, MRI and dental CBCT."""
    FOREIGN_NAME = "foreign-name"
    """A name in Latin, ideographic and phonetic characters (PS3.5 H.3.1)."""
    REFUSED = "refused"
    """Deflated, cut in its header, wrongly encoded, without study UID, gzip, and a DICOMDIR: each with its reason."""


@dataclass(frozen=True)
class PackagedFile:
    """One file of an installed package."""

    use: Use
    path: Path
    sha256: str


_LIST: Final = (
    (
        Use.NO_BIRTH_DATE,
        "test_files/dicomdirtests/98892001/CT5N/2062",
        "27f8126485634a817f0941cc727094e8cfacb18341fbc317d175ff373804118b",
    ),
    (
        Use.NO_BIRTH_DATE,
        "test_files/dicomdirtests/98892001/CT5N/2392",
        "02b0af20eeae95f6d42554c53a630babaa5ed2519657208137d3c7418b6acb81",
    ),
    (
        Use.NO_BIRTH_DATE,
        "test_files/dicomdirtests/98892001/CT5N/2693",
        "6020fdffd513017e7b2d5dc52435b2bbf27209aabee183a30207a149dccecb2e",
    ),
    (
        Use.NO_BIRTH_DATE,
        "test_files/dicomdirtests/98892001/CT5N/3023",
        "4f7f4f2b3c79acdd5e0fc23fdd9f6bae6e6da9dccfadd1f9147b7bff53756653",
    ),
    (
        Use.NO_BIRTH_DATE,
        "test_files/dicomdirtests/98892001/CT5N/3353",
        "5eaa662118b8d87601a14231893cb7ecf1737a434c95120cfb4076cfce667b18",
    ),
    (Use.CHILD_AGE, "test_files/CT_small.dcm", "3dd31e5cc835b3f2cdd46c9da1982f59251e78518fefa8163d914631c66437d6"),
    (
        Use.BAD_BIRTH_DATE,
        "test_files/examples_overlay.dcm",
        "112539bc17c0e281987397e827dff9e99890109866d570f08761f83b8f55c277",
    ),
    (Use.DAMAGED, "test_files/MR_truncated.dcm", "a3f26c279dd214951d32a1548362df3c93f9730135fa893a01552c0e632f587f"),
    (
        Use.NOT_AN_IMAGE,
        "test_files/waveform_ecg.dcm",
        "72f1cb0e65e8023321acdaa5425c44125cd507f5aaa148f7fe10516e1d2e688a",
    ),
    (Use.NOT_AN_IMAGE, "test_files/test-SR.dcm", "eebf00a37e97503b5a65022f9c2f89db6e8dac4cc632682aa3456aee1b6c177e"),
    (
        Use.OUT_OF_SCOPE,
        "test_files/examples_rgb_color.dcm",
        "bdd7f166ccef2dbd7ea9fc601ac25811f45aa623493b86cec0979b47109b83d4",
    ),
    (Use.FOREIGN_NAME, "charset_files/chrH31.dcm", "37b1165fc2b35cbe12f0b036a439d1c69412adb34ce5a387d23191fc2d285f48"),
    (Use.REFUSED, "test_files/image_dfl.dcm", "0029ebbba17e7c6f081408d433cd28b5d1cfee0eeb4cff509b4d972ffa9daf27"),
    (
        Use.REFUSED,
        "test_files/rtplan_truncated.dcm",
        "15009ec7713dc53b95adfd4e1a692885240ddd34a0f18f52c0327a05cacbfd53",
    ),
    (Use.REFUSED, "test_files/SC_rgb_jpeg.dcm", "868ec7a87827844f66be5fd25c01dc76d3a87dd72b69e06c4651c28aac9ade5f"),
    (
        Use.REFUSED,
        "test_files/SC_rgb_jls_lossy_line.dcm",
        "34fc0ba5adab81baf72ee509d468f8aecdff0d24069ac7be62db074420f18a54",
    ),
    (Use.REFUSED, "test_files/zipMR.gz", "752a2cd0480ab947019c5d5e8d29ca297a6806681c9b21d5a1d74d81f215edeb"),
    (
        Use.REFUSED,
        "test_files/dicomdirtests/DICOMDIR",
        "b9bf631bb20f9276118bafab094291bae3721bccd25bf4bef18474aae5d60498",
    ),
)


def packaged_files(*uses: Use) -> tuple[PackagedFile, ...]:
    """The files that are installed and unchanged, in the order of the list.

    Args:
        uses: only files for these uses; none means all.
    """
    folder = Path(pydicom.__file__).parent / "data"
    found = []
    for use, name, sha256 in _LIST:
        path = folder / name
        if (uses and use not in uses) or not path.is_file():
            continue
        if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            found.append(PackagedFile(use, path, sha256))
    return tuple(found)
