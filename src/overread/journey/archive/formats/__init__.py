"""Bytes from and to values: DICOM headers, Part 10 files, frames, thumbnails, DICOM JSON. No rows."""
