"""Pure values and decisions of the archive: what a DICOM header says, and whether an object is whole.

The first block (up to the line "end of headers") is what `formats.headers` reads out of a DICOM object at reception.
Nothing here touches pydicom, Django, a clock or a file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any, Final

from overread.journey.case.rules import FieldOfView, larger

# ---- headers ---------------------------------------------------------------------------------------------------

_UID: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+", re.ASCII)
UID_LENGTH: Final = 64
"""The longest UID that PS3.5 section 9.1 allows, in characters."""


class Refusal(StrEnum):
    """Why an object cannot be read at all; the DICOM listener answers C000, an upload reports the words."""

    NOT_DICOM = "not-dicom"
    EMPTY = "empty"
    CUT_SHORT = "cut-short"
    MALFORMED = "malformed"
    TOO_DEEP = "too-deep"
    DUPLICATE = "duplicate-element"
    META_INSIDE = "group-2-in-dataset"
    DEFLATED = "deflated"
    TRANSFER_SYNTAX = "transfer-syntax"
    UID_MISSING = "uid-missing"
    UID_MALFORMED = "uid-malformed"
    DIRECTORY = "directory"


REFUSAL_WORDS: Final[dict[Refusal, str]] = {
    Refusal.NOT_DICOM: "This is not a DICOM object.",
    Refusal.EMPTY: "There is nothing in it.",
    Refusal.CUT_SHORT: "It ends in the middle of its header. Send it again.",
    Refusal.MALFORMED: "Its structure does not follow the DICOM encoding rules.",
    Refusal.TOO_DEEP: "Its sequences are nested deeper than any real object.",
    Refusal.DUPLICATE: "It states the same attribute twice, so it is not certain which is meant.",
    Refusal.META_INSIDE: "File meta information stands inside its data set.",
    Refusal.DEFLATED: "It is deflated. Send it uncompressed or with image compression.",
    Refusal.TRANSFER_SYNTAX: "Its transfer syntax is not supported.",
    Refusal.UID_MISSING: "It does not say which study, series or instance it is.",
    Refusal.UID_MALFORMED: "One of its unique identifiers is not a valid DICOM UID.",
    Refusal.DIRECTORY: "This is the directory of a disc (DICOMDIR), not an image. Its images are taken by themselves.",
}


class Unreadable(Exception):
    """The object cannot be read. `reason` is the code, `detail` names the element and never holds a value."""

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{REFUSAL_WORDS[reason]} {detail}".strip())


class Problem(StrEnum):
    """What is wrong with an object that can be read. Those in `DAMAGE` mean: hold it, do not offer it for reading."""

    CUT_SHORT = "cut-short"
    PIXELS_SHORT = "pixel-data-short"
    PIXELS_MISSING = "pixel-data-missing"
    PIXELS_LONG = "pixel-data-long"
    PIXELS_UNDESCRIBED = "pixel-data-undescribed"
    FRAMES_MISSING = "frames-missing"
    FRAME_OPEN = "compressed-frame-unfinished"
    SEQUENCE_OPEN = "fragments-unfinished"
    TRAILING_BYTES = "bytes-after-the-end"
    OUT_OF_ORDER = "elements-out-of-order"
    NO_FILE_META = "no-file-meta"
    META_DIFFERS = "file-meta-differs"
    CHARACTER_SET = "character-set"
    BIRTH_DATE = "birth-date"
    STUDY_DATE = "study-date"
    UID_LEADING_ZERO = "uid-leading-zero"
    NO_PATIENT_ID = "no-patient-id"


DAMAGE: Final = frozenset(
    {
        Problem.CUT_SHORT,
        Problem.PIXELS_SHORT,
        Problem.PIXELS_MISSING,
        Problem.PIXELS_UNDESCRIBED,
        Problem.FRAMES_MISSING,
        Problem.FRAME_OPEN,
        Problem.SEQUENCE_OPEN,
    }
)
"""Problems that make an object "whole but damaged" (RELIABILITY 4.1): stored, held, not read until a person accepts."""

PROBLEM_WORDS: Final[dict[Problem, str]] = {
    Problem.CUT_SHORT: "The object ends before its last element is complete.",
    Problem.PIXELS_SHORT: "There are fewer pixels than its header says.",
    Problem.PIXELS_MISSING: "It should hold an image, but there are no pixels in it.",
    Problem.PIXELS_LONG: "There are more pixel bytes than its header says.",
    Problem.PIXELS_UNDESCRIBED: "It holds pixels, but its header does not say their size.",
    Problem.FRAMES_MISSING: "It holds fewer compressed frames than its header says.",
    Problem.FRAME_OPEN: "A compressed frame in it has no end marker.",
    Problem.SEQUENCE_OPEN: "Its compressed frames are not closed by an end mark.",
    Problem.TRAILING_BYTES: "Zeros follow its last element.",
    Problem.OUT_OF_ORDER: "Its elements are not in ascending order.",
    Problem.NO_FILE_META: "It has no file meta information; its encoding was inferred.",
    Problem.META_DIFFERS: "Its file meta information names another object than its data set.",
    Problem.CHARACTER_SET: "Some text does not fit its declared character set; it is shown as received.",
    Problem.BIRTH_DATE: "The date of birth is not a date.",
    Problem.STUDY_DATE: "The study date is not a date.",
    Problem.UID_LEADING_ZERO: "A unique identifier has a part with a leading zero; it is kept as received.",
    Problem.NO_PATIENT_ID: "There is no patient identifier.",
}


def is_uid(text: str) -> bool:
    """Whether `text` may be taken as a UID: at most 64 characters, ASCII digits in two or more parts joined by dots.

    PS3.5 section 9.1 also forbids leading zeros in a part. Real scanners write them, they are harmless (digits and
    dots only) and changing a UID would break every reference to it, so they are accepted and noted (B12).
    """
    return len(text) <= UID_LENGTH and _UID.fullmatch(text) is not None


def has_leading_zero(uid: str) -> bool:
    """Whether a part of a UID starts with a zero that is not the part itself (odd but real; kept as received)."""
    return any(len(part) > 1 and part[0] == "0" for part in uid.split("."))


@dataclass(frozen=True, slots=True)
class PatientHeader:
    """The patient as the object names them. Text is decoded by (0008,0005); dates are None when absent or not a date."""

    identifier: str = ""
    issuer: str = ""
    name: str = ""
    """Alphabetic component group, with `^` between its parts."""
    name_ideographic: str = ""
    name_phonetic: str = ""
    name_raw: bytes = b""
    """The name's bytes as received, for display when the character set is in doubt (H29)."""
    birth_date: date | None = None
    birth_date_raw: str = ""
    sex: str = ""
    age: str = ""
    """(0010,1010) as written, for example 045Y. Support only: age is decided by the date of birth (H11)."""
    other_identifiers: tuple[tuple[str, str], ...] = ()
    """(identifier, issuer) pairs of (0010,1002) Other Patient IDs Sequence."""


@dataclass(frozen=True, slots=True)
class PixelHeader:
    """How the pixels are described, and how many bytes of them are there. Lengths are in bytes."""

    rows: int = 0
    columns: int = 0
    frames: int = 0
    samples: int = 0
    bits_allocated: int = 0
    bits_stored: int = 0
    high_bit: int = 0
    signed: bool = False
    photometric: str = ""
    present: bool = False
    encapsulated: bool = False
    expected_length: int | None = None
    """Native pixel data: the length that the header implies. None when encapsulated or not an image."""
    length: int = 0
    """Bytes of pixel data really there (encapsulated: the sum of the fragments)."""
    fragments: int = 0
    lossy: bool = False
    burned_in: str = ""


@dataclass(frozen=True, slots=True)
class GeometryHeader:
    """Where the image lies in the patient, as written; millimetres. None when absent or malformed."""

    frame_of_reference: str = ""
    position: tuple[float, float, float] | None = None
    orientation: tuple[float, float, float, float, float, float] | None = None
    pixel_spacing: tuple[float, float] | None = None
    slice_thickness: float | None = None
    slice_spacing: float | None = None


@dataclass(frozen=True, slots=True)
class InstanceHeader:
    """All that reception and the archive need to know of one DICOM object, read without decoding its pixels.

    UIDs are valid (`is_uid`) and never a path. Text is decoded, trimmed, "" when absent. `problems` in `DAMAGE` mean
    that the object is whole enough to be named, but must be held.
    """

    sop_class: str
    sop_instance: str
    study_uid: str
    series_uid: str
    transfer_syntax: str
    patient: PatientHeader
    pixels: PixelHeader
    geometry: GeometryHeader
    study_date: date | None = None
    study_time: time | None = None
    acquired_local: datetime | None = None
    """Acquisition time as written, without zone; see `acquired_at`."""
    utc_offset_minutes: int | None = None
    """From the time itself (DT) or (0008,0201), if the object states one."""
    accession: str = ""
    accession_issuer: str = ""
    study_id: str = ""
    modality: str = ""
    body_part: str = ""
    laterality: str = ""
    image_laterality: str = ""
    study_description: str = ""
    series_description: str = ""
    protocol: str = ""
    procedure: str = ""
    referrer: str = ""
    institution: str = ""
    department: str = ""
    station: str = ""
    manufacturer: str = ""
    model: str = ""
    series_number: int | None = None
    instance_number: int | None = None
    acquisition_number: int | None = None
    image_type: tuple[str, ...] = ()
    study_instances: int | None = None
    """(0020,1208) Number of Study Related Instances, if declared."""
    series_instances: int | None = None
    """(0020,1209) Number of Series Related Instances, if declared."""
    character_set: tuple[str, ...] = ()
    dataset_offset: int = 0
    """Where the data set starts in the bytes that were read: after preamble and group 2."""
    problems: tuple[Problem, ...] = ()

    @property
    def damage(self) -> tuple[Problem, ...]:
        """The problems for which the object is held."""
        return tuple(problem for problem in self.problems if problem in DAMAGE)

    @property
    def complete(self) -> bool:
        """True when nothing says that a part of the object is missing."""
        return not self.damage

    @property
    def is_image(self) -> bool:
        """True when the object holds pixels that a viewer can show."""
        return self.pixels.present and self.pixels.rows > 0 and self.pixels.columns > 0

    @property
    def side(self) -> str:
        """Laterality of the image, else of the series: `L`, `R`, `B`, `U` or ""."""
        return self.image_laterality or self.laterality

    def acquired_at(self, zone: tzinfo) -> datetime | None:
        """Acquisition as an aware time; `zone` is the site's zone, used only when the object states no offset."""
        if self.acquired_local is None:
            return None
        if self.utc_offset_minutes is None:
            return self.acquired_local.replace(tzinfo=zone)
        return self.acquired_local.replace(tzinfo=timezone(timedelta(minutes=self.utc_offset_minutes)))


# ---- end of headers --------------------------------------------------------------------------------------------


# ---- what the archive keeps ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """One object whose bytes are stored: what its header says, and where the bytes lie. All values fit into JSON.

    `key`, `sha256` and `length` (bytes) name the blob; `source` is the calling AE title or another way in. `across_mm` is
    the longer side of the image, `low_mm` and `high_mm` where it begins and ends along the normal of its plane (`extent`).
    """

    sop_uid: str
    sop_class: str
    study_uid: str
    series_uid: str
    transfer_syntax: str
    key: str
    sha256: str
    length: int
    received_at: datetime
    source: str = ""
    identifier: str = ""
    issuer: str = ""
    patient_name: str = ""
    birth_date: date | None = None
    birth_date_given: bool = False
    sex: str = ""
    age: str = ""
    nhs_number: str = ""
    accession: str = ""
    study_date: date | None = None
    acquired_at: datetime | None = None
    modality: str = ""
    study_description: str = ""
    series_description: str = ""
    body_part: str = ""
    laterality: str = ""
    referrer: str = ""
    institution: str = ""
    series_number: int | None = None
    number: int | None = None
    study_images: int | None = None
    series_images: int | None = None
    rows: int | None = None
    columns: int | None = None
    frames: int = 1
    lossy: bool = False
    has_pixels: bool = True
    across_mm: float | None = None
    low_mm: float | None = None
    high_mm: float | None = None


_NHS_ISSUERS: Final = ("NHS", "NHSNMBR", "NHSNUMBER", "2.16.840.1.113883.2.1.4.1")


def _nhs_number(patient: PatientHeader) -> str:
    """The NHS number among a patient's identifiers, ten digits, or ""; only those whose issuer says so count."""
    pairs = [(patient.identifier, patient.issuer), *patient.other_identifiers]
    for identifier, issuer in pairs:
        digits = identifier.replace(" ", "").replace("-", "")
        if issuer.replace(" ", "").upper() in _NHS_ISSUERS and len(digits) == 10 and digits.isdecimal():
            return digits
    return ""


LARGEST_MM: Final = 2000.0
"""No scanner shows more; a header that says so is in error."""


def extent(header: InstanceHeader) -> tuple[float, float, float] | None:
    """How much of the patient an object shows: longer side, and begin and end along its normal, in mm (REQ-81).

    From Pixel Spacing (PS3.3 10.7.1.3), Image Position and Orientation (PS3.3 C.7.6.2.1) and the number of frames.

    Returns:
        None when the header does not say it, and for a localizer, which is no part of the volume.
    """
    geometry, pixels = header.geometry, header.pixels
    step = geometry.slice_spacing or geometry.slice_thickness or 0.0
    if geometry.pixel_spacing is None or not header.is_image or "LOCALIZER" in header.image_type:
        return None
    across = max(pixels.rows * geometry.pixel_spacing[0], pixels.columns * geometry.pixel_spacing[1])
    if pixels.frames > 1:
        low, high = 0.0, pixels.frames * step
    elif geometry.position is not None and geometry.orientation is not None:
        place = _along_normal(geometry.position, geometry.orientation)
        low, high = place - step / 2, place + step / 2
    else:
        return None
    sound = 0 < across <= LARGEST_MM and 0 <= high - low <= LARGEST_MM and step >= 0
    return (across, low, high) if sound else None


def _along_normal(position: tuple[float, ...], orientation: tuple[float, ...]) -> float:
    """How far a point lies along the normal of a plane."""
    (a, b, c), (d, e, f) = orientation[:3], orientation[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    return sum(x * n for x, n in zip(position, normal, strict=True))


def field_of(sides: Iterable[tuple[float, float, float]]) -> FieldOfView | None:
    """The field of view of a study from (longer side, begin, end) of its series in mm; the largest in each direction.

    Whole millimetres: a volume of 8 cm is often stored with one voxel more on each side, which rounding takes away.
    """
    return larger(FieldOfView(round(across), round(high - low)) for across, low, high in sides if high > low)


def stored_object(
    header: InstanceHeader, *, key: str, sha256: str, length: int, received_at: datetime, source: str, zone: tzinfo
) -> StoredObject:
    """What the archive keeps of a header. Texts are cut to what their columns hold; `zone` is the site's."""
    patient, pixels = header.patient, header.pixels
    across, low, high = extent(header) or (None, None, None)
    return StoredObject(
        sop_uid=header.sop_instance,
        sop_class=header.sop_class,
        study_uid=header.study_uid,
        series_uid=header.series_uid,
        transfer_syntax=header.transfer_syntax,
        key=key,
        sha256=sha256,
        length=length,
        received_at=received_at,
        source=source[:80],
        identifier=patient.identifier[:64],
        issuer=patient.issuer[:64],
        patient_name=patient.name[:330],
        birth_date=patient.birth_date,
        sex=patient.sex[:1],
        age=patient.age[:8],
        nhs_number=_nhs_number(patient),
        accession=header.accession[:64],
        study_date=header.study_date,
        acquired_at=header.acquired_at(zone),
        modality=header.modality[:16],
        study_description=header.study_description[:200],
        series_description=header.series_description[:200],
        body_part=header.body_part[:64],
        laterality=header.side[:1],
        referrer=header.referrer[:330],
        institution=header.institution[:200],
        series_number=header.series_number,
        number=header.instance_number,
        study_images=header.study_instances,
        series_images=header.series_instances,
        rows=pixels.rows or None,
        columns=pixels.columns or None,
        frames=max(1, pixels.frames),
        lossy=pixels.lossy,
        has_pixels=header.is_image,
        across_mm=across,
        low_mm=low,
        high_mm=high,
    )


_DATES: Final = ("birth_date", "study_date")
_TIMES: Final = ("received_at", "acquired_at")


def object_to_json(stored: StoredObject) -> dict[str, Any]:
    """The object as JSON values."""
    return {k: v.isoformat() if isinstance(v, date | datetime) else v for k, v in asdict(stored).items()}


def object_from_json(values: dict[str, Any]) -> StoredObject:
    """The reverse of `object_to_json`."""
    known = {f.name for f in fields(StoredObject)}
    given = {k: v for k, v in values.items() if k in known}
    given |= {k: date.fromisoformat(given[k]) for k in _DATES if given.get(k)}
    given |= {k: datetime.fromisoformat(given[k]) for k in _TIMES if given.get(k)}
    return StoredObject(**given)


def image_set_hash(pairs: Iterable[tuple[str, str]]) -> str:
    """One SHA-256 for a set of images: over "SOP UID sha256" lines in order of UID. Independent of arrival order.

    A signature names it, so that images which came later, or changed, can be told (H04, H32).
    """
    digest = hashlib.sha256()
    for sop_uid, sha256 in sorted(set(pairs)):
        digest.update(f"{sop_uid} {sha256}\n".encode("ascii"))
    return digest.hexdigest()


def joined_modalities(*texts: str) -> str:
    """Modalities of several series as one text in order, without repeats, such as "CT,SR"."""
    return ",".join(sorted({part for text in texts for part in text.split(",") if part}))[:64]


def name_parts(patient_name: str) -> tuple[str, str]:
    """Family and given names of a DICOM person name (PS3.5 6.2.1.1); a name without ^ is a family name."""
    parts = patient_name.split("=")[0].split("^")
    given = " ".join(part for part in parts[1:3] if part)
    return parts[0].strip(), given.strip()


def name_words(patient_name: str) -> str:
    """A DICOM person name as lists show it: "Quillfeather, Osric"; "" when none was sent."""
    return ", ".join(part for part in name_parts(patient_name) if part)


def text_words(sent: str) -> str:
    """A description as people read it: some machines send the parts of a code with `^` between them."""
    return " ".join(part for part in sent.replace("^", " ").split() if part)
