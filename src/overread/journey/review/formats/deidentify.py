"""An image without identity: only what is needed to read it is kept, everything else is left behind.

PS3.15 Annex E lists what a Basic Profile removes; this is stricter: an element survives only when it is listed here, so
that a private element, an overlay, a description, a date or an attribute of a later edition never leaves. UIDs are
replaced by ones that only this bundle uses. An object that may show text in its pixels is left out whole.
"""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import Any, Final

from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID

CT, ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1"
MR, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
CBCT = "1.2.840.10008.5.1.4.1.1.13.1.2"
CLASSES: Final = frozenset({CT, ENHANCED_CT, MR, ENHANCED_MR, CBCT})
IMPLEMENTATION: Final = "2.25.182383481151915816179685956030982528323"

KEPT: Final = frozenset(
    [
        "SOPClassUID",
        "Modality",
        "ImageType",
        "InstanceNumber",
        "SeriesNumber",
        "AcquisitionNumber",
        "BodyPartExamined",
        "PatientSex",
        "PatientPosition",
        "Laterality",
        "ImageLaterality",
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "PixelSpacing",
        "SliceThickness",
        "SpacingBetweenSlices",
        "SliceLocation",
        "ImagerPixelSpacing",
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "PlanarConfiguration",
        "NumberOfFrames",
        "PixelData",
        "SmallestImagePixelValue",
        "LargestImagePixelValue",
        "PixelPaddingValue",
        "PixelPaddingRangeLimit",
        "RescaleIntercept",
        "RescaleSlope",
        "RescaleType",
        "WindowCenter",
        "WindowWidth",
        "VOILUTFunction",
        "LossyImageCompression",
        "LossyImageCompressionRatio",
        "LossyImageCompressionMethod",
        "PresentationLUTShape",
        "KVP",
        "XRayTubeCurrent",
        "ExposureTime",
        "Exposure",
        "ConvolutionKernel",
        "GantryDetectorTilt",
        "ReconstructionDiameter",
        "DataCollectionDiameter",
        "ScanningSequence",
        "SequenceVariant",
        "ScanOptions",
        "MRAcquisitionType",
        "RepetitionTime",
        "EchoTime",
        "InversionTime",
        "EchoTrainLength",
        "FlipAngle",
        "MagneticFieldStrength",
        "ImagingFrequency",
        "ImagedNucleus",
        "NumberOfAverages",
        "EchoNumbers",
        "PercentSampling",
        "PercentPhaseFieldOfView",
        "PixelBandwidth",
        "DiffusionBValue",
        "BurnedInAnnotation",
        "FieldOfViewShape",
        "FieldOfViewDimensions",
        "SharedFunctionalGroupsSequence",
        "PerFrameFunctionalGroupsSequence",
        "PixelMeasuresSequence",
        "PlanePositionSequence",
        "PlaneOrientationSequence",
        "PixelValueTransformationSequence",
        "FrameVOILUTSequence",
        "FrameContentSequence",
        "FrameAnatomySequence",
        "AnatomicRegionSequence",
        "FrameLaterality",
        "CTImageFrameTypeSequence",
        "MRImageFrameTypeSequence",
        "FrameType",
        "PixelPresentation",
        "VolumetricProperties",
        "VolumeBasedCalculationTechnique",
        "DimensionIndexValues",
        "StackID",
        "InStackPositionNumber",
        "CodeValue",
        "CodingSchemeDesignator",
        "CodeMeaning",
        "ContentQualification",
        "PositionReferenceIndicator",
    ]
)
UIDS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")


def reason_to_leave_out(dataset: Dataset) -> str:
    """Why an object does not go into a bundle, in words; "" when it may."""
    if str(dataset.get("SOPClassUID", "")) not in CLASSES:
        return "no CT, MR or cone-beam image"
    if "PixelData" not in dataset:
        return "no pixels"
    if str(dataset.get("BurnedInAnnotation", "")).upper() == "YES":
        return "text in the image"
    said = {str(word).upper() for word in dataset.get("ImageType", [])}
    if any("SCREEN" in word or word in ("PROT", "DOSE", "OTHER") for word in said):
        return "a picture of a screen or a protocol"
    return ""


def _replaced(secret: str, uid: str) -> str:
    return f"2.25.{int(sha256(f'{secret}|{uid}'.encode()).hexdigest()[:32], 16)}"


def _kept(source: Dataset) -> Dataset:
    found = Dataset()
    for element in source:
        if element.tag.is_private or element.keyword not in KEPT:
            continue
        if element.VR == "SQ":
            setattr(found, element.keyword, [_kept(item) for item in element.value])
        else:
            found.add(element)
    return found


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def without_identity(source: Any, secret: str, code: str) -> tuple[bytes, str]:
    """An object without identity as a DICOM file, and "", or nothing and the reason why it is left out.

    Args:
        source: path or binary file of a stored object.
        secret: of the bundle; the same UID becomes the same new one within it, and nobody else can tell which.
        code: stands for the patient.
    """
    original = dcmread(source, force=False)
    reason = reason_to_leave_out(original)
    if reason:
        return b"", reason
    made = _kept(original)
    for keyword in UIDS:
        if keyword in original:
            setattr(made, keyword, _replaced(secret, str(original.get(keyword))))
    made.PatientID = made.PatientName = code
    made.PatientBirthDate = made.StudyDate = made.StudyTime = made.AccessionNumber = made.ReferringPhysicianName = ""
    made.StudyID = ""
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = "Overread bundle: only listed elements kept"
    made.DeidentificationMethodCodeSequence = [_code("113100", "Basic Application Confidentiality Profile")]
    made.LongitudinalTemporalInformationModified = "REMOVED"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = made.SOPClassUID
    meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    meta.TransferSyntaxUID = original.file_meta.TransferSyntaxUID
    meta.ImplementationClassUID = UID(IMPLEMENTATION)
    made.file_meta = meta
    if meta.TransferSyntaxUID.is_encapsulated and "PixelData" in made:
        made["PixelData"].is_undefined_length = True
    out = BytesIO()
    made.save_as(out, enforce_file_format=True)
    return out.getvalue(), ""
