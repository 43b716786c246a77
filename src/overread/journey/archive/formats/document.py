"""The document inside an encapsulated DICOM object."""

from io import BytesIO

from pydicom import dcmread
from pydicom.uid import EncapsulatedPDFStorage


def encapsulated_document(content: bytes) -> bytes | None:
    """The PDF inside an Encapsulated PDF object, without padding; None for any other object (PS3.3 C.24.2).

    Args:
        content: a whole Part 10 file.
    """
    dataset = dcmread(BytesIO(content))
    if dataset.get("SOPClassUID") != EncapsulatedPDFStorage:
        return None
    length = int(dataset.get("EncapsulatedDocumentLength", len(dataset.EncapsulatedDocument)))
    return bytes(dataset.EncapsulatedDocument[:length])
