"""Frames, lossless copies, thumbnails and metadata made from objects."""

import io
import json
import struct
import warnings
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, JPEGLosslessSV1

from overread.journey.archive.formats.codecs import decode, encode_htj2k
from overread.journey.archive.formats.codestreams import jpeg2000_size, jpeg_size
from overread.journey.archive.formats.frames import open_object
from overread.journey.archive.formats.pixels import (
    DecodeError,
    FrameError,
    bulk_value,
    dicom_json,
    frame_bytes,
    htj2k,
    thumbnail,
)
from overread.journey.archive.rules import Unreadable
from overread.journey.archive.tests.objects import ct, dicom_file

EXPLICIT = "1.2.840.10008.1.2.1"
HTJ2K = "1.2.840.10008.1.2.4.201"


def _bundled(name: str) -> Path:
    return Path(str(get_testdata_file(name, download=False)))


def _decoded(source: Path | bytes, number: int = 1) -> np.ndarray:
    with open_object(source) as found:
        return decode(found, number)


def test_native_frames_are_cut_out_as_stored() -> None:
    """Each frame of an uncompressed object is its own bytes; big endian is given as little endian."""
    data = ct(NumberOfFrames=3, PixelData=struct.pack("<36h", *range(36)))
    assert frame_bytes(dicom_file(data), 2) == (struct.pack("<12h", *range(12, 24)), EXPLICIT)
    assert frame_bytes(dicom_file(data, ImplicitVRLittleEndian), 3)[0] == struct.pack("<12h", *range(24, 36))
    big = ct(PixelData=struct.pack(">12h", *range(12)))
    assert frame_bytes(dicom_file(big, ExplicitVRBigEndian), 1) == (struct.pack("<12h", *range(12)), EXPLICIT)


def test_one_bit_frames_that_do_not_end_on_a_byte_are_realigned() -> None:
    """The second frame of a 3 x 3 segmentation starts in the middle of a byte and still comes out right."""
    bits = np.array([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1], np.uint8)
    data = ct(Rows=3, Columns=3, BitsAllocated=1, BitsStored=1, HighBit=0, PixelRepresentation=0, NumberOfFrames=2)
    data.PixelData = np.packbits(bits, bitorder="little").tobytes() + b"\0"
    frame, _ = frame_bytes(dicom_file(data), 2)
    assert np.unpackbits(np.frombuffer(frame, np.uint8), bitorder="little")[:9].tolist() == bits[9:].tolist()


@pytest.mark.parametrize("table", ["basic", "none", "extended"])
def test_compressed_frames_in_several_fragments_are_joined(table: str) -> None:
    """A frame spread over fragments is put together by offset table, extended table or the frames' end markers."""
    frames = [b"\xff\xd8" + bytes([n]) * 40 + b"\xff\xd9" for n in (1, 2, 3)]
    data = ct(NumberOfFrames=3)
    if table == "extended":
        data.PixelData, data.ExtendedOffsetTable, data.ExtendedOffsetTableLengths = encapsulate_extended(frames)
    else:
        data.PixelData = encapsulate(frames, fragments_per_frame=2, has_bot=table == "basic")
    data["PixelData"].is_undefined_length = True
    content = dicom_file(data, JPEGLosslessSV1)
    for number, frame in enumerate(frames, 1):
        assert frame_bytes(content, number)[0].rstrip(b"\0") == frame.rstrip(b"\0")


def test_a_frame_that_is_not_there_is_an_error() -> None:
    """Frame 0, a frame beyond the last, an object without pixels and one cut short give an error, not other bytes."""
    for content, number in (
        (dicom_file(ct()), 0),
        (dicom_file(ct()), 2),
        (dicom_file(ct(PixelData=None)), 1),
        (dicom_file(ct())[:-6], 1),
        (dicom_file(ct(Rows=0)), 1),
    ):
        with pytest.raises(FrameError):
            frame_bytes(content, number)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("MR_small_RLE.dcm", "MR_small.dcm"),
        ("MR_small_bigendian.dcm", "MR_small.dcm"),
        ("MR_small_jp2klossless.dcm", "MR_small.dcm"),
        ("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"),
        ("SC_rgb_rle_16bit.dcm", "SC_rgb_rle_16bit.dcm"),
        ("SC_rgb_rle_2frame.dcm", "SC_rgb_rle_2frame.dcm"),
        ("SC_rgb_rle_32bit.dcm", "SC_rgb_rle_32bit.dcm"),
    ],
)
def test_lossless_compressions_decode_to_the_uncompressed_original(name: str, reference: str) -> None:
    """RLE, JPEG-LS, JPEG 2000 and big endian versions of one image decode to exactly the pixels that pydicom reads (H13)."""
    expected = pydicom.dcmread(_bundled(reference)).pixel_array
    first = expected[0] if "2frame" in reference else expected
    assert np.array_equal(np.squeeze(_decoded(_bundled(name))), first)


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "SC_rgb_rle_16bit.dcm"]
)
def test_htj2k_is_bit_exact(name: str) -> None:
    """The lossless copy that the viewer gets decodes to exactly the stored pixels, signed ones too."""
    data, syntax = htj2k(_bundled(name), 1)
    assert syntax == HTJ2K
    stored = np.squeeze(_decoded(_bundled(name)))
    decoded = imagecodecs.htj2k_decode(data)
    assert decoded.dtype == stored.dtype
    assert np.array_equal(decoded, stored)


def test_lossy_and_odd_frames_are_handed_on_as_stored() -> None:
    """A lossy frame is never compressed a second time; one-bit and 32-bit frames go out as they are."""
    for path in map(_bundled, ("JPEG-lossy.dcm", "SC_rgb_rle_32bit.dcm", "liver_1frame.dcm")):
        assert htj2k(path, 1) == frame_bytes(path, 1)
    photo = ct(LossyImageCompression="01")
    assert htj2k(dicom_file(photo), 1) == frame_bytes(dicom_file(photo), 1)


def test_a_lossless_copy_that_differs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the encoder ever lost a bit, the copy would be refused instead of shown."""
    pixels = np.arange(64, dtype=np.int16).reshape(8, 8, 1)
    monkeypatch.setattr(imagecodecs, "htj2k_decode", lambda data: np.zeros((8, 8), np.int16))
    with pytest.raises(DecodeError, match="differs"):
        encode_htj2k(pixels)


@pytest.mark.hostile
def test_impossible_sizes_are_refused_before_any_decoder_runs() -> None:
    """A header that asks for 65535 x 65535 pixels, or disagrees with the stream, gets an error and no memory (B4)."""
    stream = bytes(imagecodecs.jpeg2k_encode(np.zeros((8, 8), np.uint16), reversible=True, level=0))
    for rows, columns, message in ((65535, 65535, "impossible"), (8, 16, "another size"), (16, 4, "another size")):
        data = ct(Rows=rows, Columns=columns, PixelRepresentation=0, PixelData=encapsulate([stream]))
        data["PixelData"].is_undefined_length = True
        with pytest.raises(DecodeError, match=message):
            _decoded(dicom_file(data, "1.2.840.10008.1.2.4.90"))


@pytest.mark.hostile
@pytest.mark.parametrize("name", ["MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_gdcm.dcm"])
def test_a_stream_that_asks_for_gigabytes_never_reaches_a_decoder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compressed frame whose own header names another size than DICOM's is refused before decoding (RELIABILITY 0.6)."""
    with open_object(_bundled(name)) as found:
        layout, stream, syntax = found.layout, found.frame(1), found.transfer_syntax
    stated = jpeg_size(stream) or jpeg2000_size(stream)
    assert stated == (layout.rows, layout.columns, layout.samples)
    width = 4 if jpeg_size(stream) is None else 2
    old, huge = layout.rows.to_bytes(width, "big"), (60_000).to_bytes(width, "big")
    lying = stream[:200].replace(old, huge) + stream[200:]
    data = ct(
        Rows=layout.rows, Columns=layout.columns, SamplesPerPixel=layout.samples, BitsAllocated=layout.bits_allocated
    )
    data.PixelData = encapsulate([lying])
    data["PixelData"].is_undefined_length = True
    monkeypatch.setattr("overread.journey.archive.formats.codecs._DECODERS", {syntax: _never})
    with pytest.raises(DecodeError, match=r"another size|impossible size"):
        _decoded(dicom_file(data, syntax))


def _never(_data: bytes) -> np.ndarray:
    raise AssertionError("the decoder was called")


@pytest.mark.hostile
def test_an_rle_frame_cannot_promise_more_than_it_can_hold() -> None:
    """540 bytes of RLE that ask for a huge image are refused without allocating it (RELIABILITY 0.6)."""
    data = ct(Rows=7000, Columns=7000, PixelData=encapsulate([struct.pack("<16I", 2, 64, 300, *[0] * 13) + bytes(476)]))
    data["PixelData"].is_undefined_length = True
    with pytest.raises(DecodeError, match="too short"):
        _decoded(dicom_file(data, "1.2.840.10008.1.2.5"))


@given(st.binary(max_size=200))
def test_size_readers_never_fail(data: bytes) -> None:
    """Whatever bytes they get, the readers of a stream's size answer with a size or None."""
    for prefix in (b"", b"\xff\xd8\xff\xc3", b"\xff\x4f\xff\x51"):
        assert jpeg_size(prefix + data) is None or len(jpeg_size(prefix + data) or ()) == 3
        assert jpeg2000_size(prefix + data) is None or len(jpeg2000_size(prefix + data) or ()) == 3


def test_twelve_bit_signed_values_keep_their_sign() -> None:
    """Negative values stored in 12 of 16 bits decode to negative numbers whatever the spare bits hold."""
    data = ct(BitsStored=12, HighBit=11, PixelData=struct.pack("<12H", *[0x0FFF] * 12))
    assert _decoded(dicom_file(data)).min() == -1


def test_thumbnails_are_windowed_and_keep_the_aspect() -> None:
    """The small picture uses the file's window after its Modality LUT, inverts MONOCHROME1, and is not stretched."""
    pixels = np.zeros((64, 128), np.int16)
    pixels[:, 64:] = 1024 + 80
    data = ct(Rows=64, Columns=128, PixelData=pixels.tobytes())
    picture = Image.open(io.BytesIO(thumbnail(dicom_file(data))))
    assert picture.size == (128, 64)
    assert (picture.getpixel((10, 30)), picture.getpixel((120, 30))) == (0, 255)
    data.PhotometricInterpretation = "MONOCHROME1"
    inverted = Image.open(io.BytesIO(thumbnail(dicom_file(data), side=64)))
    assert inverted.size == (64, 32)
    assert (inverted.getpixel((5, 10)), inverted.getpixel((60, 10))) == (255, 0)
    data.PixelSpacing = [2, 1]
    assert Image.open(io.BytesIO(thumbnail(dicom_file(data)))).size == (128, 128)


def test_metadata_has_every_value_but_pixels_by_reference() -> None:
    """DICOM JSON names the pixels by BulkDataURI, holds the header's values, and large private blobs by reference."""
    found = dicom_json(_bundled("CT_small.dcm"), "https://host/instances/1/bulkdata")
    assert found["7FE00010"] == {"vr": "OW", "BulkDataURI": "https://host/instances/1/bulkdata/7FE00010"}
    assert found["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": "CompressedSamples^CT1"}]}
    assert found["00280010"]["Value"] == [128]
    assert found["00200032"]["Value"] == [-158.135803, -179.035797, -75.699997]
    assert found["00101002"]["Value"][0]["00100020"]["vr"] == "LO"
    assert not any(tag.startswith("0002") for tag in found)
    json.dumps(found, allow_nan=False)
    blob = ct()
    blob.add_new(0x00091010, "OB", b"x" * 5000)
    content = dicom_file(blob)
    assert dicom_json(content)["00091010"] == {"vr": "OB", "BulkDataURI": "bulkdata/00091010"}
    assert bulk_value(content, 0x00091010) == b"x" * 5000
    with pytest.raises(FrameError):
        bulk_value(content, 0x00091012)


BUNDLED = sorted(path for path in _bundled("CT_small.dcm").parent.glob("*.dcm") if path.stat().st_size < 200_000)


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_metadata_agrees_with_pydicoms(path: Path) -> None:
    """Every standard attribute in our DICOM JSON equals what pydicom makes of the same file, in all encodings."""
    try:
        ours = dicom_json(path)
    except Unreadable:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # pydicom's remarks on odd values
        dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        theirs = dataset.to_json_dict(bulk_data_threshold=1 << 40, suppress_invalid_tags=True)
    compared = _compare(ours, theirs)
    standard = [tag for tag in theirs if int(tag[:4], 16) % 2 == 0 and int(tag, 16) % 0x10000]
    assert compared >= len(set(standard) & set(ours)) - 5
    assert set(standard) <= set(ours) | {"FFFCFFFC"}


def _compare(ours: dict, theirs: dict) -> int:
    compared = 0
    for tag, expected in theirs.items():
        if int(tag[:4], 16) % 2 or tag.endswith("0000") or tag not in ours:
            continue
        if ours[tag]["vr"] == expected["vr"] == "SQ":
            items = list(zip(ours[tag].get("Value", []), expected.get("Value", []), strict=False))
            compared += 1 + sum(_compare(mine, other) for mine, other in items)
        elif "BulkDataURI" not in ours[tag]:
            assert ours[tag]["vr"] == expected["vr"], tag
            assert _plain(ours[tag].get("Value")) == _plain(expected.get("Value")), tag
            compared += 1
    return compared


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(item) for item in value] if any(item not in (None, "") for item in value) else None
    if isinstance(value, str):
        return value.strip() or None
    return round(value, 6) if isinstance(value, float) else value


def test_metadata_survives_values_that_json_cannot_express() -> None:
    """A number that is no number, or not finite, is left out of the JSON; the rest is there."""
    data = ct()
    data.add_new(0x00189087, "FD", float("nan"))
    content = dicom_file(data).replace(b"\x20\x00\x13\x00IS\x02\x007 ", b"\x20\x00\x13\x00IS\x02\x00x ")
    found = dicom_json(content)
    json.dumps(found, allow_nan=False)
    assert found["00200013"]["vr"] == "IS"
    assert found["00100020"]["Value"] == ["P-1"]
