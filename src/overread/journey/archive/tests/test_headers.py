"""Reading headers at reception: what is read, what is refused, what is held."""

import io
import struct
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_charset_files, get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless

from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.formats.moments import parse_date, parse_datetime, parse_offset, parse_time
from overread.journey.archive.formats.part10 import part10_head, read_meta, split_part10, wrap_part10
from overread.journey.archive.rules import Problem, Refusal, Unreadable, has_leading_zero, is_uid
from overread.journey.archive.tests.objects import CT_CLASS, ct, dicom_file, nested

EXPLICIT = "1.2.840.10008.1.2.1"


def _small() -> Path:
    return Path(str(get_testdata_file("CT_small.dcm")))


def _refused(content: bytes, transfer_syntax: str | None = None) -> Refusal:
    with pytest.raises(Unreadable) as caught:
        read_header(content, transfer_syntax)
    return caught.value.reason


def test_all_that_reception_needs_is_read() -> None:
    """Identity, dates, description, geometry and pixel size of an object are read as they were written."""
    header = read_header(dicom_file(ct()))
    assert (header.sop_class, header.sop_instance) == (CT_CLASS, "2.25.1001")
    assert (header.study_uid, header.series_uid) == ("2.25.1", "2.25.2")
    assert header.patient.name == "SYNTHETIC^ANNA"
    assert header.patient.name_raw == b"SYNTHETIC^ANNA"
    assert (header.patient.identifier, header.patient.issuer) == ("P-1", "CLINIC")
    assert (header.patient.birth_date, header.patient.sex, header.patient.age) == (date(1970, 2, 28), "F", "055Y")
    assert (header.study_date, header.study_time) == (date(2026, 3, 3), time(10, 11, 12, 500000))
    assert (header.accession, header.modality, header.body_part) == ("ACC-1", "CT", "HEAD")
    assert (header.series_number, header.instance_number) == (2, 7)
    assert header.image_type == ("ORIGINAL", "PRIMARY", "AXIAL")
    assert header.geometry.position == (-1.0, -2.0, 3.5)
    assert header.geometry.pixel_spacing == (0.5, 0.5)
    assert (header.pixels.rows, header.pixels.columns, header.pixels.frames) == (3, 4, 1)
    assert (header.pixels.expected_length, header.pixels.length, header.pixels.signed) == (24, 24, True)
    assert header.problems == ()
    assert header.is_image


def test_acquisition_time_keeps_its_own_offset() -> None:
    """An acquisition time with an offset is that moment; without one the site's zone is used, with summer time."""
    header = read_header(dicom_file(ct()))
    assert header.acquired_at(UTC) == datetime(2026, 3, 3, 10, 10, 10, 250000, tzinfo=timezone(timedelta(hours=1)))
    summer = read_header(dicom_file(ct(AcquisitionDateTime="20260703101010")))
    london = ZoneInfo("Europe/London")
    assert summer.acquired_at(london) == datetime(2026, 7, 3, 9, 10, 10, tzinfo=UTC)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_every_native_encoding_reads_the_same(syntax: str) -> None:
    """The header of an implicit or big endian object equals that of the explicit little endian one."""
    data = ct()
    if syntax == ExplicitVRBigEndian:
        data.PixelData = struct.pack(">12h", *range(12))
    header, expected = read_header(dicom_file(data, syntax)), read_header(dicom_file(ct()))
    assert header.patient == expected.patient
    assert header.pixels == expected.pixels
    assert header.geometry == expected.geometry
    assert header.problems == ()


def test_a_bare_data_set_is_read_by_its_negotiated_syntax() -> None:
    """The bytes that arrive by DICOM network are read without file meta information."""
    _, dataset = split_part10(dicom_file(ct(), ImplicitVRLittleEndian))
    header = read_header(dataset, ImplicitVRLittleEndian)
    assert header.sop_instance == "2.25.1001"
    assert header.problems == ()
    assert header.dataset_offset == 0


def test_every_cut_of_a_real_file_is_noticed() -> None:
    """Of a real CT file cut at sampled offsets none passes as complete (RELIABILITY 0.5, B1)."""
    content = _small().read_bytes()
    assert [cut for cut in range(0, len(content), 97) if _passes(content[:cut])] == []


@pytest.mark.slow
@pytest.mark.hostile
def test_no_cut_of_a_real_file_passes_as_complete() -> None:
    """Of all 39,206 truncations of a real CT file only one reads as complete, and it lost no more than padding.

    Its data set ends with Data Set Trailing Padding (FFFC,FFFC), which PS3.10 7.2 says carries no meaning: cut exactly
    before it, the file is a whole DICOM file.
    """
    content = _small().read_bytes()
    padding = content.rfind(struct.pack("<HH2s", 0xFFFC, 0xFFFC, b"OB"))
    assert [cut for cut in range(len(content)) if _passes(content[:cut])] == [padding]
    assert _passes(content)


@pytest.mark.hostile
def test_no_cut_of_a_compressed_file_passes_as_complete() -> None:
    """Of all truncations of a small compressed object none reads as complete (B1)."""
    data = ct(PixelData=encapsulate([struct.pack("<16I", 2, 64, 66, *[0] * 13) + b"\x01\x02\x03\x04"]))
    data["PixelData"].is_undefined_length = True
    content = dicom_file(data, RLELossless)
    assert _passes(content)
    assert [cut for cut in range(len(content)) if _passes(content[:cut])] == []


def _passes(content: bytes) -> bool:
    try:
        return read_header(content).complete
    except Unreadable:
        return False


def test_missing_pixels_are_damage_and_not_a_refusal() -> None:
    """An image with too few or no pixels is readable, so that it can be held and shown to the administrator."""
    short = read_header(dicom_file(ct(Rows=30)))
    assert short.damage == (Problem.PIXELS_SHORT,)
    assert (short.pixels.expected_length, short.pixels.length) == (240, 24)
    assert read_header(dicom_file(ct(PixelData=None))).damage == (Problem.PIXELS_MISSING,)
    assert Problem.PIXELS_LONG in read_header(dicom_file(ct(Rows=2))).problems
    assert read_header(dicom_file(ct(Rows=None))).damage == (Problem.PIXELS_UNDESCRIBED,)


def test_a_header_that_asks_for_gigabytes_costs_nothing() -> None:
    """65535 x 65535 pixels times 2,147,483,647 frames is arithmetic, not memory (B4)."""
    header = read_header(dicom_file(ct(Rows=65535, Columns=65535, NumberOfFrames=2**31 - 1)))
    assert header.damage == (Problem.PIXELS_SHORT,)


def test_compressed_frames_must_be_there_and_finished() -> None:
    """A compressed object with a frame missing, or whose stream has no end marker, is held."""
    whole = b"\xff\xd8\xff\xe0abcd\xff\xd9"
    for frames, number, expected in (
        ([whole, whole], 2, ()),
        ([whole], 2, (Problem.FRAMES_MISSING,)),
        ([whole, whole[:-2]], 2, (Problem.FRAME_OPEN,)),
    ):
        data = ct(NumberOfFrames=number, PixelData=encapsulate(frames, has_bot=False))
        data["PixelData"].is_undefined_length = True
        header = read_header(dicom_file(data, "1.2.840.10008.1.2.4.70"))
        assert header.damage == expected
        assert header.pixels.fragments == len(frames)


@pytest.mark.parametrize(
    ("syntax", "stated", "lossy"),
    [
        (EXPLICIT, None, False),
        (EXPLICIT, "01", True),
        ("1.2.840.10008.1.2.4.70", None, False),
        ("1.2.840.10008.1.2.4.50", "00", True),
        ("1.2.840.10008.1.2.4.91", None, True),
        ("1.2.840.10008.1.2.4.91", "00", False),
    ],
)
def test_lossy_images_are_marked(syntax: str, stated: str | None, lossy: bool) -> None:
    """An image that may have lost something says so; in doubt it is marked (H14)."""
    data = ct()
    if stated:
        data.LossyImageCompression = stated
    if syntax != EXPLICIT:
        data.PixelData = encapsulate([b"\xff\xd8ab\xff\xd9"])
        data["PixelData"].is_undefined_length = True
    assert read_header(dicom_file(data, syntax)).pixels.lossy is lossy


@pytest.mark.hostile
@pytest.mark.parametrize("depth", [33, 500, 20_000])
def test_deep_nesting_is_refused_and_never_a_crash(depth: int) -> None:
    """Sequences nested deeper than any real object are refused without using the call stack (B10)."""
    _, dataset = split_part10(dicom_file(ct()))
    at = dataset.index(struct.pack("<HH2s", 0x0010, 0x0010, b"PN"))
    assert _refused(dataset[:at] + nested(depth) + dataset[at:], EXPLICIT) is Refusal.TOO_DEEP
    assert read_header(dataset[:at] + nested(12) + dataset[at:], EXPLICIT).complete


@pytest.mark.hostile
def test_what_dicom_forbids_is_refused_with_its_reason() -> None:
    """Duplicates, group 2 inside, deflated, unknown syntax, odd VR, empty and foreign bytes each name their reason."""
    _, dataset = split_part10(dicom_file(ct()))
    name = struct.pack("<HH2sH", 0x0010, 0x0020, b"LO", 4) + b"P-2 "
    sex = dataset.index(struct.pack("<HH2s", 0x0010, 0x0040, b"CS"))
    assert _refused(dataset[:sex] + name + dataset[sex:], EXPLICIT) is Refusal.DUPLICATE
    group_two = struct.pack("<HH2sH", 0x0002, 0x0010, b"UI", 4) + b"1.2\0"
    assert _refused(dataset[:sex] + group_two + dataset[sex:], EXPLICIT) is Refusal.META_INSIDE
    odd = struct.pack("<HH2sH", 0x0010, 0x0030, b"z!", 0)
    assert _refused(dataset[:sex] + odd + dataset[sex:], EXPLICIT) is Refusal.MALFORMED
    assert _refused(dicom_file(ct(), DeflatedExplicitVRLittleEndian)) is Refusal.DEFLATED
    assert _refused(dataset, "1.2.840.10008.1.2.4.94") is Refusal.TRANSFER_SYNTAX
    assert _refused(b"") is Refusal.EMPTY
    assert _refused(b"MZ" + bytes(400)) is Refusal.NOT_DICOM
    assert _refused(b"%PDF-1.7 and so on " * 20) is Refusal.NOT_DICOM
    assert _refused(Path(str(get_testdata_file("DICOMDIR"))).read_bytes()) is Refusal.DIRECTORY


@pytest.mark.hostile
@pytest.mark.parametrize(
    "uid",
    [
        "../../../etc/xx",
        "1.2.3\\..",
        "1..2",
        ".1.2",
        "1.2.",
        "1.2.a",
        "1." + "2" * 63,
        "1",
        "/etc/passwd",
        "1.2 3",
        "-1.2",
    ],
)
def test_uids_that_are_not_uids_are_refused(uid: str) -> None:
    """A UID is digits and dots, at most 64 characters; anything else is refused, so none can become a path (B12)."""
    _, dataset = split_part10(dicom_file(ct()))
    old = struct.pack("<HH2sH", 0x0020, 0x000D, b"UI", 6) + b"2.25.1"
    value = uid.encode() + b"\0" * (len(uid) % 2)
    changed = dataset.replace(old, struct.pack("<HH2sH", 0x0020, 0x000D, b"UI", len(value)) + value)
    if uid == "1.2.3\\..":  # several values: the first one counts
        assert read_header(changed, EXPLICIT).study_uid == "1.2.3"
    else:
        assert _refused(changed, EXPLICIT) is Refusal.UID_MALFORMED


@given(st.text(max_size=80))
def test_a_uid_never_holds_anything_but_digits_and_dots(text: str) -> None:
    """Whatever text is offered, what is_uid accepts is short, ASCII, and has no path character (B12)."""
    if is_uid(text):
        assert len(text) <= 64
        assert set(text) <= set("0123456789.")
        assert ".." not in text


def test_odd_but_real_uids_are_kept_as_received() -> None:
    """A part with a leading zero, which real scanners write, is accepted unchanged and noted."""
    assert has_leading_zero("1.2.01")
    assert not has_leading_zero("1.0.2")
    header = read_header(dicom_file(ct(StudyInstanceUID="1.2.01")))
    assert header.study_uid == "1.2.01"
    assert header.problems == (Problem.UID_LEADING_ZERO,)
    assert not is_uid("1.2.٣")


def test_an_unknown_birth_date_is_none_and_said() -> None:
    """A date of birth that is not a date is kept as written, read as unknown and flagged; absence is simply None."""
    header = read_header(
        wrap_part10(
            split_part10(dicom_file(ct()))[1].replace(b"19700228", b"19701332"), CT_CLASS, "2.25.1001", EXPLICIT
        )
    )
    assert (header.patient.birth_date, header.patient.birth_date_raw) == (None, "19701332")
    assert Problem.BIRTH_DATE in header.problems
    absent = read_header(dicom_file(ct(PatientBirthDate="")))
    assert absent.patient.birth_date is None
    assert absent.problems == ()


@pytest.mark.parametrize("path", [Path(p) for p in get_charset_files("*.dcm")], ids=lambda path: path.stem)
def test_names_in_every_character_set_read_as_pydicom_reads_them(path: Path) -> None:
    """Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Chinese, Japanese and Korean names are read correctly (H29)."""
    expected = pydicom.dcmread(path, force=True)
    if "SOPClassUID" not in expected or "StudyInstanceUID" not in expected:
        assert _refused(path.read_bytes()) is Refusal.UID_MISSING
        return
    header = read_header(path)
    groups = [*str(expected.PatientName).split("="), "", ""]
    assert [header.patient.name, header.patient.name_ideographic, header.patient.name_phonetic] == [
        group.rstrip("^ ") for group in groups[:3]
    ]
    assert Problem.CHARACTER_SET not in header.problems


def test_attributes_that_a_router_wrote_as_unknown_are_still_read() -> None:
    """Standard attributes stored with VR UN, as some routers write them, are understood by their tag."""
    _, dataset = split_part10(dicom_file(ct()))
    for tag, vr in (((0x0028, 0x0010), b"US"), ((0x0010, 0x0020), b"LO"), ((0x0020, 0x0032), b"DS")):
        at = dataset.index(struct.pack("<HH2s", *tag, vr))
        (length,) = struct.unpack_from("<H", dataset, at + 6)
        head = struct.pack("<HH2sHI", *tag, b"UN", 0, length)
        dataset = dataset[:at] + head + dataset[at + 8 :]
    header = read_header(dataset, EXPLICIT)
    assert header == replace(read_header(dicom_file(ct())), dataset_offset=0)


def test_text_outside_its_character_set_is_shown_and_flagged() -> None:
    """A name that does not fit the declared character set is not silently wrong: raw bytes kept, doubt said (H29)."""
    content = dicom_file(ct()).replace(b"SYNTHETIC^ANNA", b"SYNTHETIC^\xc4NNA")
    header = read_header(content)
    assert Problem.CHARACTER_SET in header.problems
    assert header.patient.name_raw == b"SYNTHETIC^\xc4NNA"
    unknown = read_header(dicom_file(ct()).replace(b"ISO_IR 192", b"ISO_IR 999"))
    assert Problem.CHARACTER_SET in unknown.problems
    assert unknown.patient.name == "SYNTHETIC^ANNA"


def test_other_identifiers_are_read_from_their_sequence() -> None:
    """An NHS number sent beside the hospital number is found with its issuer."""
    item = pydicom.Dataset()
    item.PatientID, item.IssuerOfPatientID, item.TypeOfPatientID = "9990000018", "NHS", "TEXT"
    for syntax in (EXPLICIT, ImplicitVRLittleEndian):
        data = ct(OtherPatientIDsSequence=[item])
        assert read_header(dicom_file(data, syntax)).patient.other_identifiers == (("9990000018", "NHS"),)


def test_part_10_files_are_rebuilt_around_untouched_bytes() -> None:
    """The data set's bytes are the same before and after; preamble and group 2 are ours and pydicom reads them."""
    original = _small().read_bytes()
    meta, dataset = split_part10(b"MZ\x90\x00" + original[4:])
    content = wrap_part10(dataset, meta.sop_class, meta.sop_instance, meta.transfer_syntax, "CLINIC1")
    assert content[:132] == bytes(128) + b"DICM"
    assert content.endswith(dataset)
    again, same = split_part10(content)
    assert same == dataset
    assert (again.transfer_syntax, again.sop_instance, again.source_aet) == (
        meta.transfer_syntax,
        meta.sop_instance,
        "CLINIC1",
    )
    read = pydicom.dcmread(io.BytesIO(content))
    assert read.file_meta.FileMetaInformationGroupLength == len(content) - len(dataset) - 144
    assert read.PatientName == "CompressedSamples^CT1"


@pytest.mark.hostile
@pytest.mark.parametrize("head", [b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"#!/bin/sh\n", b"<html><script>"])
def test_nothing_executable_survives_in_the_preamble(head: bytes) -> None:
    """A program, script or page hidden in the preamble is gone from what we store (CVE-2019-11687, B11)."""
    content = head + dicom_file(ct())[len(head) :]
    meta, dataset = split_part10(content)
    assert not wrap_part10(dataset, meta.sop_class, meta.sop_instance, meta.transfer_syntax).startswith(head)


def test_file_meta_refuses_what_it_cannot_write() -> None:
    """A malformed UID or an over-long AE title is refused instead of written."""
    with pytest.raises(ValueError, match="malformed"):
        part10_head("../x", "1.2", EXPLICIT)
    with pytest.raises(ValueError, match="AE title"):
        part10_head(CT_CLASS, "1.2", EXPLICIT, "A" * 17)


def test_files_without_preamble_are_read_and_noted() -> None:
    """A data set without preamble and group 2 is understood by its first bytes, and that is noted."""
    for syntax in (EXPLICIT, ImplicitVRLittleEndian):
        _, dataset = split_part10(dicom_file(ct(), syntax))
        assert read_meta(dataset).transfer_syntax == syntax
        assert read_header(dataset).problems == (Problem.NO_FILE_META,)


def test_file_and_bytes_read_the_same(tmp_path: Path) -> None:
    """A large file, which is mapped instead of read, gives the same header as its bytes."""
    content = dicom_file(ct(Rows=2100, Columns=4096, PixelData=bytes(2100 * 4096 * 2)))
    path = tmp_path / "large"
    path.write_bytes(content)
    assert read_header(path) == read_header(content)
    assert read_header(path).complete


@given(st.binary(max_size=300))
def test_random_bytes_never_crash_the_reader(content: bytes) -> None:
    """Whatever bytes arrive, the answer is a header or a refusal, never another error (B2)."""
    for prefix, syntax in ((b"", None), (bytes(128) + b"DICM", None), (b"", EXPLICIT), (b"", ImplicitVRLittleEndian)):
        with suppress(Unreadable):
            read_header(prefix + content, syntax)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_never_crashes_the_reader(where: int, value: int) -> None:
    """One changed byte anywhere in an object gives a header or a refusal (B2, B10)."""
    content = bytearray(dicom_file(ct()))
    content[where % len(content)] = value
    with suppress(Unreadable):
        read_header(bytes(content))


def test_dates_and_times_are_read_strictly() -> None:
    """Dates and times that are not real are None, never a guess."""
    assert parse_date("2026.03.04") == date(2026, 3, 4)
    assert [parse_date(text) for text in ("", "20261301", "00000000", "2026-0304", "04032026")] == [None] * 5
    assert parse_time("235960") == time(23, 59, 59)
    assert [parse_time(text) for text in ("", "24", "1260", "120061", "noon")] == [None] * 5
    assert (parse_offset("+0530"), parse_offset("-0500"), parse_offset("+1500")) == (330, -300, None)
    assert parse_datetime("20260304") == (None, None)
