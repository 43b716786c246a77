"""Take single frames out of a DICOM object as they are stored, without decoding. Source: PS3.5 A.4, PS3.18 8.7."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from overread.journey.archive.formats.elements import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    PIXEL_DATA,
    Buffer,
    CutShort,
    Element,
    elements,
    encoding_of,
    fragments,
)
from overread.journey.archive.formats.part10 import Source, opened, read_meta
from overread.journey.archive.formats.syntaxes import ENCAPSULATED, ENDS_WITH_MARKER, VIDEO
from overread.journey.archive.formats.values import Values
from overread.journey.archive.rules import Unreadable

_EXTENDED_OFFSETS = 0x7FE00001
_END_MARKER = b"\xff\xd9"


class FrameError(Exception):
    """The frame does not exist, or the pixel data does not say where it is. The message holds no value of a patient."""


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """What a decoder must know of the pixels; lengths in pixels and bits."""

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    planar: bool
    photometric: str
    frames: int

    @property
    def frame_bits(self) -> int:
        """Bits of one native frame; YBR_FULL_422 shares its chroma between two pixels (PS3.3 C.7.6.3.1.2)."""
        bits = self.rows * self.columns * self.samples * self.bits_allocated
        return bits * 2 // 3 if self.photometric == "YBR_FULL_422" else bits


class OpenObject:
    """A DICOM object opened for its frames: located elements, layout, and the bytes behind them."""

    def __init__(self, buffer: Buffer) -> None:
        self.buffer = buffer
        meta = read_meta(buffer)
        self.transfer_syntax = meta.transfer_syntax
        self.encoding = encoding_of(self.transfer_syntax)
        self.found: dict[int, Element] = {}
        try:
            for element in elements(buffer, meta.dataset_offset, len(buffer), self.encoding):
                self.found[element.tag] = element
        except CutShort as cut:
            if cut.partial is not None:
                self.found[cut.partial.tag] = cut.partial._replace(end=len(buffer))
        except Unreadable:
            if PIXEL_DATA not in self.found:
                raise
        self.values = Values(buffer, self.found, self.encoding)
        self.layout = self._layout()

    def _layout(self) -> PixelLayout:
        number, frames = self.values.integer, self.values.integer(0x00280008)
        return PixelLayout(
            rows=number(0x00280010) or 0,
            columns=number(0x00280011) or 0,
            samples=number(0x00280002) or 1,
            bits_allocated=number(0x00280100) or 0,
            bits_stored=number(0x00280101) or 0,
            signed=number(0x00280103) == 1,
            planar=number(0x00280006) == 1,
            photometric=self.values.text(0x00280004),
            frames=1 if frames is None else frames,
        )

    def frame(self, number: int) -> bytes:
        """The stored bytes of frame `number`, counted from 1; native ones little endian, one frame's worth.

        Raises:
            FrameError: no such frame, or its place cannot be told.
        """
        pixel = self.found.get(PIXEL_DATA)
        if pixel is None or not 1 <= number <= self.layout.frames:
            raise FrameError(f"There is no frame {number}.")
        if self.transfer_syntax in VIDEO:
            raise FrameError("A video has no single frames.")
        if pixel.undefined and self.transfer_syntax in ENCAPSULATED:
            parts = self._encapsulated(pixel, number)
            return b"".join(bytes(self.buffer[start:end]) for start, end in parts)
        return self._native(pixel, number)

    def _native(self, pixel: Element, number: int) -> bytes:
        bits = self.layout.frame_bits
        if bits == 0:
            raise FrameError("The header does not say how large a frame is.")
        first, last = bits * (number - 1), bits * number
        if pixel.offset + (last + 7) // 8 > pixel.end:
            raise FrameError(f"Frame {number} is not whole.")
        data = bytes(self.buffer[pixel.offset + first // 8 : pixel.offset + (last + 7) // 8])
        if self.layout.bits_allocated == 1 and first % 8:
            loose = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
            return np.packbits(loose[first % 8 :][:bits], bitorder="little").tobytes()
        width = self.layout.bits_allocated // 8
        if self.transfer_syntax == EXPLICIT_BIG and width in {2, 4, 8} and pixel.vr != "OB":
            return np.frombuffer(data, f">u{width}").astype(f"<u{width}").tobytes()
        return data

    def _encapsulated(self, pixel: Element, number: int) -> list[tuple[int, int]]:
        try:
            items = list(fragments(self.buffer, pixel, len(self.buffer), self.encoding))
        except CutShort:
            raise FrameError("The compressed pixel data is not whole.") from None
        table, parts = items[0] if items else (0, 0), items[1:]
        frames = self.layout.frames
        if frames == 1:
            return parts
        if len(parts) == frames:
            return [parts[number - 1]]
        offsets = self._offsets(table)
        if len(offsets) == frames:
            base = items[0][1]
            starts = [*offsets, 1 << 63]
            return [part for part in parts if starts[number - 1] <= part[0] - 8 - base < starts[number]]
        if self.transfer_syntax in ENDS_WITH_MARKER:
            return self._by_marker(parts, number)
        raise FrameError("The pixel data does not say where its frames begin.")

    def _offsets(self, table: tuple[int, int]) -> list[int]:
        """The Basic Offset Table, else the Extended Offset Table (PS3.3 C.7.6.3.1.8)."""
        basic = bytes(self.buffer[table[0] : table[1]])
        if basic and len(basic) % 4 == 0:
            return [int(offset) for offset in np.frombuffer(basic, "<u4")]
        extended = self.found.get(_EXTENDED_OFFSETS)
        if extended is None or extended.undefined or extended.length % 8:
            return []
        return [int(offset) for offset in np.frombuffer(bytes(self.buffer[extended.offset : extended.end]), "<u8")]

    def _by_marker(self, parts: list[tuple[int, int]], number: int) -> list[tuple[int, int]]:
        """Without any table a frame is taken to end with the fragment that holds the end marker near its end."""
        frame, current = 1, []
        for start, end in parts:
            current.append((start, end))
            if _END_MARKER in bytes(self.buffer[max(start, end - 16) : end]):
                if frame == number:
                    return current
                frame, current = frame + 1, []
        raise FrameError(f"Frame {number} cannot be found.")


@contextmanager
def open_object(source: Source) -> Iterator[OpenObject]:
    """Open a DICOM file or its bytes for frames. Raises `Unreadable` when it is not DICOM, `FrameError` if cut short."""
    with opened(source) as buffer:
        yield OpenObject(buffer)


def frame_bytes(source: Source, number: int) -> tuple[bytes, str]:
    """One frame as stored, and the transfer syntax of these bytes.

    Args:
        source: path or bytes of a DICOM file.
        number: of the frame, from 1.

    Returns:
        (bytes, transfer syntax). Native frames are always given as explicit VR little endian.

    Raises:
        FrameError, Unreadable, OSError.
    """
    with open_object(source) as found:
        data = found.frame(number)
        return data, found.transfer_syntax if found.transfer_syntax in ENCAPSULATED else EXPLICIT_LITTLE
