"""Our own templates: which sections a document has, which of them must be filled, and how findings are laid out. Pure.

Chosen by kind of work and modality; the outline of the findings by region besides. An outline is offered, never put in by
itself, and a line of it that stays empty blocks the signature.
"""

import re
from dataclasses import dataclass
from typing import Final

from overread.journey.agreement.rules import READ_TYPE_WORDS, ReadType
from overread.journey.reporting.rules.text import REQUIRED

_PLAIN: Final = ("indication", "technique", "comparison", "findings", "conclusion", "recommendation", "limitations")
_OPINION: Final = (
    "question",
    "original",
    "technique",
    "comparison",
    "findings",
    "grade",
    "difference",
    "conclusion",
    "recommendation",
    "limitations",
)
_CBCT: Final = ("quality", "teeth", "volume")


@dataclass(frozen=True)
class Template:
    """The shape of one kind of document.

    Attributes:
        title: for people.
        sections: in the order of the editor, which is that of the print.
        required: those that must hold text before the signature.
    """

    title: str
    sections: tuple[str, ...]
    required: tuple[str, ...]


def template_for(read_type: str, modality: str) -> Template:
    """The template of a kind of work and a modality; a primary report of CT or MRI when neither says more."""
    primary = read_type not in set(ReadType) or read_type == ReadType.PRIMARY
    sections: tuple[str, ...] = _PLAIN if primary else _OPINION
    required: tuple[str, ...] = REQUIRED if primary else ("question", "original", "findings", "conclusion")
    if modality == "CBCT":
        place = sections.index("findings")
        sections = (*sections[:place], *_CBCT, *sections[place:])
        required = (*required, "quality", "volume", *(("teeth", "recommendation") if primary else ()))
    words = READ_TYPE_WORDS[ReadType.PRIMARY if primary else ReadType(read_type)]
    return Template(f"{words}, {modality or 'CT or MR'}", sections, tuple(s for s in sections if s in required))


@dataclass(frozen=True)
class Outline:
    """A layout of the findings for one region: its lines each begin with what is to be looked at."""

    title: str
    modality: str
    parts: tuple[str, ...]
    words: re.Pattern[str]

    @property
    def text(self) -> str:
        """The lines to fill."""
        return "\n".join(f"{part}: " for part in self.parts)


def _of(modality: str, title: str, words: str, *parts: str) -> Outline:
    return Outline(f"{modality} {title}", modality, parts, re.compile(words, re.IGNORECASE))


OUTLINES: Final = (
    _of(
        "CT",
        "head",
        r"head|brain|skull|crani",
        "Extra-axial spaces",
        "Brain parenchyma",
        "Ventricles and cisterns",
        "Midline",
        "Skull and scalp",
        "Sinuses and mastoids",
    ),
    _of("CT", "neck", r"neck|larynx|thyroid", "Airway", "Soft tissues", "Nodes", "Vessels", "Bones", "Lung apices"),
    _of(
        "CT",
        "chest",
        r"chest|thorax|lung|pulmonary",
        "Lungs and airways",
        "Pleura",
        "Mediastinum and hila",
        "Heart and great vessels",
        "Chest wall and bones",
        "Upper abdomen",
    ),
    _of(
        "CT",
        "abdomen and pelvis",
        r"abdomen|pelvis|liver|renal|kidney|kub|bowel|colon",
        "Liver and biliary tree",
        "Pancreas and spleen",
        "Kidneys, ureters and bladder",
        "Adrenals",
        "Bowel and mesentery",
        "Pelvic organs",
        "Vessels and nodes",
        "Bones and lung bases",
    ),
    _of("CT", "spine", r"spine|cervical|thoracic|lumbar", "Alignment", "Vertebrae", "Canal and discs", "Soft tissues"),
    _of("CT", "of another region", r"$^", "Area of the question", "Bones", "Soft tissues", "Vessels", "Other"),
    _of(
        "MR",
        "head",
        r"head|brain|pituitary|iam",
        "Diffusion",
        "Brain parenchyma",
        "Ventricles and extra-axial spaces",
        "Vessels and flow voids",
        "Orbits, sinuses and skull base",
        "Enhancement",
    ),
    _of(
        "MR",
        "spine",
        r"spine|cervical|thoracic|lumbar|sacr",
        "Alignment and marrow",
        "Cord and conus",
        "Discs and foramina, level by level",
        "Canal",
        "Paraspinal soft tissues",
    ),
    _of(
        "MR",
        "joint",
        r"knee|shoulder|hip|ankle|wrist|elbow|joint",
        "Bones and marrow",
        "Cartilage",
        "Ligaments",
        "Menisci or labrum",
        "Tendons and muscles",
        "Effusion and soft tissues",
    ),
    _of(
        "MR",
        "abdomen and pelvis",
        r"abdomen|pelvis|liver|mrcp|prostate|uter|rectum",
        "Liver and biliary tree",
        "Pancreas and spleen",
        "Kidneys and adrenals",
        "Pelvic organs",
        "Vessels and nodes",
        "Bones",
    ),
    _of(
        "MR",
        "of another region",
        r"$^",
        "Area of the question",
        "Marrow",
        "Soft tissues",
        "Vessels and nerves",
        "Other",
    ),
    _of(
        "CBCT",
        "jaws",
        r"",
        "Findings for the question",
        "Bone and ridge",
        "Mandibular canal and mental foramen",
        "Sinus floor",
        "Incidental findings",
    ),
)


def outlines_for(modality: str, region: str) -> tuple[Outline, ...]:
    """The outlines of a modality, the one whose region the words name first.

    Args:
        modality: CT, MR or CBCT.
        region: body part and procedure, as the referral and the images say.
    """
    return tuple(sorted((o for o in OUTLINES if o.modality == modality), key=lambda o: not o.words.search(region)))


_EMPTY: Final = {part for outline in OUTLINES for part in outline.parts}


def empty_lines(findings: str) -> tuple[str, ...]:
    """Lines of an outline that were put in and not filled."""
    lines = (line.strip() for line in findings.split("\n"))
    return tuple(line[:-1] for line in lines if line.endswith(":") and line[:-1] in _EMPTY)
