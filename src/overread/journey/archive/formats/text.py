"""Text of a DICOM object by its Specific Character Set (0008,0005). Source: PS3.5 section 6.1, PS3.3 C.12.1.1.2.

Text that does not fit its declared set is still returned, with replacement characters, and said to be doubtful, so
that a name is never silently wrong (H29). No warning machinery is used: this runs in many threads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pydicom.charset import CODES_TO_ENCODINGS, python_encoding

_ESCAPED: Final = re.compile(rb"(\x1b(?:\$[()]?|[()\-])?[A-Z])")
_DELIMITERS: Final = re.compile(rb"([\^=\\\r\n\t\f])")
_JIS: Final = frozenset({"iso2022_jp", "iso2022_jp_2"})
_STAND_ALONE: Final = frozenset({"UTF8", "GB18030", "GBK"})
_PADDING: Final = " \0"


@dataclass(slots=True)
class Text:
    """Decodes values of one object; `doubtful` becomes True once something did not fit.

    Args:
        declared: the values of (0008,0005), in order; an empty first value is ISO_IR 6 (ASCII).
    """

    declared: tuple[str, ...] = ()
    doubtful: bool = False
    _encodings: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        for term in self.declared or ("",):
            encoding = python_encoding.get(term)
            if encoding is None:
                self.doubtful = True
                continue
            # "iso8859" is how Python spells ISO_IR 6 here; real ISO_IR 6 is ASCII only.
            self._encodings.append("ascii" if encoding == "iso8859" else encoding)
        if not self._encodings:
            self._encodings.append("ascii")

    def decode(self, value: bytes) -> str:
        """The value as text, without padding."""
        first = self._encodings[0]
        if b"\x1b" not in value or first in _STAND_ALONE:
            return self._plain(value, first).strip(_PADDING)
        parts = _ESCAPED.split(value)
        text = self._until_delimiter(parts[0], first, first)
        for escape, fragment in zip(parts[1::2], parts[2::2], strict=True):
            text += self._escaped(escape, fragment, first)
        return text.strip(_PADDING)

    def _plain(self, value: bytes, encoding: str) -> str:
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            self.doubtful = True
            return value.decode(encoding, errors="replace")

    def _until_delimiter(self, value: bytes, encoding: str, first: str) -> str:
        """A delimiter returns to the first character set (PS3.5 6.1.2.5.3)."""
        parts = _DELIMITERS.split(value, maxsplit=1)
        text = self._plain(parts[0], encoding)
        if len(parts) == 3:
            text += parts[1].decode("ascii") + self._plain(parts[2], first)
        return text

    def _escaped(self, escape: bytes, fragment: bytes, first: str) -> str:
        encoding = CODES_TO_ENCODINGS.get(escape)
        if encoding is None:
            self.doubtful = True
            return self._plain(fragment, first)
        if encoding == "iso8859":
            return self._until_delimiter(fragment, first if first != "shift_jis" else "ascii", first)
        if encoding not in self._encodings:
            self.doubtful = True
        if encoding in _JIS:
            return self._plain(escape + fragment, encoding)
        return self._until_delimiter(fragment, encoding, first)
