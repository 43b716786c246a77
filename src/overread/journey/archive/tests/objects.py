"""Small DICOM objects for the tests of this area, made in memory and byte by byte where that matters."""

import io
import struct

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"


def ct(**changes: object) -> Dataset:
    """A 4 x 3 CT slice of an invented person; `changes` are DICOM keywords, None removes one."""
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.SOPClassUID = CT_CLASS
    data.SOPInstanceUID = "2.25.1001"
    data.StudyDate, data.StudyTime = "20260303", "101112.5"
    data.AcquisitionDateTime = "20260303101010.250000+0100"
    data.AccessionNumber, data.Modality, data.BodyPartExamined = "ACC-1", "CT", "HEAD"
    data.PatientName, data.PatientID, data.IssuerOfPatientID = "SYNTHETIC^ANNA", "P-1", "CLINIC"
    data.PatientBirthDate, data.PatientSex, data.PatientAge = "19700229", "F", "055Y"
    data.PatientBirthDate = "19700228"
    data.StudyInstanceUID, data.SeriesInstanceUID = "2.25.1", "2.25.2"
    data.FrameOfReferenceUID = "2.25.3"
    data.SeriesNumber, data.InstanceNumber = 2, 7
    data.ImagePositionPatient, data.ImageOrientationPatient = [-1, -2, 3.5], [1, 0, 0, 0, 1, 0]
    data.PixelSpacing, data.SliceThickness = [0.5, 0.5], 5
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns = 3, 4
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
    data.WindowCenter, data.WindowWidth, data.RescaleIntercept, data.RescaleSlope = 40, 80, -1024, 1
    data.PixelData = struct.pack("<12h", *range(12))
    data["PixelData"].VR = "OW"
    for keyword, value in changes.items():
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    return data


def dicom_file(data: Dataset, transfer_syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The data set as a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = data.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data.get("SOPInstanceUID", "2.25.9")
    meta.TransferSyntaxUID = transfer_syntax
    data.file_meta = meta
    stream = io.BytesIO()
    data.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def nested(depth: int) -> bytes:
    """A referenced-study sequence inside itself, `depth` deep, of undefined lengths, explicit little endian."""
    opening = struct.pack("<HH2sHI", 0x0008, 0x1110, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    closing = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return opening * depth + closing * depth
