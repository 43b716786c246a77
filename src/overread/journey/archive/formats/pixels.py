"""What the ways out ask of an object's pixels, in one place: frames, lossless copies, thumbnails and metadata."""

from overread.journey.archive.formats.codecs import DecodeError, TooLarge, htj2k, native
from overread.journey.archive.formats.frames import FrameError, frame_bytes
from overread.journey.archive.formats.metadata import bulk_value, dicom_json
from overread.journey.archive.formats.thumbnail import thumbnail

__all__ = [
    "DecodeError",
    "FrameError",
    "TooLarge",
    "bulk_value",
    "dicom_json",
    "frame_bytes",
    "htj2k",
    "native",
    "thumbnail",
]
