"""A head CT made of arithmetic: skull, brain, ventricles, a subdural collection on one side, and a prior without it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

ROOT = "2.25.4711"


@dataclass(frozen=True)
class Series:
    """What a generated series is: numbers for the UIDs, words, geometry in mm and degrees, and whether there is blood.

    `spacing` is "patient" (Pixel Spacing), "detector" (that of the detector in both attributes) or "none". `tilt` leans the gantry while the table moves along z, as head CT is often taken: the stack is then a sheared volume.
    """

    study: int
    number: int
    description: str
    kernel: str
    slices: int
    thickness: float
    date: str
    collection: bool = True
    size: int = 128
    tilt: float = 0.0
    modality: str = "CT"
    spacing: str = "patient"


def study_uid(number: int) -> str:
    """The UID of a generated study."""
    return f"{ROOT}.{number}"


def make(folder: Path, series: Series) -> list[Path]:
    """Write a series and return its files in order of position."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(series.slices):
        path = folder / f"{series.study}-{series.number}-{index + 1:03}.dcm"
        _slice(series, index).save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def _slice(series: Series, index: int) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = f"{ROOT}.{series.study}.{series.number}.{index + 1}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID = study_uid(series.study)
    ds.SeriesInstanceUID = f"{ROOT}.{series.study}.{series.number}"
    ds.FrameOfReferenceUID = f"{ROOT}.{series.study}.9999"
    ds.PatientName, ds.PatientID, ds.PatientSex, ds.PatientBirthDate = "PHANTOM^HEAD", "P-1", "O", "19550203"
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = series.date
    ds.StudyTime = ds.SeriesTime = "124700"
    ds.StudyID, ds.AccessionNumber, ds.StudyDescription = str(series.study), f"A{series.study}", "CT head"
    ds.Modality, ds.BodyPartExamined, ds.Manufacturer = series.modality, "HEAD", "Overread phantom"
    ds.SeriesNumber, ds.InstanceNumber = series.number, index + 1
    ds.SeriesDescription, ds.ConvolutionKernel = series.description, series.kernel
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    spacing = 220 / series.size
    z = index * series.thickness - 60
    ds.SliceThickness, ds.SliceLocation = series.thickness, z
    if series.spacing != "none":
        ds.PixelSpacing = [spacing, spacing]
    if series.spacing == "detector":
        ds.ImagerPixelSpacing = [spacing, spacing]
    lean = math.radians(series.tilt)
    down, up = round(math.cos(lean), 6), round(math.sin(lean), 6)
    ds.ImagePositionPatient = [-110, round(-110 * down, 4), round(z - 110 * up, 4)]
    ds.ImageOrientationPatient = [1, 0, 0, 0, down, up]
    ds.GantryDetectorTilt = series.tilt
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows = ds.Columns = series.size
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = 0, 1, "HU"
    ds.WindowCenter, ds.WindowWidth = 40, 100
    ds.PixelData = _pixels(series, z).tobytes()
    return ds


def _pixels(series: Series, z: float) -> np.ndarray:
    axis = (np.arange(series.size) - series.size / 2 + 0.5) * 220 / series.size
    x, y = np.meshgrid(axis, axis)
    ball = np.sqrt((x / 70) ** 2 + (y / 90) ** 2 + (z / 80) ** 2)
    image = np.full(x.shape, -1000.0)
    image[ball < 1.12] = 60  # scalp
    image[ball < 1.06] = 1200  # bone
    image[ball < 0.96] = 34  # brain
    image[((np.abs(x) - 14) / 7) ** 2 + (y / 25) ** 2 + (z / 25) ** 2 < 1] = 6  # ventricles
    if series.collection:
        image[(ball < 0.96) & (ball > 0.84) & (x > 15)] = 68  # blood on the patient's left
    noise = np.random.default_rng(series.study * 1000 + int(z * 10) % 997).normal(0, 3, image.shape)
    return np.clip(image + noise, -1024, 3000).astype("<i2")


def read(path: Path) -> pydicom.Dataset:
    """A generated file, as pydicom sees it."""
    return pydicom.dcmread(path)
