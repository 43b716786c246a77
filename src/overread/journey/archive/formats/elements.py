"""The structure of a DICOM data set: where each top-level element starts and ends. Source: PS3.5 sections 7 and A.

This is a byte parser for untrusted input. It decodes no value, follows no offset that it has not checked against the
bytes at hand, and never calls itself: nesting is a list, so depth costs memory that is bounded, not stack (B10).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from pydicom.datadict import dictionary_VR

from overread.journey.archive.rules import Refusal, Unreadable

IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"

UNDEFINED: Final = 0xFFFFFFFF
ITEM: Final = 0xFFFEE000
ITEM_END: Final = 0xFFFEE00D
SEQUENCE_END: Final = 0xFFFEE0DD
PIXEL_DATA: Final = 0x7FE00010
PIXEL_TAGS: Final = frozenset({0x7FE00008, 0x7FE00009, PIXEL_DATA})
MAX_DEPTH: Final = 32
"""Nested sequences deeper than this are refused. The deepest real object seen (an enhanced MR) has 5, an SR about 12."""

_LONG_FORM: Final = {
    code.encode(): code for code in ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
}
_SHORT_FORM: Final = {
    code.encode(): code
    for code in (
        *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "PN", "SH", "SL", "SS"),
        *("ST", "TM", "UI", "UL", "US"),
    )
}

_SHORT: Final = {True: struct.Struct("<HH2sH"), False: struct.Struct(">HH2sH")}
_TAG_LENGTH: Final = {True: struct.Struct("<HHI"), False: struct.Struct(">HHI")}

Buffer = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Encoding:
    """How elements are written: VR stated or implied, and the byte order."""

    explicit: bool
    little: bool

    @property
    def order(self) -> str:
        """The byte order for `struct`."""
        return "<" if self.little else ">"


class Element(NamedTuple):
    """One top-level element: `offset` and `end` bound its value in the buffer; `length` is as declared."""

    tag: int
    vr: str
    start: int
    offset: int
    length: int
    end: int

    @property
    def undefined(self) -> bool:
        """True when the element is closed by a delimiter instead of a length."""
        return self.length == UNDEFINED


class CutShort(Exception):
    """The bytes end inside an element. `partial` is that element when its header was whole, else None."""

    def __init__(self, partial: Element | None = None, start: int = 0) -> None:
        self.partial = partial
        self.start = start
        super().__init__("the bytes end inside an element")


def encoding_of(transfer_syntax: str) -> Encoding:
    """The element encoding that a transfer syntax prescribes; every encapsulated one is explicit little endian."""
    if transfer_syntax == IMPLICIT_LITTLE:
        return Encoding(explicit=False, little=True)
    return Encoding(explicit=True, little=transfer_syntax != EXPLICIT_BIG)


def tag_name(tag: int) -> str:
    """(gggg,eeee) for messages."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


@lru_cache(maxsize=8192)
def _implied_vr(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def _known_vr(tag: int) -> str:
    """The real VR of a standard element that some router wrote as UN; its value's bytes are the same (PS3.5 6.2.2).

    A sequence stays UN: inside it is implicit, so it is not walked as its surroundings are.
    """
    vr = _implied_vr(tag)
    return "UN" if vr == "SQ" else vr


def _read_tag(buffer: Buffer, position: int, order: str) -> int:
    group, element = struct.unpack_from(order + "HH", buffer, position)
    return (int(group) << 16) | int(element)


def element_header(buffer: Buffer, position: int, limit: int, encoding: Encoding) -> Element:
    """Read one element's tag, VR and length at `position`.

    Returns an element whose `end` is not yet checked (equal to `offset` when the length is undefined).
    Raises `CutShort` when the header itself is not whole, `Unreadable` when its VR is none of PS3.5 6.2.
    """
    if position + 8 > limit:
        raise CutShort(start=position)
    if encoding.explicit:
        group, number, code, length = _SHORT[encoding.little].unpack_from(buffer, position)
        vr = _SHORT_FORM.get(code)
        if vr is not None and group != 0xFFFE:
            offset = position + 8
            return Element(group << 16 | number, vr, position, offset, length, offset + length)
    group, number, length = _TAG_LENGTH[encoding.little].unpack_from(buffer, position)
    tag = group << 16 | number
    if encoding.explicit and group != 0xFFFE:
        return _long_header(buffer, position, limit, encoding, tag)
    offset = position + 8
    return Element(tag, _implied_vr(tag), position, offset, length, offset if length == UNDEFINED else offset + length)


def _long_header(buffer: Buffer, position: int, limit: int, encoding: Encoding, tag: int) -> Element:
    vr = _LONG_FORM.get(bytes(buffer[position + 4 : position + 6]))
    if vr is None:
        raise Unreadable(Refusal.MALFORMED, f"Unknown value representation at {tag_name(tag)}.")
    if position + 12 > limit:
        raise CutShort(start=position)
    (length,) = struct.unpack_from(encoding.order + "I", buffer, position + 8)
    offset = position + 12
    if vr == "UN" and length != UNDEFINED and encoding.little:
        vr = _known_vr(tag)
    return Element(tag, vr, position, offset, length, offset if length == UNDEFINED else offset + length)


def elements(buffer: Buffer, start: int, limit: int, encoding: Encoding) -> Iterator[Element]:
    """Walk the top-level elements of the data set in `buffer[start:limit]`, checking each against the bytes.

    Raises `CutShort` when the bytes end inside an element, `Unreadable` for what PS3.5 does not allow: delimiters at
    the top, an unknown VR, or nesting deeper than `MAX_DEPTH`.
    """
    position = start
    while position < limit:
        element = element_header(buffer, position, limit, encoding)
        if element.tag >> 16 == 0xFFFE:
            raise Unreadable(Refusal.MALFORMED, f"{tag_name(element.tag)} stands outside a sequence.")
        if element.length != UNDEFINED and element.vr != "SQ" and element.end <= limit:
            position = element.end
            yield element
        else:
            position = _checked_end(buffer, element, limit, encoding)
            yield element._replace(end=position)


def _checked_end(buffer: Buffer, element: Element, limit: int, encoding: Encoding) -> int:
    if not element.undefined and element.end > limit:
        raise CutShort(element, element.start)
    if element.undefined and element.tag in PIXEL_TAGS:
        return fragments_end(buffer, element, limit, encoding)
    if element.undefined or element.vr == "SQ":
        try:
            return _sequence_end(buffer, element, limit, encoding)
        except CutShort as cut:
            raise CutShort(element, element.start) from cut
    return element.end


def fragments(buffer: Buffer, element: Element, limit: int, encoding: Encoding) -> Iterator[tuple[int, int]]:
    """The (start, end) of each item of encapsulated pixel data, the Basic Offset Table first (PS3.5 A.4).

    Raises `CutShort` when there is no sequence delimiter, `Unreadable` when something else than an item stands there.
    """
    position = element.offset
    while True:
        if position + 8 > limit:
            raise CutShort(element, element.start)
        tag = _read_tag(buffer, position, encoding.order)
        (length,) = struct.unpack_from(encoding.order + "I", buffer, position + 4)
        if tag == SEQUENCE_END:
            return
        if tag != ITEM or length == UNDEFINED:
            raise Unreadable(Refusal.MALFORMED, "Compressed pixel data holds something that is not a fragment.")
        end = position + 8 + length
        if end > limit:
            raise CutShort(element, element.start)
        yield position + 8, end
        position = end


def fragments_end(buffer: Buffer, element: Element, limit: int, encoding: Encoding) -> int:
    """The offset after the sequence delimiter of encapsulated pixel data. Raises as `fragments`."""
    position = element.offset
    for _, end in fragments(buffer, element, limit, encoding):
        position = end
    return position + 8


@dataclass(slots=True)
class _Level:
    """One open nesting level: a list of items, raw fragments, or the elements of an item. `end` None: a delimiter."""

    kind: str
    end: int | None
    encoding: Encoding


def _sequence_end(buffer: Buffer, element: Element, limit: int, encoding: Encoding) -> int:
    levels = [_level_of(element, encoding)]
    position = element.offset
    while levels:
        level = levels[-1]
        if level.end is not None and position >= level.end:
            if position > level.end:
                raise Unreadable(Refusal.MALFORMED, f"A nested length in {tag_name(element.tag)} does not fit.")
            levels.pop()
            continue
        bound = _innermost_bound(levels, limit)
        if level.kind == "elements":
            position = _step_element(buffer, position, bound, levels)
        else:
            position = _step_item(buffer, position, bound, levels)
        if len(levels) > 2 * MAX_DEPTH:
            raise Unreadable(Refusal.TOO_DEEP, f"In {tag_name(element.tag)}.")
    return position


def _innermost_bound(levels: list[_Level], limit: int) -> int:
    for level in reversed(levels):
        if level.end is not None:
            return min(level.end, limit)
    return limit


def _level_of(element: Element, encoding: Encoding) -> _Level:
    """The level that a sequence opens. UN of undefined length is written implicit little endian (PS3.5 6.2.2 note 2)."""
    end = None if element.undefined else element.end
    if element.undefined and element.vr == "UN" and encoding.explicit:
        return _Level("items", end, Encoding(explicit=False, little=True))
    if element.undefined and element.vr in {"OB", "OW"} and encoding.explicit:
        return _Level("fragments", end, encoding)
    return _Level("items", end, encoding)


def _step_item(buffer: Buffer, position: int, bound: int, levels: list[_Level]) -> int:
    level = levels[-1]
    if position + 8 > bound:
        raise CutShort(start=position)
    order = level.encoding.order
    tag = _read_tag(buffer, position, order)
    (length,) = struct.unpack_from(order + "I", buffer, position + 4)
    if tag == SEQUENCE_END and level.end is None:
        levels.pop()
        return position + 8
    if tag != ITEM:
        raise Unreadable(Refusal.MALFORMED, f"{tag_name(tag)} stands where an item should.")
    offset = position + 8
    if length != UNDEFINED and offset + length > bound:
        raise CutShort(start=position)
    if level.kind == "fragments":
        return offset + length
    levels.append(_Level("elements", None if length == UNDEFINED else offset + length, level.encoding))
    return offset


def _step_element(buffer: Buffer, position: int, bound: int, levels: list[_Level]) -> int:
    level = levels[-1]
    element = element_header(buffer, position, bound, level.encoding)
    if element.tag == ITEM_END and level.end is None:
        levels.pop()
        return element.offset
    if element.tag >> 16 == 0xFFFE:
        raise Unreadable(Refusal.MALFORMED, f"{tag_name(element.tag)} stands inside an item.")
    if not element.undefined and element.end > bound:
        raise CutShort(element, position)
    if element.undefined or element.vr == "SQ":
        levels.append(_level_of(element, level.encoding))
        return element.offset
    return element.end
