"""Decode a frame to numbers, and encode one losslessly as HTJ2K. Run it where memory is limited: in a worker.

Sizes come from the header and are checked against the bytes, and against `MOST_PIXELS`, before any decoder is called;
what a decoder returns must have the shape and type that the header says, or it is refused (B4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from overread.journey.archive.formats.codestreams import jpeg2000_size, jpeg_size, rle_can_hold, too_many_tiles
from overread.journey.archive.formats.frames import FrameError, OpenObject, PixelLayout, open_object
from overread.journey.archive.formats.part10 import Source
from overread.journey.archive.formats.syntaxes import (
    ENCAPSULATED,
    ENCAPSULATED_NATIVE,
    HTJ2K_LOSSLESS,
    HTJ2K_LOSSLESS_RPCL,
    RLE,
    is_lossy,
)

MOST_PIXELS: Final = 50_000_000
"""Samples in one frame; a mammogram has 25 million."""

Pixels = NDArray[Any]


class DecodeError(FrameError):
    """The frame could not be decoded to what its header says."""


class TooLarge(DecodeError):
    """The frame asks for more than any image needs: to be refused everywhere, not passed on for others to decode."""


def _rle(data: bytes, layout: PixelLayout) -> Pixels:
    width = layout.bits_allocated // 8
    planes = layout.samples * width
    counts = np.frombuffer(data[:64], "<u4")
    if len(counts) < 16 or counts[0] != planes:
        raise DecodeError("The RLE frame has another number of segments than its header says.")
    bounds = [*(int(offset) for offset in counts[1 : 1 + planes]), len(data)]
    size = layout.rows * layout.columns
    if not rle_can_hold(len(data), size * planes):
        raise DecodeError("The RLE frame is too short for its size.")
    out = np.zeros((layout.samples, width, size), np.uint8)
    for index in range(planes):
        try:
            segment = np.frombuffer(
                imagecodecs.packbits_decode(data[bounds[index] : bounds[index + 1]], out=size), np.uint8
            )
        except (RuntimeError, ValueError) as fault:
            raise DecodeError("The RLE frame cannot be decoded.") from fault
        if len(segment) != size:
            raise DecodeError("The RLE frame is too short for its size.")
        out[index // width, width - 1 - index % width] = segment
    joined = np.ascontiguousarray(out.transpose(0, 2, 1)).view(f"<u{width}")[..., 0]
    return joined.reshape(layout.samples, layout.rows, layout.columns).transpose(1, 2, 0)


def _native(data: bytes, layout: PixelLayout) -> Pixels:
    if layout.photometric == "YBR_FULL_422":
        raise DecodeError("Subsampled colour is not decoded here.")
    count = layout.rows * layout.columns * layout.samples
    if layout.bits_allocated == 1:
        flat = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little", count=count)
    else:
        flat = np.frombuffer(data, f"<u{layout.bits_allocated // 8}", count=count)
    if layout.planar and layout.samples > 1:
        return flat.reshape(layout.samples, layout.rows, layout.columns).transpose(1, 2, 0)
    return flat.reshape(layout.rows, layout.columns, layout.samples)


_DECODERS: Final[dict[str, Callable[[bytes], Pixels]]] = {
    "1.2.840.10008.1.2.4.50": imagecodecs.jpeg8_decode,
    "1.2.840.10008.1.2.4.51": imagecodecs.jpeg8_decode,
    "1.2.840.10008.1.2.4.57": imagecodecs.jpegsof3_decode,
    "1.2.840.10008.1.2.4.70": imagecodecs.jpegsof3_decode,
    "1.2.840.10008.1.2.4.80": imagecodecs.jpegls_decode,
    "1.2.840.10008.1.2.4.81": imagecodecs.jpegls_decode,
    "1.2.840.10008.1.2.4.90": imagecodecs.jpeg2k_decode,
    "1.2.840.10008.1.2.4.91": imagecodecs.jpeg2k_decode,
    "1.2.840.10008.1.2.4.201": imagecodecs.htj2k_decode,
    "1.2.840.10008.1.2.4.202": imagecodecs.htj2k_decode,
    "1.2.840.10008.1.2.4.203": imagecodecs.htj2k_decode,
}

_JPEG_DECODERS: Final = (imagecodecs.jpeg8_decode, imagecodecs.jpegsof3_decode, imagecodecs.jpegls_decode)


def decode(found: OpenObject, number: int) -> Pixels:
    """The stored values of frame `number` as an array (rows, columns, samples), signed as the header says.

    Raises:
        FrameError: no such frame. DecodeError: the decoder refuses it, or gives another size than the header.
    """
    layout = found.layout
    if layout.bits_allocated not in {1, 8, 16, 32} or layout.samples not in {1, 3}:
        raise DecodeError("The header describes pixels that are not decoded here.")
    if layout.rows * layout.columns * layout.samples > MOST_PIXELS:
        raise TooLarge("The header asks for an image of an impossible size.")
    if layout.rows * layout.columns == 0:
        raise DecodeError("The header does not say how large the image is.")
    data = found.frame(number)
    syntax = found.transfer_syntax
    if syntax not in ENCAPSULATED or syntax == ENCAPSULATED_NATIVE:
        pixels = _native(data, layout)
    elif syntax == RLE:
        pixels = _rle(data, layout)
    else:
        pixels = _compressed(data, syntax, layout)
    return _as_stated(pixels, layout)


def _compressed(data: bytes, syntax: str, layout: PixelLayout) -> Pixels:
    decoder = _DECODERS.get(syntax)
    if decoder is None:
        raise DecodeError("This compression is not decoded here.")
    stated = jpeg_size(data) if decoder in _JPEG_DECODERS else jpeg2000_size(data)
    if stated is not None and (stated.rows * stated.columns * stated.samples > MOST_PIXELS or too_many_tiles(data)):
        raise TooLarge("The compressed frame asks for an image of an impossible size.")
    if stated != (layout.rows, layout.columns, layout.samples):
        raise DecodeError("The compressed frame states another size than its header, or none.")
    try:
        pixels = np.asarray(decoder(data))
    except MemoryError as fault:
        raise TooLarge("The compressed frame needs more memory than an image may.") from fault
    except (RuntimeError, ValueError, TypeError) as fault:
        raise DecodeError("The compressed frame cannot be decoded.") from fault
    if pixels.size != layout.rows * layout.columns * layout.samples:
        raise DecodeError("The decoded frame has another size than its header says.")
    if pixels.shape[:2] != (layout.rows, layout.columns):
        raise DecodeError("The decoded frame has another shape than its header says.")
    return pixels.reshape(layout.rows, layout.columns, layout.samples)


def _as_stated(pixels: Pixels, layout: PixelLayout) -> Pixels:
    """The same bits under the type that the header names; a value narrower than its cell keeps its sign."""
    if layout.bits_allocated == 1:
        return np.ascontiguousarray(pixels)
    width = layout.bits_allocated // 8
    if pixels.dtype.kind not in "iu" or pixels.dtype.itemsize > width:
        raise DecodeError("The decoded frame has another depth than its header says.")
    if pixels.dtype.kind == "i" or not layout.signed:
        return np.ascontiguousarray(pixels.astype(f"{'i' if layout.signed else 'u'}{width}", copy=False))
    wide = np.ascontiguousarray(pixels.astype(f"u{width}", copy=False)).view(f"i{width}")
    spare = layout.bits_allocated - layout.bits_stored
    if 0 < spare < layout.bits_allocated:
        return (wide << spare) >> spare
    return wide


def htj2k(source: Source, number: int) -> tuple[bytes, str]:
    """One frame as lossless High-Throughput JPEG 2000, proven bit-exact by decoding it again.

    Returns:
        (bytes, transfer syntax). A frame that is HTJ2K already, is lossy, or cannot be carried (video, one-bit, 32-bit, colour
        by plane)
        is given as it is stored, under its own syntax: nothing is compressed twice and nothing is lost.

    Raises:
        FrameError, DecodeError, Unreadable, OSError.
    """
    with open_object(source) as found:
        syntax, layout = found.transfer_syntax, found.layout
        stored = syntax if syntax in ENCAPSULATED else "1.2.840.10008.1.2.1"
        ready = syntax in {HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL} or is_lossy(syntax, found.values.text(0x00282110))
        odd = layout.bits_allocated not in {8, 16} or (layout.samples > 1 and layout.planar)
        if ready or odd or layout.photometric.startswith("YBR"):
            return found.frame(number), stored
        pixels = decode(found, number)
    return encode_htj2k(pixels), HTJ2K_LOSSLESS


def native(source: Source, number: int) -> tuple[bytes, str]:
    """One frame decoded to what Explicit VR Little Endian would hold (PS3.5 A.2), for a caller that takes nothing else.

    Returns:
        (bytes, transfer syntax).

    Raises:
        FrameError, DecodeError (also for colour whose decoding would need another header), Unreadable, OSError.
    """
    with open_object(source) as found:
        if found.transfer_syntax not in ENCAPSULATED:
            return found.frame(number), "1.2.840.10008.1.2.1"
        if not found.layout.photometric.startswith(("MONOCHROME", "PALETTE", "RGB")):
            raise DecodeError("This colour is not decoded here.")
        pixels = decode(found, number)
    return pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes(), "1.2.840.10008.1.2.1"


def encode_htj2k(pixels: Pixels) -> bytes:
    """Encode an array (rows, columns, samples) losslessly and prove it. Raises `DecodeError` when it is not bit-exact."""
    image = np.ascontiguousarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    encoded = bytes(imagecodecs.htj2k_encode(image, reversible=True, tlm=True))
    again = np.asarray(imagecodecs.htj2k_decode(encoded)).reshape(image.shape)
    if again.dtype != image.dtype or not np.array_equal(again, image):
        raise DecodeError("The lossless copy of the frame differs from the frame.")
    return encoded
