"""Read the header of a DICOM object at reception, tolerantly, without decoding a pixel.

"dcmread() succeeded" is not validation (RELIABILITY 0.5): pydicom reads 98.8 % of all truncations of a file without an
error. Here every element is checked against the bytes that are there, and the pixel data against what Rows, Columns
and the rest say of it. UIDs are attacker text: malformed ones are refused, and none is ever made into a path (B12).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from overread.journey.archive.formats import moments
from overread.journey.archive.formats.elements import (
    DEFLATED,
    PIXEL_TAGS,
    Buffer,
    CutShort,
    Element,
    Encoding,
    elements,
    encoding_of,
    tag_name,
)
from overread.journey.archive.formats.part10 import FileMeta, Source, opened, read_meta
from overread.journey.archive.formats.pixel_check import check_pixels, is_image_class
from overread.journey.archive.formats.syntaxes import SUPPORTED
from overread.journey.archive.formats.values import Values
from overread.journey.archive.rules import (
    GeometryHeader,
    InstanceHeader,
    PatientHeader,
    PixelHeader,
    Problem,
    Refusal,
    Unreadable,
    has_leading_zero,
    is_uid,
)

_DIRECTORY_CLASS: Final = "1.2.840.10008.1.3.10"
_TEXTS: Final = {
    "accession": 0x00080050,
    "study_id": 0x00200010,
    "modality": 0x00080060,
    "body_part": 0x00180015,
    "laterality": 0x00200060,
    "image_laterality": 0x00200062,
    "study_description": 0x00081030,
    "series_description": 0x0008103E,
    "protocol": 0x00181030,
    "procedure": 0x00321060,
    "institution": 0x00080080,
    "department": 0x00081040,
    "station": 0x00081010,
    "manufacturer": 0x00080070,
    "model": 0x00081090,
}
_WANTED_GROUPS: Final = frozenset({0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0032, 0x0040})
SHARED_GROUPS: Final = 0x52009229
"""Shared Functional Groups Sequence."""
_IDENTITY: Final = (
    (0x00080016, "SOP class"),
    (0x00080018, "SOP instance"),
    (0x0020000D, "study"),
    (0x0020000E, "series"),
)


@dataclass(frozen=True, slots=True)
class _Scan:
    """The elements that we want, the pixel data, and what the walk through the data set noticed."""

    found: dict[int, Element]
    pixel: Element | None
    problems: tuple[Problem, ...]


def read_header(source: Source, transfer_syntax: str | None = None) -> InstanceHeader:
    """Read what reception and the archive need to know of one DICOM object.

    Args:
        source: a path, or the bytes of a DICOM file; with `transfer_syntax` the bytes of a bare data set.
        transfer_syntax: the syntax that was negotiated for a bare data set (DIMSE); None for a file.

    Returns:
        The header. Look at `damage`: an object may be readable and yet lack pixels.

    Raises:
        Unreadable: not DICOM, cut before its pixels, deflated or in an unsupported transfer syntax, malformed,
            nested too deep, an attribute stated twice, or a UID that is missing or malformed.
        OSError: the file cannot be read.
    """
    with opened(source) as buffer:
        if transfer_syntax is not None:
            if len(buffer) == 0:
                raise Unreadable(Refusal.EMPTY)
            meta = FileMeta(transfer_syntax)
        else:
            meta = read_meta(buffer)
        _check_syntax(meta.transfer_syntax)
        encoding = encoding_of(meta.transfer_syntax)
        scan = _scan(buffer, meta.dataset_offset, encoding)
        return _header(buffer, meta, encoding, scan, is_file=transfer_syntax is None)


def _check_syntax(transfer_syntax: str) -> None:
    if transfer_syntax == DEFLATED:
        raise Unreadable(Refusal.DEFLATED)
    if transfer_syntax not in SUPPORTED:
        shown = transfer_syntax if is_uid(transfer_syntax) else ""
        raise Unreadable(Refusal.TRANSFER_SYNTAX, shown)


def _scan(buffer: Buffer, start: int, encoding: Encoding) -> _Scan:
    """Walk the data set once. A cut before the pixels refuses the object; a cut in or after them is damage."""
    found: dict[int, Element] = {}
    problems: list[Problem] = []
    pixel: Element | None = None
    seen: set[int] = set()
    previous, last_end = -1, start
    try:
        for element in elements(buffer, start, len(buffer), encoding):
            if element.tag >> 16 == 0x0002:
                raise Unreadable(Refusal.META_INSIDE, tag_name(element.tag))
            if element.tag in seen:
                raise Unreadable(Refusal.DUPLICATE, tag_name(element.tag))
            if element.tag < previous:
                problems.append(Problem.OUT_OF_ORDER)
            seen.add(element.tag)
            previous, last_end = element.tag, element.end
            if element.tag in PIXEL_TAGS:
                pixel = element
                found[element.tag] = element
            elif element.tag >> 16 in _WANTED_GROUPS or element.tag == SHARED_GROUPS:
                found[element.tag] = element
    except (CutShort, Unreadable) as fault:
        problems.append(_fault_after_start(buffer, fault, pixel, last_end))
        if isinstance(fault, CutShort) and pixel is None:
            pixel = fault.partial
    return _Scan(found, pixel, tuple(dict.fromkeys(problems)))


def _fault_after_start(buffer: Buffer, fault: CutShort | Unreadable, pixel: Element | None, last_end: int) -> Problem:
    """What a fault of the structure means: damage in or after the pixels, refusal before them (the fault is raised)."""
    if pixel is not None and not any(bytes(buffer[last_end:])):
        return Problem.TRAILING_BYTES
    if isinstance(fault, Unreadable):
        raise fault
    partial = fault.partial
    if partial is not None and partial.tag in PIXEL_TAGS and pixel is None:
        return Problem.SEQUENCE_OPEN if partial.undefined else Problem.CUT_SHORT
    if pixel is not None:
        return Problem.CUT_SHORT
    raise Unreadable(Refusal.CUT_SHORT, f"In {tag_name(partial.tag)}." if partial is not None else "") from fault


def _header(buffer: Buffer, meta: FileMeta, encoding: Encoding, scan: _Scan, *, is_file: bool) -> InstanceHeader:
    values = Values(buffer, scan.found, encoding)
    problems = list(scan.problems)
    if _DIRECTORY_CLASS in {meta.sop_class, values.text(0x00080016)}:
        raise Unreadable(Refusal.DIRECTORY)
    uids = _identity(values, problems)
    if is_file and not (meta.has_preamble and meta.dataset_offset):
        problems.append(Problem.NO_FILE_META)
    for stated, real in ((meta.sop_class, uids[0]), (meta.sop_instance, uids[1])):
        if stated and stated != real:
            problems.append(Problem.META_DIFFERS)
    pixels, pixel_problems = check_pixels(buffer, values, scan.pixel, meta.transfer_syntax, encoding)
    problems.extend(pixel_problems)
    if scan.pixel is None and is_image_class(uids[0]):
        problems.append(Problem.PIXELS_MISSING)
    patient = _patient(values, problems)
    return _assemble(uids, meta, values, (patient, pixels), problems)


def _identity(values: Values, problems: list[Problem]) -> tuple[str, str, str, str]:
    """The four UIDs, each valid. Raises Unreadable when one is missing or malformed."""
    read = []
    for tag, what in _IDENTITY:
        uid = values.text(tag)
        if not uid:
            raise Unreadable(Refusal.UID_MISSING, f"The {what} UID.")
        if not is_uid(uid):
            raise Unreadable(Refusal.UID_MALFORMED, f"The {what} UID.")
        if has_leading_zero(uid):
            problems.append(Problem.UID_LEADING_ZERO)
        read.append(uid)
    return read[0], read[1], read[2], read[3]


def _patient(values: Values, problems: list[Problem]) -> PatientHeader:
    name = values.text(0x00100010)
    groups = [*name.split("="), "", "", ""]
    born_raw = values.text(0x00100030)
    born = moments.parse_date(born_raw)
    if born_raw and born is None:
        problems.append(Problem.BIRTH_DATE)
    identifier = values.text(0x00100020)
    if not identifier:
        problems.append(Problem.NO_PATIENT_ID)
    return PatientHeader(
        identifier=identifier,
        issuer=values.text(0x00100021),
        name=groups[0].rstrip("^ "),
        name_ideographic=groups[1].rstrip("^ "),
        name_phonetic=groups[2].rstrip("^ "),
        name_raw=values.raw(0x00100010),
        birth_date=born,
        birth_date_raw=born_raw,
        sex=values.text(0x00100040),
        age=values.text(0x00101010),
        other_identifiers=values.pairs(0x00101002, 0x00100020, 0x00100021),
    )


def _geometry(values: Values) -> GeometryHeader:
    position, orientation = values.numbers(0x00200032, 3), values.numbers(0x00200037, 6)
    inner = _pixel_measures(values)
    spacing = values.numbers(0x00280030, 2) or inner.numbers(0x00280030, 2)
    thickness = values.numbers(0x00180050, 1) or inner.numbers(0x00180050, 1)
    between = values.numbers(0x00180088, 1) or inner.numbers(0x00180088, 1)
    return GeometryHeader(
        frame_of_reference=values.text(0x00200052),
        position=(position[0], position[1], position[2]) if position else None,
        orientation=orientation if orientation is None else (*orientation[:3], *orientation[3:]),  # type: ignore[arg-type]
        pixel_spacing=(spacing[0], spacing[1]) if spacing else None,
        slice_thickness=thickness[0] if thickness else None,
        slice_spacing=between[0] if between else None,
    )


def _pixel_measures(values: Values) -> Values:
    """Pixel Measures of a multi-frame object, which all its frames share (PS3.3 C.7.6.16.2.1); without any values if none."""
    return values.first_item(SHARED_GROUPS).first_item(0x00289110)


def _assemble(
    uids: tuple[str, str, str, str],
    meta: FileMeta,
    values: Values,
    parts: tuple[PatientHeader, PixelHeader],
    problems: list[Problem],
) -> InstanceHeader:
    study_date_raw = values.text(0x00080020)
    study_date = moments.parse_date(study_date_raw)
    if study_date_raw and study_date is None:
        problems.append(Problem.STUDY_DATE)
    acquired, offset = moments.acquisition(values)
    issuer = values.pairs(0x00080051, 0x00400031, 0x00400032)
    header = InstanceHeader(
        sop_class=uids[0],
        sop_instance=uids[1],
        study_uid=uids[2],
        series_uid=uids[3],
        transfer_syntax=meta.transfer_syntax,
        patient=parts[0],
        pixels=parts[1],
        geometry=_geometry(values),
        study_date=study_date,
        study_time=moments.parse_time(values.text(0x00080030)),
        acquired_local=acquired,
        utc_offset_minutes=offset,
        accession_issuer=next((part for pair in issuer for part in pair if part), ""),
        referrer=values.text(0x00080090).split("=")[0].rstrip("^ "),
        series_number=values.integer(0x00200011),
        instance_number=values.integer(0x00200013),
        acquisition_number=values.integer(0x00200012),
        **{name: values.text(tag) for name, tag in _TEXTS.items()},
        image_type=values.texts(0x00080008),
        study_instances=values.integer(0x00201208),
        series_instances=values.integer(0x00201209),
        character_set=values.texts(0x00080005),
        dataset_offset=meta.dataset_offset,
        problems=(),
    )
    if values.doubtful:
        problems.append(Problem.CHARACTER_SET)
    return _with_problems(header, problems)


def _with_problems(header: InstanceHeader, problems: list[Problem]) -> InstanceHeader:
    return replace(header, problems=tuple(dict.fromkeys(problems)))
