"""Second opinions and clinical reviews: the graded agreement, and who may not judge. Pure (REQ-40, REQ-72).

The grades are the five of the scale that UK departments use for discrepancies: five is no disagreement, one is an
unequivocal potential for serious morbidity or threat to life.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from overread.journey.agreement.rules import ReadType
from overread.journey.reporting.rules.text import Kind, cleaned

GRADES: Final[dict[int, str]] = {
    5: "5 of 5: no disagreement.",
    4: "4 of 5: disagreement of style or of no clinical importance.",
    3: "3 of 5: disagreement of debatable importance; harm is unlikely.",
    2: "2 of 5: disagreement with a strong likelihood of moderate harm, no threat to life.",
    1: "1 of 5: disagreement with an unequivocal potential for serious harm or a threat to life.",
}
SERIOUS: Final = 2
"""From this grade down somebody may have to act sooner than the document is read."""

TITLES: Final[dict[str, str]] = {
    ReadType.PRIMARY: "Radiology report",
    ReadType.SECOND_OPINION: "Second opinion",
    ReadType.CLINICAL_REVIEW: "Clinical review",
}
KIND_WORDS: Final[dict[str, str]] = {
    Kind.PRELIMINARY: "preliminary",
    Kind.FINAL: "final",
    Kind.ADDENDUM: "addendum",
    Kind.CORRECTED: "corrected",
}


def title_of(read_type: str, kind: str = Kind.FINAL) -> str:
    """The title of a signed document: an opinion or a review is never called a correction of somebody's report (REQ-40)."""
    title = TITLES.get(read_type, TITLES[ReadType.PRIMARY])
    return title if kind == Kind.FINAL else f"{title}: {KIND_WORDS.get(kind, kind)}"


def grade_of(text: str) -> int | None:
    """The grade that a section says, or None when it says none of the scale."""
    said = cleaned(text)
    return next((grade for grade, words in GRADES.items() if said == words), None)


def opinion_faults(sections: Mapping[str, str], *, graded: bool) -> Iterator[tuple[str, str, str]]:
    """What an opinion still lacks: code, words and section.

    Args:
        sections: as written.
        graded: whether a report is in question, so that the agreement must be graded.
    """
    grade = grade_of(sections.get("grade", ""))
    if graded and grade is None:
        yield "grade", "Say how far you agree with the report in question.", "grade"
    if grade is not None and grade < max(GRADES) and len(cleaned(sections.get("difference", ""))) < 10:
        yield (
            "difference",
            "You do not agree in full: write where and why, so that its author can learn of it.",
            "difference",
        )


def is_serious(sections: Mapping[str, str]) -> bool:
    """Whether the graded disagreement is one that may hurt the patient."""
    grade = grade_of(sections.get("grade", ""))
    return grade is not None and grade <= SERIOUS
