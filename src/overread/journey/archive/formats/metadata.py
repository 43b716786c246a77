"""An object's header as DICOM JSON (PS3.18 annex F), pixels and other large values by reference.

Written on our own element walker: a series of 500 slices is described before its first image is shown, so this is on
the way to the first picture. Values that JSON or the standard cannot express are left out, never guessed.
"""

from __future__ import annotations

import array
import base64
import math
import re
import struct
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydicom.datadict import private_dictionary_VR

from overread.journey.archive.formats.elements import (
    ITEM,
    UNDEFINED,
    Buffer,
    CutShort,
    Element,
    Encoding,
    element_header,
    elements,
)
from overread.journey.archive.formats.frames import FrameError, open_object
from overread.journey.archive.formats.part10 import Source
from overread.journey.archive.formats.text import Text
from overread.journey.archive.rules import Unreadable

INLINE: Final = 4096
"""Binary values longer than this many bytes are given by reference; palettes and LUTs always stand in the text."""
_PADDING: Final = 0xFFFCFFFC
_PIXELS: Final = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_BYTES: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_ONE_TEXT: Final = frozenset({"LT", "ST", "UT", "UR"})
_NUMERIC: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")

Json = dict[str, Any]


def dicom_json(source: Source, bulk_data: str = "bulkdata") -> Json:
    """The header as a DICOM JSON object, without pixels.

    Args:
        source: path or bytes of a DICOM file.
        bulk_data: start of the BulkDataURI of large values; `/` and the tag as eight hexadecimal digits follow.

    Raises:
        Unreadable: it is not a DICOM file. OSError.
    """
    with open_object(source) as found:
        writer = _Writer(found.buffer, bulk_data, signed=found.layout.signed)
        ordered = [found.found[tag] for tag in sorted(found.found)]
        return writer.dataset(ordered, found.encoding, Text(), top=True)


def bulk_value(source: Source, tag: int) -> bytes:
    """The bytes of one top-level value that `dicom_json` gave by reference. Raises `FrameError` when it is not there."""
    with open_object(source) as found:
        element = found.found.get(tag)
        if element is None or element.undefined:
            raise FrameError("There is no such value.")
        return bytes(found.buffer[element.offset : element.end])


class _Writer:
    """Writes data sets out of one buffer; `signed` decides the VRs that are "US or SS" in an implicit encoding."""

    def __init__(self, buffer: Buffer, bulk_data: str, *, signed: bool) -> None:
        self._buffer = buffer
        self._bulk_data = bulk_data
        self._signed = signed

    def dataset(self, found: Iterable[Element], encoding: Encoding, text: Text, *, top: bool) -> Json:
        """One data set or item; its own (0008,0005) replaces the one that it inherits (PS3.5 6.1.2.3)."""
        result: Json = {}
        creators: dict[int, str] = {}
        for element in found:
            if element.tag & 0xFFFF == 0 or element.tag >> 16 == 0x0002 or element.tag == _PADDING:
                continue
            if element.tag == 0x00080005:
                text = Text(tuple(part.strip(" \0") for part in self._latin(element).split("\\")))
            vr = self._vr(element, creators)
            try:
                entry = self._entry(element, vr, encoding, text, top=top)
            except (CutShort, Unreadable, struct.error, ValueError, OverflowError):
                entry = {}
            result[f"{element.tag:08X}"] = {"vr": vr, **entry}
        return result

    def _vr(self, element: Element, creators: dict[int, str]) -> str:
        """The VR to state; implicit encodings leave some open (PS3.5 annex A.1, PS3.6), and all private ones.

        `creators` remembers who reserved which private block of this data set (PS3.5 7.8.1).
        """
        if " or " in element.vr:
            if "OW" in element.vr:
                return "OW"
            return "SS" if self._signed else "US"
        group, number = element.tag >> 16, element.tag & 0xFFFF
        if group & 1 and 0x10 <= number <= 0xFF:
            creators[group << 8 | number] = self._latin(element)
            return "LO" if element.vr == "UN" else element.vr
        if element.vr != "UN":
            return element.vr
        if element.undefined:
            return "SQ"
        return _private_vr(element.tag, creators.get(group << 8 | number >> 8, ""))

    def _entry(self, element: Element, vr: str, encoding: Encoding, text: Text, *, top: bool) -> Json:
        if element.tag in _PIXELS and top:
            return {"BulkDataURI": f"{self._bulk_data}/{element.tag:08X}"}
        if vr == "SQ":
            return {"Value": [self._item(item, inner, text) for item, inner in self._items(element, encoding)]}
        if element.length in {0, UNDEFINED}:
            return {}
        if vr in _BYTES:
            return self._binary(element, vr, encoding, top=top)
        values = self._values(element, vr, encoding, text)
        return {"Value": values} if any(value is not None for value in values) else {}

    def _item(self, item: list[Element], encoding: Encoding, text: Text) -> Json:
        return self.dataset(item, encoding, text, top=False)

    def _latin(self, element: Element) -> str:
        return bytes(self._buffer[element.offset : element.end]).decode("latin-1").rstrip(" \0")

    def _binary(self, element: Element, vr: str, encoding: Encoding, *, top: bool) -> Json:
        if top and element.length > INLINE and element.tag >> 16 != 0x0028:
            return {"BulkDataURI": f"{self._bulk_data}/{element.tag:08X}"}
        data = bytes(self._buffer[element.offset : element.end])
        if vr == "OW" and not encoding.little and len(data) % 2 == 0:
            words = array.array("H", data)
            words.byteswap()
            data = words.tobytes()
        return {"InlineBinary": base64.b64encode(data).decode("ascii")}

    def _values(self, element: Element, vr: str, encoding: Encoding, text: Text) -> list[Any]:
        data = bytes(self._buffer[element.offset : element.end])
        if vr in _NUMERIC:
            size = struct.calcsize(_NUMERIC[vr])
            numbers = struct.unpack(f"{encoding.order}{len(data) // size}{_NUMERIC[vr]}", data)
            return [number if math.isfinite(number) else None for number in numbers]
        if vr == "AT":
            pairs = struct.unpack(f"{encoding.order}{len(data) // 2}H", data)
            return [f"{group:04X}{number:04X}" for group, number in zip(pairs[::2], pairs[1::2], strict=True)]
        if vr in _ONE_TEXT:
            return [text.decode(data) or None]
        if vr == "PN":
            return [_name(part) for part in text.decode(data).split("\\")]
        if vr in {"LO", "SH", "UC"}:
            return [part.strip(" \0") or None for part in text.decode(data).split("\\")]
        parts = [part.strip(" \0") for part in data.decode("latin-1").split("\\")]
        if vr in {"DS", "IS"}:
            return [_number(part) for part in parts]
        return [part or None for part in parts]

    def _items(self, element: Element, encoding: Encoding) -> Iterator[tuple[list[Element], Encoding]]:
        """The elements of each item, with the encoding inside: UN of undefined length is implicit (PS3.5 6.2.2)."""
        inner = encoding
        if element.vr == "UN" and encoding.explicit:
            inner = Encoding(explicit=False, little=True)
        position = element.offset
        while position + 8 <= element.end:
            item = element_header(self._buffer, position, element.end, inner)
            if item.tag != ITEM:
                return
            if item.undefined:
                inside, position = self._open_item(item.offset, element.end, inner)
            else:
                inside, position = list(elements(self._buffer, item.offset, item.end, inner)), item.end
            yield inside, inner

    def _open_item(self, start: int, limit: int, encoding: Encoding) -> tuple[list[Element], int]:
        inside: list[Element] = []
        position = start
        while position < limit:
            header = element_header(self._buffer, position, limit, encoding)
            if header.tag >> 16 == 0xFFFE:
                return inside, header.offset
            inside.append(next(elements(self._buffer, position, limit, encoding)))
            position = inside[-1].end
        return inside, position


def _private_vr(tag: int, creator: str) -> str:
    """The VR of a private element by the creator of its block, as far as pydicom's private dictionary knows it."""
    if not tag >> 16 & 1 or not creator:
        return "UN"
    try:
        vr = private_dictionary_VR(tag, creator)
    except KeyError:
        return "UN"
    return vr if len(vr) == 2 and vr != "SQ" else "UN"


def _name(value: str) -> Json | None:
    parts = {group: part.strip(" \0") for group, part in zip(_GROUPS, value.split("="), strict=False)}
    return {group: part for group, part in parts.items() if part} or None


def _number(value: str) -> int | float | None:
    """A DS or IS as a JSON number; one that is none becomes null."""
    if _INTEGER.fullmatch(value) and len(value) <= 16:
        return int(value)
    if not _DECIMAL.fullmatch(value):
        return None
    number = float(value)
    return number if math.isfinite(number) else None
