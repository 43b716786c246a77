"""Is the pixel data that the header describes really there? Lengths only; nothing is decoded (RELIABILITY 0.5)."""

from __future__ import annotations

import struct
from typing import Final

from overread.journey.archive.formats.elements import PIXEL_DATA, Buffer, CutShort, Element, Encoding, fragments
from overread.journey.archive.formats.syntaxes import ENCAPSULATED, ENDS_WITH_MARKER, RLE, VIDEO, is_lossy
from overread.journey.archive.formats.values import Values
from overread.journey.archive.rules import PixelHeader, Problem

_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_IMAGES: Final = (
    *("1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "2", "2.1", "2.2", "3.1", "4", "4.1", "4.3", "4.4", "6.1"),
    *("6.2", "7", "7.1", "7.2", "7.3", "7.4", "12.1", "12.1.1", "12.2", "12.2.1", "13.1.1", "13.1.2", "13.1.3"),
    *("13.1.4", "13.1.5", "14.1", "14.2", "20", "66.4", "77.1.1", "77.1.1.1", "77.1.2", "77.1.2.1", "77.1.4"),
    *("77.1.4.1", "77.1.5.1", "77.1.5.2", "77.1.5.4", "77.1.6", "128", "128.1", "130", "481.1"),
)
_IMAGE_CLASSES: Final = frozenset(_STORAGE + suffix for suffix in _IMAGES)
_END_MARKER: Final = b"\xff\xd9"
_MOST_PADDING: Final = 16


def is_image_class(sop_class: str) -> bool:
    """Whether objects of this storage class always hold pixels (PS3.4 B.5, image IODs)."""
    return sop_class in _IMAGE_CLASSES


def check_pixels(
    buffer: Buffer, values: Values, pixel: Element | None, transfer_syntax: str, encoding: Encoding
) -> tuple[PixelHeader, list[Problem]]:
    """Describe the pixels and name what is wrong with their length.

    Args:
        buffer: the whole object.
        values: the header's values.
        pixel: the pixel data element, its end not beyond the buffer unless it was cut; None when there is none.
        transfer_syntax: decides native or encapsulated.
        encoding: of the elements.
    """
    described = _described(values, transfer_syntax)
    if pixel is None:
        return _pixel_header(described, present=False), []
    if transfer_syntax in ENCAPSULATED and pixel.undefined:
        return _check_encapsulated(buffer, pixel, described, transfer_syntax, encoding)
    return _check_native(buffer, pixel, described, transfer_syntax)


Described = dict[str, int | str | bool]


def _described(values: Values, transfer_syntax: str) -> Described:
    frames = values.integer(0x00280008)
    return {
        "rows": values.integer(0x00280010) or 0,
        "columns": values.integer(0x00280011) or 0,
        "frames": 1 if frames is None else max(frames, 0),
        "samples": values.integer(0x00280002) or 0,
        "bits_allocated": values.integer(0x00280100) or 0,
        "bits_stored": values.integer(0x00280101) or 0,
        "high_bit": values.integer(0x00280102) or 0,
        "signed": values.integer(0x00280103) == 1,
        "photometric": values.text(0x00280004),
        "lossy": is_lossy(transfer_syntax, values.text(0x00282110)),
        "burned_in": values.text(0x00280301),
    }


def _pixel_header(described: Described, **more: int | bool | None) -> PixelHeader:
    return PixelHeader(**{**described, **more})  # type: ignore[arg-type]


def native_length(described: Described) -> int | None:
    """Bytes that native pixel data must have, without even padding; None when the header does not say (PS3.5 8.1.1)."""
    size = 1
    for name in ("rows", "columns", "frames", "samples", "bits_allocated"):
        size *= int(described[name])
    if size == 0:
        return None
    if described["photometric"] == "YBR_FULL_422":
        size = size * 2 // 3
    elif described["photometric"] in {"YBR_PARTIAL_420", "YBR_ICT_420"}:
        size //= 2
    return (size + 7) // 8


def _check_native(
    buffer: Buffer, pixel: Element, described: Described, transfer_syntax: str
) -> tuple[PixelHeader, list[Problem]]:
    problems: list[Problem] = []
    end = len(buffer) if pixel.undefined else min(pixel.end, len(buffer))
    length = max(0, end - pixel.offset)
    expected = native_length(described) if pixel.tag == PIXEL_DATA else None
    if pixel.undefined or transfer_syntax in ENCAPSULATED:
        # Native data with a delimiter, or compressed data without fragments: neither is allowed (PS3.5 A.4).
        problems.append(Problem.PIXELS_UNDESCRIBED)
    elif pixel.tag == PIXEL_DATA and expected is None:
        problems.append(Problem.PIXELS_UNDESCRIBED)
    elif expected is not None and length < expected:
        problems.append(Problem.PIXELS_SHORT)
    elif expected is not None and length > expected + expected % 2:
        problems.append(Problem.PIXELS_LONG)
    return _pixel_header(described, present=True, expected_length=expected, length=length), problems


def _check_encapsulated(
    buffer: Buffer, pixel: Element, described: Described, transfer_syntax: str, encoding: Encoding
) -> tuple[PixelHeader, list[Problem]]:
    problems: list[Problem] = []
    items: list[tuple[int, int]] = []
    try:
        items.extend(fragments(buffer, pixel, len(buffer), encoding))
    except CutShort:
        problems.append(Problem.SEQUENCE_OPEN)
    parts = items[1:]
    frames = int(described["frames"])
    if native_length(described) is None:
        problems.append(Problem.PIXELS_UNDESCRIBED)
    wanted = min(frames, 1) if transfer_syntax in VIDEO else frames
    if len(parts) < max(wanted, 1) or any(start == end for start, end in parts[:wanted]):
        problems.append(Problem.FRAMES_MISSING)
    if parts and not _closed(buffer, parts, frames, transfer_syntax):
        problems.append(Problem.FRAME_OPEN)
    length = sum(end - start for start, end in parts)
    header = _pixel_header(described, present=True, encapsulated=True, length=length, fragments=len(parts))
    return header, problems


def _closed(buffer: Buffer, parts: list[tuple[int, int]], frames: int, transfer_syntax: str) -> bool:
    """Whether each frame's stream ends as its format says; with several fragments a frame, only the last is known."""
    last_of_frames = parts if len(parts) == frames else parts[-1:]
    if transfer_syntax in ENDS_WITH_MARKER:
        return all(_END_MARKER in bytes(buffer[max(s, e - _MOST_PADDING) : e]) for s, e in last_of_frames)
    if transfer_syntax == RLE and len(parts) == frames:
        return all(_rle_whole(bytes(buffer[s : min(s + 64, e)]), e - s) for s, e in parts)
    return True


def _rle_whole(head: bytes, length: int) -> bool:
    """An RLE frame starts with 1 to 15 segments whose offsets ascend inside the frame (PS3.5 G.5)."""
    if len(head) < 64:
        return False
    count, *offsets = struct.unpack("<16I", head)
    used = offsets[:count]
    return 1 <= count <= 15 and used[0] == 64 and used == sorted(used) and used[-1] < length
