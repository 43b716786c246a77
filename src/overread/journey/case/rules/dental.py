"""What is particular to a dental cone-beam volume: teeth by FDI number, region, field of view. Pure (REQ-80 to REQ-83).

Teeth are named by the two digits of ISO 3950: quadrant 1 to 4 and tooth 1 to 8 for permanent teeth, quadrant 5 to 8 and
tooth 1 to 5 for deciduous ones. An adult's deciduous tooth is either retained or a typing error, so it must be said.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

UPPER: Final = tuple(f"{q}{n}" for q, order in (("1", range(8, 0, -1)), ("2", range(1, 9))) for n in order)
LOWER: Final = tuple(f"{q}{n}" for q, order in (("4", range(8, 0, -1)), ("3", range(1, 9))) for n in order)
_PERMANENT: Final = frozenset((*UPPER, *LOWER))
_DECIDUOUS: Final = frozenset(f"{q}{n}" for q in "5678" for n in range(1, 6))
_SPLIT: Final = re.compile(r"[\s,;]+")

REGIONS: Final[Mapping[str, str]] = {
    "upper-jaw": "Upper jaw",
    "lower-jaw": "Lower jaw",
    "both-jaws": "Both jaws",
    "tmj": "Temporomandibular joints",
    "sinuses": "Paranasal sinuses",
    "temporal-bone": "Temporal bone",
    "face": "Facial skeleton or skull base",
}
TELLING_MM: Final = 2
"""From this difference on it is said that form and images differ; less is the rounding of one voxel."""
DENTO_ALVEOLAR: Final = frozenset({"upper-jaw", "lower-jaw", "both-jaws"})
"""Teeth and what holds them, lower jaw, and upper jaw to the floor of the nose; everything else lies beyond."""

DENTAL_PURPOSES: Final[Mapping[str, str]] = {
    "implant": "Implant planning",
    "impacted": "Impacted or unerupted tooth",
    "endodontic": "Root canal or periapical disease",
    "resorption": "Root resorption",
    "third-molar": "Third molar near the nerve canal",
    "trauma": "Injury of teeth or jaw",
    "pathology": "Cyst, tumour or other lesion",
    "periodontal": "Bone around the teeth",
    "tmj": "Jaw joint",
    "orthodontic": "Orthodontic or orthognathic planning",
}


@dataclass(frozen=True)
class FieldOfView:
    """Diameter and height of a volume in whole millimetres, so that a tenth of a centimetre is never rounded away."""

    diameter_mm: int
    height_mm: int


def field_mm(text: str) -> int | None:
    """A length in centimetres with at most one decimal, as whole millimetres; None when it is none or not 1 to 40 cm."""
    found = re.fullmatch(r"([0-9]{1,2})(?:[.,]([0-9]))?(?:\s*cm)?", text.strip(), re.ASCII)
    if found is None:
        return None
    length = int(found.group(1)) * 10 + int(found.group(2) or 0)
    return length if 10 <= length <= 400 else None


def field_words(field: FieldOfView) -> str:
    """A field of view as people write it: "8 x 8 cm", "16 x 10.5 cm"."""
    return " x ".join(f"{mm / 10:g}" for mm in (field.diameter_mm, field.height_mm)) + " cm"


def region_words(region: str) -> str:
    """A region for people; what is not on the list stays as it is."""
    return REGIONS.get(region, region)


def beyond_dento_alveolar(field: FieldOfView | None, region: str, *, limit_cm: float) -> str:
    """Why a volume needs a dental and maxillofacial or a medical radiologist, or "" (REQ-81).

    Args:
        field: of the volume; None when nobody said, which counts as beyond, since it may be.
        region: one of REGIONS; another or none counts as beyond.
        limit_cm: the largest diameter and height that still are dento-alveolar, centimetres.
    """
    if field is None:
        return "its field of view is not known"
    limit = round(limit_cm * 10)
    if field.diameter_mm > limit or field.height_mm > limit:
        return f"its field of view of {field_words(field)} is larger than {limit_cm:g} cm"
    if region not in DENTO_ALVEOLAR:
        return f"it shows more than teeth and jaws: {region_words(region).lower() or 'region not known'}"
    return ""


def larger(fields: Iterable[FieldOfView]) -> FieldOfView | None:
    """The largest diameter and the largest height of some volumes; None for none."""
    found = list(fields)
    if not found:
        return None
    return FieldOfView(max(f.diameter_mm for f in found), max(f.height_mm for f in found))


@dataclass(frozen=True)
class FieldFound:
    """The field of view that a rule goes by, and what to say when form and images differ.

    Attributes:
        field: the larger of both in each direction; None when neither says it.
        differ: words for the screen, "" when they agree or one is silent.
    """

    field: FieldOfView | None
    differ: str = ""


def field_found(said: FieldOfView | None, measured: FieldOfView | None) -> FieldFound:
    """The field of view of a volume from the referral's form and from its images; the larger counts (REQ-81).

    Args:
        said: what the form says.
        measured: what the images measure.
    """
    if said is None or measured is None:
        return FieldFound(said or measured)
    pairs = [(said.diameter_mm, measured.diameter_mm), (said.height_mm, measured.height_mm)]
    field = FieldOfView(max(pairs[0]), max(pairs[1]))
    if all(abs(a - b) < TELLING_MM for a, b in pairs):
        return FieldFound(field)
    words = f"The form says {field_words(said)}, the images measure {field_words(measured)}; the larger counts"
    return FieldFound(field, words)


def tooth_fault(number: str, *, retained: bool = False) -> str:
    """What is wrong with one tooth's number for an adult, or "".

    Args:
        number: as typed.
        retained: whether deciduous teeth were said to be retained.
    """
    if number in _PERMANENT or (retained and number in _DECIDUOUS):
        return ""
    if number in _DECIDUOUS:
        return f"{number} is a deciduous tooth. If this adult has kept it, say that deciduous teeth are retained."
    return f"{number} is no tooth. FDI numbers are 11 to 18, 21 to 28, 31 to 38 and 41 to 48."


def teeth_of(text: str) -> tuple[str, ...]:
    """The teeth named in a text, each once, in the order of the numbers; parted by blanks, commas or semicolons."""
    return tuple(sorted({part for part in _SPLIT.split(text.strip()) if part}))


def teeth_fault(teeth: Iterable[str], *, retained: bool = False) -> str:
    """The first thing wrong with some teeth, or ""."""
    return next((fault for tooth in teeth if (fault := tooth_fault(tooth, retained=retained))), "")


def teeth_words(teeth: Iterable[str]) -> str:
    """Teeth as a line of text, with what is meant by a deciduous one."""
    return ", ".join(f"{t} (deciduous, retained)" if t in _DECIDUOUS else t for t in teeth)
