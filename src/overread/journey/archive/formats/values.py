"""Values of elements that `elements` has located: text, numbers, and pairs inside one sequence."""

from __future__ import annotations

import math
import re
import struct
from typing import Final

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
from overread.journey.archive.formats.text import Text
from overread.journey.archive.rules import Unreadable

_LONGEST: Final = 16 * 1024
_BINARY: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_ENCODED_TEXT: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT", "UN"})


class Values:
    """Reads values out of a buffer, decoding text by the object's own character set.

    Args:
        buffer: the whole object.
        found: the top-level elements that are of interest, by tag.
        encoding: how the data set is written.
    """

    def __init__(self, buffer: Buffer, found: dict[int, Element], encoding: Encoding) -> None:
        self.found = found
        self._buffer = buffer
        self._encoding = encoding
        self._plain = Text()
        terms = self.texts(0x00080005)
        self._text = Text(terms)

    @property
    def doubtful(self) -> bool:
        """True once a text did not fit its character set, or the set itself is unknown."""
        return self._text.doubtful

    def raw(self, tag: int) -> bytes:
        """The bytes of a value, at most 16 KiB of them; empty when the element is absent or a sequence."""
        element = self.found.get(tag)
        return b"" if element is None else self._bytes(element)

    def _bytes(self, element: Element) -> bytes:
        if element.undefined or element.vr == "SQ" or element.length > _LONGEST:
            return b""
        return bytes(self._buffer[element.offset : element.end])

    def _decode(self, element: Element) -> str:
        if element.vr in _ENCODED_TEXT:
            return self._text.decode(self._bytes(element)).strip(" \0")
        return self._bytes(element).decode("latin-1").strip(" \0")

    def text(self, tag: int) -> str:
        """The value as text without padding; the first of several for identifiers and codes, "" when absent."""
        element = self.found.get(tag)
        if element is None:
            return ""
        if element.vr in _BINARY:
            number = self.integer(tag)
            return "" if number is None else str(number)
        text = self._decode(element)
        if element.vr in {"UI", "DA", "TM", "DT", "CS", "AS", "SH"} and "\\" in text:
            return text.split("\\", 1)[0].strip(" \0")
        return text

    def texts(self, tag: int) -> tuple[str, ...]:
        """All values of a multi-valued code, each trimmed."""
        element = self.found.get(tag)
        if element is None:
            return ()
        text = self._bytes(element).decode("latin-1").strip(" \0")
        return tuple(part.strip(" \0") for part in text.split("\\")) if text else ()

    def integer(self, tag: int) -> int | None:
        """An IS, US, SS, UL or SL value; None when absent, malformed or beyond 32 bits."""
        numbers = self.numbers(tag, 1)
        if numbers is None or numbers[0] != int(numbers[0]) or abs(numbers[0]) > 0xFFFFFFFF:
            return None
        return int(numbers[0])

    def numbers(self, tag: int, count: int) -> tuple[float, ...] | None:
        """The first `count` numbers of a DS, IS or binary value; None when there are fewer or one is not finite."""
        element = self.found.get(tag)
        if element is None:
            return None
        data = self._bytes(element)
        code = _BINARY.get(element.vr)
        if code is not None:
            size = struct.calcsize(code)
            if len(data) < size * count:
                return None
            values = tuple(map(float, struct.unpack_from(f"{self._encoding.order}{count}{code}", data)))
        else:
            parts = [part.strip(" \0") for part in data.decode("latin-1").split("\\")[:count]]
            if len(parts) < count or not all(_NUMBER.fullmatch(part) for part in parts):
                return None
            values = tuple(map(float, parts))
        return values if all(math.isfinite(value) for value in values) else None

    def pairs(self, tag: int, first: int, second: int) -> tuple[tuple[str, str], ...]:
        """Two attributes of each item of a sequence, as text; at most 32 items. Empty when it cannot be read."""
        sequence = self.found.get(tag)
        if sequence is None or sequence.vr not in {"SQ", "UN"}:
            return ()
        result: list[tuple[str, str]] = []
        try:
            position = sequence.offset
            while position + 8 <= sequence.end and len(result) < 32:
                item = element_header(self._buffer, position, sequence.end, self._encoding)
                if item.tag != ITEM:
                    break
                limit = sequence.end if item.length == UNDEFINED else min(item.end, sequence.end)
                inside, position = self._item(item.offset, limit, undefined=item.length == UNDEFINED)
                texts = tuple(self._decode(inside[key]) if key in inside else "" for key in (first, second))
                if any(texts):
                    result.append((texts[0], texts[1]))
        except (CutShort, Unreadable):
            return tuple(result)
        return tuple(result)

    def first_item(self, tag: int) -> Values:
        """The elements of the first item of a sequence; none when it is absent or cannot be read."""
        return Values(self._buffer, self._first(self.found.get(tag)), self._encoding)

    def _first(self, sequence: Element | None) -> dict[int, Element]:
        if sequence is None or sequence.vr not in {"SQ", "UN"}:
            return {}
        try:
            item = element_header(self._buffer, sequence.offset, sequence.end, self._encoding)
            if item.tag != ITEM:
                return {}
            limit = sequence.end if item.length == UNDEFINED else min(item.end, sequence.end)
            return self._item(item.offset, limit, undefined=item.length == UNDEFINED)[0]
        except (CutShort, Unreadable):
            return {}

    def _item(self, start: int, limit: int, *, undefined: bool) -> tuple[dict[int, Element], int]:
        """The elements of one item and the offset after it."""
        inside: dict[int, Element] = {}
        position = start
        while position < limit:
            header = element_header(self._buffer, position, limit, self._encoding)
            if undefined and header.tag >> 16 == 0xFFFE:
                return inside, header.offset
            element = next(elements(self._buffer, position, limit, self._encoding))
            inside[element.tag] = element
            position = element.end
        return inside, position
