"""Checks before signing: what stands in the way, what must be answered, what is worth a look. Pure (H03, H05).

The product never chooses for the reader: a conflict shows both places, and an answer is kept with the report.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from overread.journey.agreement.rules import ReadType
from overread.journey.reporting.rules.opinion import is_serious, opinion_faults
from overread.journey.reporting.rules.sides import mentions, sides_of
from overread.journey.reporting.rules.templates import empty_lines, template_for
from overread.journey.reporting.rules.text import LABELS, cleaned
from overread.journey.reporting.rules.volume import teeth_faults, volume_faults

PLACEHOLDER: Final = re.compile(r"\[[^\]\n]{0,60}\]|\?\?\?|_{3,}")
CRITICAL: Final = re.compile(
    r"\b(?:sub|extra|epi)dural\s+(?:haematoma|hematoma|haemorrhage|hemorrhage|bleed\w*)|\b(?:intracranial|intracerebral|"
    r"subarachnoid|acute)\s+(?:haemorrhage|hemorrhage|haematoma|hematoma|bleed\w*)|\bcord compression\b|"
    r"\bcauda equina\b|\bpneumoperitoneum\b|\btension pneumothorax\b|\baortic dissection\b|\bpulmonary embol\w+|"
    r"\bmidline shift\b|\bherniation\b",
    re.IGNORECASE,
)
SIDE_WORDS: Final = {"L": "left", "R": "right"}


class Level(StrEnum):
    """How much a check matters."""

    BLOCK = "block"
    ANSWER = "answer"
    LOOK = "look"


@dataclass(frozen=True)
class CaseFacts:
    """What is known besides the text.

    Attributes:
        referral_side: L, R, B or "" as the referral says.
        dicom_side: the same as the images say, (0020,0060) or (0020,0062).
        incomplete: fewer images than declared arrived.
        images, images_shown: how many there are, and how many were displayed.
        has_alert: an alert was raised for the case, or is raised with the signature.
        read_type, modality: what decides which sections there are.
        has_original: a report is in question, so that the agreement is graded.
        teeth: those that a dental referral asks about; deciduous_retained: it says that such teeth are kept.
        questions: subjects of questions to the client that are not closed.
    """

    referral_side: str = ""
    dicom_side: str = ""
    incomplete: bool = False
    images: int = 0
    images_shown: int = 0
    has_alert: bool = False
    read_type: str = ReadType.PRIMARY.value
    modality: str = ""
    has_original: bool = False
    teeth: tuple[str, ...] = ()
    deciduous_retained: bool = False
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One finding of the checks.

    Attributes:
        code: stable; an answer is kept under it.
        level: block, answer or look.
        words: what is so, and what to do.
        section: where to jump.
        evidence: the places that disagree, in words.
    """

    code: str
    level: Level
    words: str
    section: str = ""
    evidence: tuple[str, ...] = ()


def _missing(sections: Mapping[str, str], facts: CaseFacts) -> Iterator[Check]:
    for name in template_for(facts.read_type, facts.modality).required:
        if name != "volume" and not cleaned(sections.get(name, "")):  # the volume says itself what it lacks
            yield Check(f"missing-{name}", Level.BLOCK, f"{LABELS[name]} is empty. Write it before you sign.", name)
    for name, text in sections.items():
        found = PLACEHOLDER.search(text or "")
        if found and name in LABELS:
            words = f"{LABELS[name]} still holds a placeholder: {found.group()}"
            yield Check(f"placeholder-{name}", Level.BLOCK, words, name)
    for part in empty_lines(sections.get("findings", "")):
        yield Check(
            "outline-empty",
            Level.BLOCK,
            f"Findings say nothing after “{part}”. Fill the line or take it out.",
            "findings",
        )


def _side_words(letter: str) -> frozenset[str]:
    return frozenset({"left", "right"}) if letter == "B" else frozenset({SIDE_WORDS[letter]})


def _outside_sides(facts: CaseFacts) -> Iterator[tuple[str, frozenset[str]]]:
    for place, letter in (("The referral", facts.referral_side), ("The images", facts.dicom_side)):
        if letter in {"L", "R", "B"}:
            yield place, _side_words(letter)


def _say(sides: frozenset[str]) -> str:
    return " and ".join(sorted(sides)) or "no side"


def _sides(sections: Mapping[str, str], facts: CaseFacts) -> Iterator[Check]:
    conclusion, findings = sides_of(sections.get("conclusion", "")), sides_of(sections.get("findings", ""))
    outside = list(_outside_sides(facts))
    if len(outside) == 2 and outside[0][1].isdisjoint(outside[1][1]):
        said = tuple(f"{place}: {_say(sides)}" for place, sides in outside)
        yield Check("side-referral-images", Level.ANSWER, "Referral and images name different sides.", "", said)
    for place, sides in outside:
        for name, written in (("findings", findings), ("conclusion", conclusion)):
            if written and written.isdisjoint(sides):
                said = (f"{place}: {_say(sides)}", f"{LABELS[name]}: {_say(written)}")
                code = f"side-{place.split()[-1]}-{name}"
                words = (
                    f"{LABELS[name]} names another side than {place.lower()}. Correct one, or say why both are right."
                )
                yield Check(code, Level.ANSWER, words, name, said)
    if conclusion and not conclusion <= findings:
        said = (f"Findings: {_say(findings)}", f"Conclusion: {_say(conclusion)}")
        words = "The conclusion names a side that the findings do not. Correct one, or say why both are right."
        yield Check("side-findings-conclusion", Level.ANSWER, words, "conclusion", said)


def _critical(sections: Mapping[str, str], facts: CaseFacts) -> Iterator[Check]:
    if facts.has_alert:
        return
    text = f"{sections.get('findings', '')}\n{sections.get('conclusion', '')}"
    asserted = next((m for m in mentions(CRITICAL, text) if not m.denied), None)
    if asserted:
        words = (
            "This reads like a finding that somebody must act on, and no alert is raised. Raise one, or say why not."
        )
        yield Check("alert-missing", Level.ANSWER, words, "conclusion", (asserted.sentence,))


def _images(facts: CaseFacts) -> Iterator[Check]:
    if facts.incomplete:
        words = "Fewer images arrived than were declared. Say why the report can be signed all the same."
        yield Check("images-incomplete", Level.ANSWER, words)
    if facts.images and facts.images_shown < facts.images:
        unseen = facts.images - facts.images_shown
        words = f"{unseen} of {facts.images} images were not displayed on this screen."
        yield Check("images-unseen", Level.LOOK, words)


def _dental(sections: Mapping[str, str], facts: CaseFacts) -> Iterator[Check]:
    if facts.modality != "CBCT":
        return
    for code, words in volume_faults(sections.get("volume", "")):
        yield Check(code, Level.BLOCK, words, "volume")
    for code, words in teeth_faults(sections.get("teeth", ""), facts.teeth, retained=facts.deciduous_retained):
        yield Check(code, Level.BLOCK, words, "teeth")


def _opinion(sections: Mapping[str, str], facts: CaseFacts) -> Iterator[Check]:
    if facts.read_type == ReadType.PRIMARY:
        return
    for code, words, section in opinion_faults(sections, graded=facts.has_original):
        yield Check(code, Level.BLOCK, words, section)
    if is_serious(sections) and not facts.has_alert:
        words = "A disagreement of this grade may hurt the patient, and no alert is raised. Raise one, or say why not."
        yield Check("serious-disagreement", Level.ANSWER, words, "grade", (sections["grade"],))


def _questions(facts: CaseFacts) -> Iterator[Check]:
    if facts.questions:
        words = "A question about this case is open. Close it, or say why the report is signed all the same."
        yield Check("question-open", Level.ANSWER, words, "", facts.questions)


def check(sections: Mapping[str, str], facts: CaseFacts) -> list[Check]:
    """All checks, those that block first.

    Args:
        sections: section name -> text, as in the draft.
        facts: what is known besides the text.
    """
    found = [
        *_missing(sections, facts),
        *_dental(sections, facts),
        *_opinion(sections, facts),
        *_sides(sections, facts),
        *_critical(sections, facts),
        *_questions(facts),
        *_images(facts),
    ]
    return sorted(found, key=lambda c: list(Level).index(c.level))


def open_checks(checks: list[Check], answers: Mapping[str, str]) -> list[Check]:
    """The checks that still stand in the way: those that block, and those to answer without an answer of 5 letters."""
    return [
        c
        for c in checks
        if c.level is Level.BLOCK or (c.level is Level.ANSWER and len(cleaned(answers.get(c.code, ""))) < 5)
    ]
