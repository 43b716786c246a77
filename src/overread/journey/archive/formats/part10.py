"""DICOM files (PS3.10): take one apart and put one together, with the data set's bytes untouched.

What we store has a preamble of zeros and a group 2 written by us, so that no executable, script or page can hide in
front of an image (CVE-2019-11687, B11); everything after group 2 is the sender's, byte for byte.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from overread.journey.archive.formats.elements import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Buffer,
    CutShort,
    Encoding,
    element_header,
)
from overread.journey.archive.rules import Refusal, Unreadable, is_uid

Source = str | Path | bytes | bytearray | memoryview

PREAMBLE: Final = bytes(128)
MAGIC: Final = b"DICM"
IMPLEMENTATION_CLASS: Final = "2.25.182383481151915816179685956030982528323"
"""(0002,0012): says that Overread wrote the file meta information. A UUID-derived UID, so no registration is needed."""
IMPLEMENTATION_VERSION: Final = "OVERREAD_1"
_WHOLE: Final = 16 * 1024 * 1024
_META: Final = Encoding(explicit=True, little=True)


@dataclass(frozen=True, slots=True)
class FileMeta:
    """Group 2 as it was read: `dataset_offset` is where the data set begins; UIDs are not yet judged."""

    transfer_syntax: str
    sop_class: str = ""
    sop_instance: str = ""
    source_aet: str = ""
    dataset_offset: int = 0
    has_preamble: bool = True


@contextmanager
def opened(source: Source) -> Iterator[Buffer]:
    """The bytes of a file or of a buffer, to be read only inside the block.

    Small files are read whole; larger ones are mapped, so that a header costs no more memory than its own pages.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        yield memoryview(source)
        return
    with Path(source).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if size <= _WHOLE:
            yield memoryview(file.read())
            return
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        view = memoryview(mapped)
        try:
            yield view
        finally:
            view.release()
            mapped.close()


def read_meta(buffer: Buffer) -> FileMeta:
    """Read preamble and group 2, or infer the encoding of a file that has neither (PS3.10 section 7.1).

    Raises:
        Unreadable: empty, not DICOM, or cut inside group 2.
    """
    if len(buffer) == 0:
        raise Unreadable(Refusal.EMPTY)
    if len(buffer) >= 132 and bytes(buffer[128:132]) == MAGIC:
        return _read_group_two(buffer, 132, has_preamble=True)
    if len(buffer) < 132 and MAGIC not in bytes(buffer[:132]) and not _looks_bare(buffer):
        raise Unreadable(Refusal.NOT_DICOM)
    return _read_bare(buffer)


def _looks_bare(buffer: Buffer) -> bool:
    return len(buffer) >= 8 and bytes(buffer[:2]) in {b"\x02\x00", b"\x08\x00", b"\x00\x08"}


def _read_bare(buffer: Buffer) -> FileMeta:
    """A file without preamble: group 2 may still come first, else the data set starts at once in group 8."""
    if not _looks_bare(buffer):
        raise Unreadable(Refusal.NOT_DICOM)
    if bytes(buffer[:2]) == b"\x02\x00":
        return _read_group_two(buffer, 0, has_preamble=False)
    stated = bytes(buffer[4:6])
    explicit = stated.isalpha() and stated.isupper()
    if bytes(buffer[:2]) == b"\x00\x08":
        if not explicit:
            raise Unreadable(Refusal.NOT_DICOM)
        return FileMeta(EXPLICIT_BIG, has_preamble=False)
    return FileMeta(EXPLICIT_LITTLE if explicit else IMPLICIT_LITTLE, has_preamble=False)


def _read_group_two(buffer: Buffer, start: int, *, has_preamble: bool) -> FileMeta:
    found: dict[int, str] = {}
    position = start
    while position + 2 <= len(buffer) and bytes(buffer[position : position + 2]) == b"\x02\x00":
        try:
            element = element_header(buffer, position, len(buffer), _META)
        except CutShort as cut:
            raise Unreadable(Refusal.CUT_SHORT, "In the file meta information.") from cut
        if element.undefined or element.end > len(buffer):
            raise Unreadable(Refusal.CUT_SHORT, "In the file meta information.")
        if element.length <= 256:
            found[element.tag] = bytes(buffer[element.offset : element.end]).decode("ascii", "replace").strip(" \0")
        position = element.end
    if position == start and not has_preamble:
        raise Unreadable(Refusal.NOT_DICOM)
    if 0x00020010 not in found:
        bare = _read_bare(buffer[position:]) if position < len(buffer) else None
        if bare is None:
            raise Unreadable(Refusal.CUT_SHORT, "After the file meta information.")
        return FileMeta(bare.transfer_syntax, dataset_offset=position, has_preamble=has_preamble)
    return FileMeta(
        transfer_syntax=found[0x00020010],
        sop_class=found.get(0x00020002, ""),
        sop_instance=found.get(0x00020003, ""),
        source_aet=found.get(0x00020016, ""),
        dataset_offset=position,
        has_preamble=has_preamble,
    )


def split_part10(content: Source) -> tuple[FileMeta, bytes]:
    """Part a DICOM file into its meta information and the untouched bytes of its data set.

    Raises:
        Unreadable: when it is not a DICOM file or is cut inside group 2.
    """
    with opened(content) as buffer:
        meta = read_meta(buffer)
        return meta, bytes(buffer[meta.dataset_offset :])


def _element(number: int, vr: bytes, value: bytes) -> bytes:
    if vr == b"OB":
        return struct.pack("<HH2sHI", 2, number, vr, 0, len(value)) + value
    if len(value) % 2:
        value += b"\0" if vr == b"UI" else b" "
    return struct.pack("<HH2sH", 2, number, vr, len(value)) + value


def part10_head(sop_class: str, sop_instance: str, transfer_syntax: str, source_aet: str = "") -> bytes:
    """Preamble of zeros, `DICM` and our group 2: what goes before a data set's bytes to make it a DICOM file.

    A receiver that streams writes these bytes first and the data set after them as it arrives.

    Args:
        sop_class: (0002,0002), with the other UIDs in the form that `rules.is_uid` accepts.
        sop_instance: (0002,0003).
        transfer_syntax: (0002,0010), the encoding of the data set's bytes.
        source_aet: (0002,0016) the calling AE title, at most 16 characters; left out when empty.

    Raises:
        ValueError: a UID is malformed or the AE title cannot be written.
    """
    for uid in (sop_class, sop_instance, transfer_syntax):
        if not is_uid(uid):
            raise ValueError("a UID for the file meta information is malformed")
    body = (
        _element(1, b"OB", b"\0\1")
        + _element(2, b"UI", sop_class.encode("ascii"))
        + _element(3, b"UI", sop_instance.encode("ascii"))
        + _element(0x10, b"UI", transfer_syntax.encode("ascii"))
        + _element(0x12, b"UI", IMPLEMENTATION_CLASS.encode("ascii"))
        + _element(0x13, b"SH", IMPLEMENTATION_VERSION.encode("ascii"))
    )
    aet = source_aet.strip()
    if aet:
        if len(aet) > 16 or not aet.isascii() or not aet.isprintable():
            raise ValueError("an AE title has at most 16 printable ASCII characters")
        body += _element(0x16, b"AE", aet.encode("ascii"))
    return PREAMBLE + MAGIC + _element(0, b"UL", struct.pack("<I", len(body))) + body


def wrap_part10(
    dataset_bytes: bytes | memoryview, sop_class: str, sop_instance: str, transfer_syntax: str, source_aet: str = ""
) -> bytes:
    """A DICOM file around a data set whose bytes are not changed. Arguments and errors as `part10_head`."""
    return part10_head(sop_class, sop_instance, transfer_syntax, source_aet) + bytes(dataset_bytes)
