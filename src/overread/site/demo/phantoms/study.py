"""What a caller says of a generated study, and what it gets back."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset

NAMESPACE: Final = uuid.UUID("f1f0a3c2-7a56-5a0e-9d3b-6f7a1f2f4c10")
"""All UIDs of generated objects are name-based UUIDs (version 5) in this namespace, written under 2.25 (PS3.5 B.2)."""


@dataclass(frozen=True)
class Subject:
    """The invented person. `name` is a DICOM person name and must begin with SYNTHETIC; `sex` is M, F or O."""

    name: str
    patient_id: str
    issuer: str
    birth_date: date | None
    sex: str
    nhs_number: str = ""

    def __post_init__(self) -> None:
        if not self.name.startswith("SYNTHETIC"):
            raise ValueError("the name of a generated patient begins with SYNTHETIC")


@dataclass(frozen=True)
class StudyPlan:
    """When, where and as what the study was "made".

    `at` is the local time of the first image; when it is aware its offset is written. `seed` varies noise and UIDs;
    the anatomy depends on the subject only, so that two studies of one subject show the same person.
    """

    at: datetime
    accession: str
    institution: str
    description: str = ""
    study_id: str = "1"
    referrer: str = ""
    station: str = "GENERATOR"
    seed: int = 0


@dataclass(frozen=True)
class Finding:
    """A thing that was put into the images on purpose. `centre` is in patient coordinates (LPS), millimetres."""

    kind: str
    side: str
    centre: tuple[float, float, float]
    size_mm: tuple[float, float, float]
    volume_ml: float
    where: str = ""


@dataclass(frozen=True)
class Truth:
    """All that is known of the images: findings, and named 3-D polylines in patient millimetres."""

    findings: tuple[Finding, ...] = ()
    polylines: dict[str, tuple[tuple[float, float, float], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Phantom:
    """A generated study. `datasets` makes its objects one by one, each time anew and always the same."""

    study_uid: str
    series_uids: tuple[str, ...]
    count: int
    truth: Truth
    produce: Callable[[], Iterator[Dataset]]

    @property
    def datasets(self) -> Iterator[Dataset]:
        """The objects of the study, series by series, in the order of the instance numbers."""
        return self.produce()

    def write(self, folder: Path) -> list[Path]:
        """Write every object as a DICOM file into `folder` (made if absent); returns the paths in order."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for dataset in self.datasets:
            path = folder / f"S{int(dataset.SeriesNumber):03d}-I{int(dataset.InstanceNumber):04d}.dcm"
            dataset.save_as(path, enforce_file_format=True)
            paths.append(path)
        return paths


def uid_of(*parts: object) -> str:
    """The UID that belongs to these parts: the same parts always give the same UID."""
    return f"2.25.{uuid.uuid5(NAMESPACE, '|'.join(map(str, parts))).int}"


def study_key(subject: Subject, plan: StudyPlan, kind: str) -> str:
    """What makes a generated study itself."""
    return "|".join((kind, subject.issuer, subject.patient_id, plan.accession, plan.at.isoformat(), str(plan.seed)))


def generator(*parts: object) -> np.random.Generator:
    """Random numbers that depend on these parts only, the same on every machine."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def number(value: float) -> str:
    """A decimal string of at most 16 characters (PS3.5 DS)."""
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


Array = np.ndarray[Any, np.dtype[Any]]
