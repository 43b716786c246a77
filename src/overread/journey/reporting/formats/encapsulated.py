"""The report's PDF as a DICOM object (Encapsulated PDF Storage, PS3.3 A.45.1)."""

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Final
from uuid import UUID, uuid5

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, EncapsulatedPDFStorage, ExplicitVRLittleEndian

IMPLEMENTATION = UID("2.25.281107346289134023573460187362501")


@dataclass(frozen=True)
class StudyFacts:
    """Where the object belongs: the study and patient exactly as the client's images name them."""

    study_uid: str
    study_date: date | None
    accession: str
    description: str
    patient_name: str
    patient_id: str
    issuer: str
    birth_date: date | None
    sex: str


def uid_of(report_id: UUID, part: str) -> str:
    """A UID that is always the same for a report and a part of it, so that a repeat is recognised as one."""
    return f"2.25.{uuid5(report_id, part).int}"


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _patient_and_study(dataset: Dataset, study: StudyFacts) -> None:
    dataset.PatientName, dataset.PatientID = study.patient_name, study.patient_id
    if study.issuer:
        dataset.IssuerOfPatientID = study.issuer
    dataset.PatientBirthDate = f"{study.birth_date:%Y%m%d}" if study.birth_date else ""
    dataset.PatientSex = study.sex if study.sex in {"M", "F", "O"} else ""
    dataset.StudyInstanceUID = study.study_uid
    dataset.StudyDate = f"{study.study_date:%Y%m%d}" if study.study_date else ""
    dataset.StudyTime = ""
    dataset.ReferringPhysicianName = ""
    dataset.StudyID = ""
    dataset.AccessionNumber = study.accession
    dataset.StudyDescription = study.description


IMAGING_STUDY: Final = ("18748-4", "LN", "Diagnostic imaging study")
CONSULTATION: Final = ("11488-4", "LN", "Consult note")


def encapsulate(
    pdf: bytes,
    *,
    report_id: UUID,
    number: int,
    signed_at: datetime,
    study: StudyFacts,
    title: str = "Radiology report",
    opinion: bool = False,
) -> bytes:
    """The PDF as a Part 10 file.

    Args:
        pdf: the document; padded to an even length, its true length is kept in the object.
        report_id: names the object: the same report always gives the same SOP instance UID.
        number: of the version within its case.
        signed_at: content date and time, in UTC.
        study: of the images that the report is about.
        title: of the document, with which the object names itself (0042,0010).
        opinion: whether it is an opinion or a review, so that it is coded as one and never as the imaging report.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = EncapsulatedPDFStorage
    meta.MediaStorageSOPInstanceUID = UID(uid_of(report_id, "instance"))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION
    dataset = FileDataset("", Dataset(), file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = EncapsulatedPDFStorage, meta.MediaStorageSOPInstanceUID
    _patient_and_study(dataset, study)
    dataset.Modality, dataset.SeriesInstanceUID = "DOC", uid_of(report_id, "series")
    dataset.SeriesNumber, dataset.InstanceNumber = 9000 + number, 1
    dataset.Manufacturer, dataset.ConversionType = "Overread", "WSD"
    dataset.ContentDate, dataset.ContentTime = f"{signed_at:%Y%m%d}", f"{signed_at:%H%M%S}"
    dataset.AcquisitionDateTime = ""
    dataset.TimezoneOffsetFromUTC = "+0000"
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = f"{title}, version {number}"
    dataset.SeriesDescription = title
    dataset.ConceptNameCodeSequence = Sequence([_code(*(CONSULTATION if opinion else IMAGING_STUDY))])
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    dataset.EncapsulatedDocumentLength = len(pdf)
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
