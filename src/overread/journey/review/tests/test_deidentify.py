"""Images that leave for an external reviewer: nothing that identifies anybody survives, and the image does."""

from io import BytesIO
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.datadict import DicomDictionary, keyword_for_tag
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from overread.journey.review.formats import deidentify
from overread.journey.review.formats.deidentify import CT, KEPT, UIDS, without_identity

SECRET = "Quillfeather"
# Attributes of PS3.15 table E.1-1 that a Basic Profile removes, empties or replaces: those that hold people, places,
# times and free text, as they occur in images of this provider's kinds.
BASIC = [
    "AccessionNumber",
    "AcquisitionComments",
    "AcquisitionDate",
    "AcquisitionDateTime",
    "AcquisitionTime",
    "AdditionalPatientHistory",
    "AdmissionID",
    "AdmittingDiagnosesDescription",
    "Allergies",
    "CommentsOnThePerformedProcedureStep",
    "ContentCreatorName",
    "ContentDate",
    "ContentTime",
    "ContrastBolusAgent",
    "CountryOfResidence",
    "CurrentPatientLocation",
    "DerivationDescription",
    "DetectorID",
    "DeviceSerialNumber",
    "DeviceUID",
    "EthnicGroup",
    "FillerOrderNumberImagingServiceRequest",
    "ImageComments",
    "InstitutionAddress",
    "InstitutionalDepartmentName",
    "InstitutionName",
    "InstanceCreationDate",
    "InstanceCreationTime",
    "MedicalAlerts",
    "MedicalRecordLocator",
    "MilitaryRank",
    "NameOfPhysiciansReadingStudy",
    "Occupation",
    "OperatorsName",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientAddress",
    "PatientAge",
    "PatientBirthDate",
    "PatientBirthName",
    "PatientBirthTime",
    "PatientComments",
    "PatientID",
    "PatientMotherBirthName",
    "PatientName",
    "PatientReligiousPreference",
    "PatientSize",
    "PatientTelephoneNumbers",
    "PatientWeight",
    "PerformedProcedureStepDescription",
    "PerformedProcedureStepID",
    "PerformingPhysicianName",
    "PhysiciansOfRecord",
    "PlacerOrderNumberImagingServiceRequest",
    "PregnancyStatus",
    "ProtocolName",
    "ReasonForStudy",
    "ReferringPhysicianName",
    "ReferringPhysicianAddress",
    "RegionOfResidence",
    "RequestedProcedureDescription",
    "RequestedProcedureID",
    "RequestingPhysician",
    "RequestingService",
    "ResponsiblePerson",
    "SeriesDate",
    "SeriesDescription",
    "SeriesTime",
    "SmokingStatus",
    "SpecialNeeds",
    "StationName",
    "StudyComments",
    "StudyDate",
    "StudyDescription",
    "StudyID",
    "StudyTime",
]


def _filler(vr: str) -> Any:
    texts = {
        "DA": "20260302",
        "TM": "083000",
        "DT": "20260302083000",
        "AS": "071Y",
        "DS": "80",
        "US": 1,
        "UI": "1.2.3.4",
    }
    return texts.get(vr, SECRET)


def _dataset(**other: Any) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.Modality, made.ImageType = CT, "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
    made.StudyInstanceUID, made.SeriesInstanceUID, made.SOPInstanceUID = "1.2.3", "1.2.3.4", "1.2.3.4.5"
    made.FrameOfReferenceUID = "1.2.3.9"
    made.Rows = made.Columns = 2
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation, made.SamplesPerPixel = 16, 16, 15, 0, 1
    made.PhotometricInterpretation, made.PixelSpacing, made.ImagePositionPatient = "MONOCHROME2", [0.5, 0.5], [0, 0, 1]
    made.PixelData = b"\x01\x00\x02\x00\x03\x00\x04\x00"
    for keyword in BASIC:
        tag = next(t for t, row in DicomDictionary.items() if row[4] == keyword)
        setattr(made, keyword, _filler(DicomDictionary[tag][0]))
    made.add_new(0x00091001, "LO", SECRET)
    made.add_new(0x60000022, "LO", SECRET)
    made.add_new(0x60003000, "OW", b"\x01\x00")
    for keyword, value in other.items():
        setattr(made, keyword, value)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = made.SOPClassUID, made.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta = meta
    return made


def _file(dataset: Dataset) -> BytesIO:
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    out.seek(0)
    return out


def _left(dataset: Dataset) -> Dataset:
    content, reason = without_identity(_file(dataset), "secret", "B-1")
    assert reason == ""
    return dcmread(BytesIO(content))


def test_nothing_of_the_basic_profile_survives() -> None:
    """Every attribute that PS3.15 removes, a private one, and an overlay are gone; not one byte of the name is left."""
    content, _ = without_identity(_file(_dataset()), "secret", "B-1")
    assert SECRET.encode() not in content
    assert b"20260302" not in content
    left = dcmread(BytesIO(content))
    filled = {e.keyword for e in left if e.keyword in BASIC and e.value not in ("", None)}
    assert filled == {"PatientID", "PatientName"}
    assert (left.PatientID, str(left.PatientName), left.PatientIdentityRemoved) == ("B-1", "B-1", "YES")
    assert not any(e.tag.is_private or e.tag.group & 0xFF00 == 0x6000 for e in left)


def test_the_image_itself_is_untouched() -> None:
    """Pixels and geometry are those of the original, bit for bit."""
    before, after = _dataset(), _left(_dataset())
    assert after.PixelData == before.PixelData
    for keyword in ("Rows", "Columns", "PixelSpacing", "ImagePositionPatient", "BitsStored"):
        assert after.get(keyword) == before.get(keyword)


def test_uids_are_replaced_and_keep_images_together() -> None:
    """No original UID leaves; the same one becomes the same within a bundle, and another one in another bundle."""
    one, two = _left(_dataset()), _left(_dataset(SOPInstanceUID="1.2.3.4.6"))
    assert one.SeriesInstanceUID == two.SeriesInstanceUID != "1.2.3.4"
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.file_meta.MediaStorageSOPInstanceUID == one.SOPInstanceUID
    other, _ = without_identity(_file(_dataset()), "another secret", "B-2")
    assert dcmread(BytesIO(other)).SeriesInstanceUID != one.SeriesInstanceUID
    assert all(one[keyword].value.startswith("2.25.") for keyword in UIDS)


def test_names_inside_sequences_are_gone_too() -> None:
    """An item of a kept sequence is cleaned by the same list."""
    item = Dataset()
    item.PixelSpacing, item.PatientName, item.InstitutionName = [1, 1], SECRET, SECRET
    held = Dataset()
    held.PixelMeasuresSequence = [item]
    left = _left(_dataset(SharedFunctionalGroupsSequence=[held]))
    inner = left.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert "PatientName" not in inner
    assert inner.PixelSpacing == [1, 1]


@pytest.mark.parametrize(
    "other",
    [
        {"BurnedInAnnotation": "YES"},
        {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"},
    ],
)
def test_what_may_show_text_in_its_pixels_is_left_out(other: dict[str, Any]) -> None:
    """Burned-in text, screens, secondary captures, ultrasound and documents do not leave at all, and the reason is said."""
    content, reason = without_identity(_file(_dataset(**other)), "secret", "B-1")
    assert content == b""
    assert reason


def test_nothing_that_names_anybody_is_on_the_list_of_what_is_kept() -> None:
    """The list of kept attributes holds only names of the dictionary, and none of the Basic Profile's."""
    known = {row[4] for row in DicomDictionary.values()}
    assert known >= KEPT
    assert set(BASIC) & KEPT == set()
    assert keyword_for_tag(0x00100010) not in KEPT
    assert all(
        DicomDictionary[t][0] not in ("PN", "DA", "DT", "TM") for t, r in DicomDictionary.items() if r[4] in KEPT
    )
    assert deidentify.CLASSES
