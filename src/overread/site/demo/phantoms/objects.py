"""DICOM objects of generated studies: the attributes that every image shares (PS3.3 A.3, A.4, C.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from overread.site.demo.phantoms.marks import word_mask
from overread.site.demo.phantoms.study import Array, StudyPlan, Subject, number, study_key, uid_of

MANUFACTURER: Final = "Overread phantom generator"
COMMENT: Final = "GENERATED. Not a person; not for clinical use."
CT_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.2"
MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"
_NHS_ROOT: Final = "2.16.840.1.113883.2.1.4.1"


@dataclass(frozen=True)
class SeriesPlan:
    """One series: what it is called, and where it stands in the study. `minutes` after the study's start."""

    number: int
    modality: str
    sop_class: str
    description: str
    body_part: str
    model: str
    minutes: float = 0.0
    protocol: str = ""
    image_type: tuple[str, ...] = ("ORIGINAL", "PRIMARY", "AXIAL")


@dataclass(frozen=True)
class Plane:
    """Where an image lies: position of the first pixel, directions of row and column, spacing (row, column), mm."""

    position: tuple[float, float, float]
    row: tuple[float, float, float]
    column: tuple[float, float, float]
    spacing: tuple[float, float]
    thickness: float


class Maker:
    """Makes the objects of one study.

    Args:
        subject: the invented person.
        plan: when, where and as what.
        kind: word for the kind of study, part of its UIDs.
    """

    def __init__(self, subject: Subject, plan: StudyPlan, kind: str) -> None:
        self.subject = subject
        self.plan = plan
        self.key = study_key(subject, plan, kind)
        self.study_uid = uid_of(self.key)
        self.frame_uid = uid_of(self.key, "frame")

    def series_uid(self, number: int) -> str:
        """The UID of series `number` of this study."""
        return uid_of(self.key, number)

    def image(self, series: SeriesPlan, instance: int, plane: Plane, pixels: Array) -> Dataset:
        """An image object with all but the attributes of its own modality; `pixels` are stored values, 16 bit."""
        data = Dataset()
        data.file_meta = self._meta(series, instance)
        moment = self.plan.at + timedelta(minutes=series.minutes, seconds=0.5 * instance)
        data.SpecificCharacterSet = "ISO_IR 192"
        data.ImageType = list(series.image_type)
        data.SOPClassUID = series.sop_class
        data.SOPInstanceUID = uid_of(self.key, series.number, instance)
        self._patient(data)
        self._study(data)
        self._series(data, series, moment)
        self._place(data, series, instance, plane)
        self._pixels(data, pixels)
        return data

    def _meta(self, series: SeriesPlan, instance: int) -> FileMetaDataset:
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = UID(series.sop_class)
        meta.MediaStorageSOPInstanceUID = UID(uid_of(self.key, series.number, instance))
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        return meta

    def _patient(self, data: Dataset) -> None:
        subject, plan = self.subject, self.plan
        data.PatientName, data.PatientID = subject.name, subject.patient_id
        data.IssuerOfPatientID = subject.issuer
        data.PatientBirthDate = subject.birth_date.strftime("%Y%m%d") if subject.birth_date else ""
        data.PatientSex = subject.sex
        if subject.birth_date:
            born, day = subject.birth_date, plan.at.date()
            years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
            data.PatientAge = f"{years:03d}Y"
        if subject.nhs_number:
            qualifier, item = Dataset(), Dataset()
            qualifier.UniversalEntityID, qualifier.UniversalEntityIDType = _NHS_ROOT, "ISO"
            item.PatientID, item.IssuerOfPatientID = subject.nhs_number, "NHS"
            item.TypeOfPatientID = "TEXT"
            item.IssuerOfPatientIDQualifiersSequence = Sequence([qualifier])
            data.OtherPatientIDsSequence = Sequence([item])
        data.PatientComments = COMMENT

    def _study(self, data: Dataset) -> None:
        plan = self.plan
        data.StudyInstanceUID, data.StudyID = self.study_uid, plan.study_id
        data.StudyDate, data.StudyTime = plan.at.strftime("%Y%m%d"), plan.at.strftime("%H%M%S")
        data.AccessionNumber, data.ReferringPhysicianName = plan.accession, plan.referrer
        data.StudyDescription = plan.description
        offset = plan.at.utcoffset()
        if offset is not None:
            minutes = int(offset.total_seconds() // 60)
            data.TimezoneOffsetFromUTC = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"

    def _series(self, data: Dataset, series: SeriesPlan, moment: datetime) -> None:
        began = self.plan.at + timedelta(minutes=series.minutes)
        data.Modality, data.SeriesNumber = series.modality, series.number
        data.SeriesInstanceUID = self.series_uid(series.number)
        data.SeriesDescription = f"{series.description} GENERATED"[:64]
        data.ProtocolName = series.protocol or series.description
        data.BodyPartExamined, data.PatientPosition = series.body_part, "HFS"
        data.SeriesDate, data.SeriesTime = began.strftime("%Y%m%d"), began.strftime("%H%M%S")
        for name in ("Acquisition", "Content"):
            setattr(data, f"{name}Date", moment.strftime("%Y%m%d"))
            setattr(data, f"{name}Time", moment.strftime("%H%M%S.%f"))
        data.AcquisitionDateTime = moment.strftime("%Y%m%d%H%M%S.%f") + str(data.get("TimezoneOffsetFromUTC", ""))
        data.Manufacturer, data.ManufacturerModelName = MANUFACTURER, f"GENERATED {series.model}"
        data.InstitutionName, data.StationName = self.plan.institution, self.plan.station[:16]
        data.DeviceSerialNumber, data.SoftwareVersions = "0", "1"

    def _place(self, data: Dataset, series: SeriesPlan, instance: int, plane: Plane) -> None:
        data.InstanceNumber, data.AcquisitionNumber = instance, series.number
        data.FrameOfReferenceUID, data.PositionReferenceIndicator = self.frame_uid, ""
        data.ImagePositionPatient = [number(value) for value in plane.position]
        data.ImageOrientationPatient = [number(value) for value in (*plane.row, *plane.column)]
        data.PixelSpacing = [number(value) for value in plane.spacing]
        data.SliceThickness = number(plane.thickness)
        normal = np.cross(plane.row, plane.column)
        data.SliceLocation = number(float(np.dot(normal, plane.position)))
        data.ImageComments, data.BurnedInAnnotation = COMMENT, "NO"
        data.LossyImageCompression = "00"

    def _pixels(self, data: Dataset, pixels: Array) -> None:
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.Rows, data.Columns = pixels.shape
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
        data.PixelData = np.ascontiguousarray(pixels, "<u2").tobytes()
        data["PixelData"].VR = "OW"


def hounsfield(data: Dataset, window: tuple[float, float]) -> None:
    """The CT image attributes of an object whose stored values are HU + 1024."""
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = "-1024", "1", "HU"
    data.WindowCenter, data.WindowWidth = number(window[0]), number(window[1])


def stored_hounsfield(hu: Array, mark: float) -> Array:
    """HU as stored values, 12 bit, with the word GENERATED drawn in at `mark` HU."""
    marked = np.where(word_mask(*hu.shape), mark, hu)
    return np.clip(np.rint(marked) + 1024, 0, 4095).astype(np.uint16)
