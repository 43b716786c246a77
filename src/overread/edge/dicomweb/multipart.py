"""Media types and multipart/related bodies of WADO-RS (PS3.18 8.6, 8.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# PS3.18 Table 8.7.3-2, 8.7.3-4: the media type of a frame that is sent as stored, by its transfer syntax.
FRAME_TYPES = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.51": "image/jpeg",
    "1.2.840.10008.1.2.4.53": "image/jpeg",
    "1.2.840.10008.1.2.4.55": "image/jpeg",
    "1.2.840.10008.1.2.4.57": "image/jpeg",
    "1.2.840.10008.1.2.4.70": "image/jpeg",
    "1.2.840.10008.1.2.4.80": "image/jls",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.90": "image/jp2",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.4.201": "image/jphc",
    "1.2.840.10008.1.2.4.202": "image/jphc",
    "1.2.840.10008.1.2.4.203": "image/jphc",
    "1.2.840.10008.1.2.4.110": "image/jxl",
    "1.2.840.10008.1.2.4.111": "image/jxl",
    "1.2.840.10008.1.2.4.112": "image/jxl",
    "1.2.840.10008.1.2.5": "image/dicom-rle",
}
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
NATIVE = frozenset({"1.2.840.10008.1.2", EXPLICIT_LITTLE, "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"})
OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Wanted:
    """One entry of an Accept header: media type (inner type of a multipart) and transfer syntax, "*" for as stored."""

    media_type: str
    transfer_syntax: str
    multipart: bool


def wanted_of(accept: str) -> tuple[Wanted, ...]:
    """Read an Accept header; entries in the caller's order, qualities are not weighed."""
    found = []
    for entry in re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", accept or "*/*"):
        head, *parameters = (part.strip() for part in entry.split(";"))
        named = {}
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            named[name.strip().lower()] = value.strip().strip('"')
        multipart = head.lower() == "multipart/related"
        media_type = named.get("type", "*/*") if multipart else head.lower()
        found.append(Wanted(media_type.lower(), named.get("transfer-syntax", ""), multipart))
    return tuple(found)


def frame_type(transfer_syntax: str) -> str:
    """The media type of a frame sent in this transfer syntax."""
    return FRAME_TYPES.get(transfer_syntax, OCTETS)


def takes_frame(accept: str, transfer_syntax: str) -> bool:
    """Whether the caller takes frames in this transfer syntax.

    Without a transfer syntax in the header, octets mean Explicit VR Little Endian (PS3.18 8.7.3.5.2).
    """
    sent_as = frame_type(transfer_syntax)
    for wanted in wanted_of(accept):
        if wanted.media_type not in ("*/*", sent_as, OCTETS):
            continue
        if wanted.transfer_syntax in ("*", transfer_syntax):
            return True
        if not wanted.transfer_syntax and (wanted.media_type in ("*/*", sent_as)) and sent_as != OCTETS:
            return True
        if wanted.transfer_syntax in ("", EXPLICIT_LITTLE) and transfer_syntax in NATIVE:
            return True
    return False


def takes_native(accept: str) -> bool:
    """Whether the caller takes frames decoded to Explicit VR Little Endian."""
    return any(
        wanted.media_type in ("*/*", OCTETS) and wanted.transfer_syntax in ("", "*", EXPLICIT_LITTLE)
        for wanted in wanted_of(accept)
    )


def head(media_type: str, boundary: str) -> str:
    """The Content-Type of the whole body."""
    inner = media_type.partition(";")[0]
    return f'multipart/related; type="{inner}"; boundary={boundary}'


def opening(content_type: str, boundary: str, length: int) -> bytes:
    """What stands before one part's bytes."""
    return f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n".encode("ascii")


def closing(boundary: str) -> bytes:
    """What ends the body."""
    return f"--{boundary}--\r\n".encode("ascii")
