"""A dental volume in words: the statement of the whole volume, and the text tooth by tooth. Pure (REQ-82, REQ-83).

The text is the truth: editor and checks read it back, so what is signed is what was answered.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from overread.journey.case.rules import LOWER, UPPER, tooth_fault
from overread.journey.reporting.rules.text import cleaned

REGIONS: Final[dict[str, str]] = {
    "teeth": "Teeth",
    "jaws": "Jaws",
    "sinuses": "Sinuses",
    "nasal-cavity": "Nasal cavity",
    "airway": "Airway",
    "jaw-joints": "Jaw joints",
    "spine": "Spine",
    "carotid": "Carotid region",
    "skull-base": "Skull base",
}
"""What is looked at in every volume, whatever was asked (REQ-82)."""
SEEN: Final = "nothing abnormal"
OUTSIDE: Final = "not in the field of view"
FINDING: Final = "finding: "
STATEMENT: Final = "The entire volume was reviewed."
_LINE: Final = re.compile(r"^(?P<name>[A-Z][a-z ]+): (?P<said>.+)\.$")
_TOOTH: Final = re.compile(r"^(?P<tooth>[0-9]{2}):\s*(?P<said>.*)$")
CHART: Final = (*UPPER, *LOWER)

TOOTH_FINDINGS: Final = (
    "missing",
    "retained root",
    "impacted",
    "caries",
    "root canal treated",
    "periapical lucency",
    "root resorption",
    "root fracture",
    "bone loss",
    "crown or bridge",
    "implant in place",
    "implant planned",
)
"""Offered for a tooth; any words may be written instead."""


def volume_answers(text: str) -> dict[str, str]:
    """What is answered for each region, by its key: SEEN, OUTSIDE, or FINDING and its words; absent when not answered."""
    keys = {words: key for key, words in REGIONS.items()}
    found: dict[str, str] = {}
    for line in cleaned(text).split("\n"):
        match = _LINE.match(line)
        if match and match["name"] in keys:
            found[keys[match["name"]]] = match["said"]
    return found


def volume_text(answers: Mapping[str, str]) -> str:
    """The section of the whole volume from its answers; the statement only when every region has one."""
    lines = [f"{REGIONS[key]}: {answers[key]}." for key in REGIONS if answers.get(key)]
    if len(lines) < len(REGIONS):
        return "\n".join(lines)
    outside = [REGIONS[key].lower() for key in REGIONS if answers[key] == OUTSIDE]
    end = [f"Not covered by the field of view: {', '.join(outside)}."] if outside else []
    return "\n".join([STATEMENT, *lines, *end])


def volume_faults(text: str) -> Iterator[tuple[str, str]]:
    """What the statement of the whole volume still lacks: code and words."""
    answers = volume_answers(text)
    open_regions = [words for key, words in REGIONS.items() if key not in answers]
    if open_regions:
        yield (
            "volume",
            f"Not answered in the whole volume: {', '.join(open_regions)}. Say seen, a finding, or not in field.",
        )
        return
    bare = [
        REGIONS[k] for k, said in answers.items() if said.startswith(FINDING.strip()) and len(said) < len(FINDING) + 3
    ]
    if bare:
        yield "volume-finding", f"Say what was found: {', '.join(bare)}."
    elif cleaned(text) != volume_text(answers):
        yield "volume-statement", "The statement of the whole volume does not fit its answers. Answer one region again."


def teeth_said(text: str) -> dict[str, str]:
    """What is written of each tooth, by its two digits; lines that begin with no number belong to no tooth."""
    found: dict[str, str] = {}
    for line in cleaned(text).split("\n"):
        match = _TOOTH.match(line)
        if match:
            found[match["tooth"]] = match["said"].strip()
    return found


def teeth_faults(text: str, asked: Iterable[str], *, retained: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with the text of the teeth: code and words.

    Args:
        text: the section.
        asked: teeth that the referral names; each must be answered.
        retained: whether deciduous teeth were said to be retained.
    """
    said = teeth_said(text)
    for tooth, words in said.items():
        wrong = tooth_fault(tooth, retained=retained)
        if wrong:
            yield f"tooth-{tooth}", wrong
        elif len(words) < 3:
            yield f"tooth-{tooth}", f"Nothing is written of tooth {tooth}."
    silent = [tooth for tooth in asked if tooth not in said]
    if silent:
        yield "teeth-asked", f"The referral asks about {', '.join(silent)}: write something of it under Teeth."
