"""Templates, the whole volume, teeth, graded opinions, and what is different between versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.reporting.rules import (
    CHART,
    FINDING,
    GRADES,
    OUTLINES,
    OUTSIDE,
    REGIONS,
    SEEN,
    STATEMENT,
    CaseFacts,
    Level,
    canonical_text,
    changes,
    check,
    correction_faults,
    grade_of,
    is_changed,
    open_checks,
    outlines_for,
    shortened,
    teeth_faults,
    teeth_said,
    template_for,
    title_of,
    volume_answers,
    volume_faults,
    volume_text,
    whole_sections,
)
from tests.signing import CBCT_SECTIONS, OPINION_SECTIONS

WORDS = st.from_regex(r"[A-Za-z][a-z0-9 ]{3,30}[a-z]", fullmatch=True)
ANSWER = st.one_of(st.just(SEEN), st.just(OUTSIDE), WORDS.map(lambda w: f"{FINDING}{w}"))
CBCT = CaseFacts(has_alert=True, modality="CBCT", teeth=("36",))
OPINION = CaseFacts(has_alert=True, read_type="second_opinion", modality="MR", has_original=True)


def _open(sections: dict[str, str], facts: CaseFacts) -> set[str]:
    return {c.code for c in open_checks(check(sections, facts), {})}


@given(st.fixed_dictionaries({key: ANSWER for key in REGIONS}))
def test_the_statement_of_the_whole_volume_says_what_was_answered_and_nothing_else(answers: dict[str, str]) -> None:
    """Text and answers are each other's image, and every region outside the field is named at the end (REQ-82)."""
    text = volume_text(answers)
    assert volume_answers(text) == answers
    assert text.startswith(STATEMENT)
    assert list(volume_faults(text)) == []
    outside = {REGIONS[k].lower() for k, a in answers.items() if a == OUTSIDE}
    end = text.rsplit("\n", 1)[1]
    assert outside <= set(end.removesuffix(".").removeprefix("Not covered by the field of view: ").split(", "))


@given(st.dictionaries(st.sampled_from(sorted(REGIONS)), ANSWER, max_size=len(REGIONS) - 1))
def test_a_region_without_an_answer_keeps_the_volume_from_being_signed(answers: dict[str, str]) -> None:
    """As long as one region has no answer there is no statement, and the check names what is missing (REQ-82)."""
    text = volume_text(answers)
    assert STATEMENT not in text
    [(code, words)] = volume_faults(text)
    assert code == "volume"
    assert all(REGIONS[key] in words for key in REGIONS if key not in answers)


def test_a_volume_whose_statement_was_tampered_with_is_not_signed() -> None:
    """A closing line that does not fit the answers blocks, as does a finding without words."""
    text = CBCT_SECTIONS["volume"].replace("Not covered by the field of view: skull base.", "")
    assert [code for code, _ in volume_faults(text)] == ["volume-statement"]
    bare = volume_text({**volume_answers(CBCT_SECTIONS["volume"]), "sinuses": "finding:"})
    assert [code for code, _ in volume_faults(bare)] == ["volume-finding"]


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("quality", "missing-quality"),
        ("teeth", "missing-teeth"),
        ("volume", "volume"),
        ("recommendation", "missing-recommendation"),
        ("conclusion", "missing-conclusion"),
    ],
)
def test_a_dental_report_needs_its_own_sections(section: str, code: str) -> None:
    """A whole CBCT report passes; without image quality, teeth, whole volume or advice it is not signed (REQ-82)."""
    assert _open(CBCT_SECTIONS, CBCT) == set()
    assert code in _open({**CBCT_SECTIONS, section: ""}, CBCT)


def test_every_tooth_that_the_referral_names_is_answered_by_a_number_that_exists() -> None:
    """A tooth asked about and not written of, a number that is no tooth, and an empty line each block (REQ-83)."""
    assert "teeth-asked" in _open({**CBCT_SECTIONS, "teeth": "46: missing."}, CBCT)
    assert "tooth-39" in _open({**CBCT_SECTIONS, "teeth": "36: missing.\n39: caries."}, CBCT)
    assert "tooth-36" in _open({**CBCT_SECTIONS, "teeth": "36: "}, CBCT)
    assert [code for code, _ in teeth_faults("75: retained root.", (), retained=False)] == ["tooth-75"]
    assert list(teeth_faults("75: retained root.", (), retained=True)) == []


@given(st.dictionaries(st.sampled_from(CHART), WORDS))
def test_what_is_written_of_a_tooth_is_read_back(said: dict[str, str]) -> None:
    """The text tooth by tooth is the truth from which the chart is drawn again."""
    text = "\n".join(f"{tooth}: {words}" for tooth, words in said.items())
    assert teeth_said(text) == said
    assert list(teeth_faults(text, said, retained=False)) == []


def test_an_opinion_grades_its_agreement_and_says_where_it_differs() -> None:
    """A second opinion without a grade of the scale, or with a disagreement that is not explained, is not signed (REQ-40)."""
    assert _open(OPINION_SECTIONS, OPINION) == set()
    assert "grade" in _open({**OPINION_SECTIONS, "grade": "I agree"}, OPINION)
    assert "difference" in _open({**OPINION_SECTIONS, "difference": ""}, OPINION)
    agreed = {**OPINION_SECTIONS, "grade": GRADES[5], "difference": ""}
    assert _open(agreed, OPINION) == set()
    assert _open({**OPINION_SECTIONS, "question": ""}, OPINION) == {"missing-question"}


@pytest.mark.parametrize("grade", sorted(GRADES))
def test_a_disagreement_that_may_hurt_asks_for_an_alert(grade: int) -> None:
    """From the second lowest grade down, an opinion without an alert must say why (REQ-42)."""
    facts = CaseFacts(read_type="second_opinion", modality="MR", has_original=True)
    asked = "serious-disagreement" in _open({**OPINION_SECTIONS, "grade": GRADES[grade]}, facts)
    assert asked is (grade <= 2)
    assert grade_of(GRADES[grade]) == grade


def test_a_review_of_images_alone_is_not_graded() -> None:
    """A clinical review without a report in question, as for a meeting, needs no grade."""
    alone = CaseFacts(has_alert=True, read_type="clinical_review", modality="CT")
    assert _open({**OPINION_SECTIONS, "grade": "", "difference": ""}, alone) == set()


def test_each_kind_of_document_has_its_own_title() -> None:
    """An opinion or a review is called what it is, never a correction of somebody's report (REQ-40)."""
    assert title_of("primary") == "Radiology report"
    assert title_of("primary", "corrected") == "Radiology report: corrected"
    assert title_of("second_opinion") == "Second opinion"
    assert title_of("clinical_review", "preliminary") == "Clinical review: preliminary"


def test_an_open_question_must_be_closed_or_explained() -> None:
    """A question to the client that nobody closed stands in the way of the signature until it is answered for (REQ-51)."""
    facts = CaseFacts(has_alert=True, questions=("Contrast given?",))
    sections = {"indication": "x", "technique": "x", "findings": "Normal.", "conclusion": "Normal."}
    left = open_checks(check(sections, facts), {})
    assert [(c.code, c.level, c.evidence) for c in left] == [("question-open", Level.ANSWER, ("Contrast given?",))]
    assert open_checks(check(sections, facts), {"question-open": "It does not change the answer."}) == []


def test_an_outline_is_chosen_by_region_and_an_empty_line_of_it_blocks() -> None:
    """The outline whose region the referral names comes first, and what was put in and not filled is not signed."""
    assert outlines_for("MR", "KNEE MR knee left")[0].title == "MR joint"
    assert outlines_for("CT", "HEAD CT head")[0].title == "CT head"
    assert [o.modality for o in outlines_for("CBCT", "")] == ["CBCT"]
    sections = {"indication": "x", "technique": "x", "conclusion": "Normal."}
    for outline in OUTLINES:
        assert "outline-empty" in _open({**sections, "findings": outline.text}, CaseFacts(has_alert=True))
        filled = outline.text.replace(": ", ": normal.")
        assert "outline-empty" not in _open({**sections, "findings": filled}, CaseFacts(has_alert=True))


@pytest.mark.parametrize("read_type", ["primary", "second_opinion", "clinical_review"])
@pytest.mark.parametrize("modality", ["CT", "MR", "CBCT"])
def test_every_template_prints_in_the_order_of_its_editor(read_type: str, modality: str) -> None:
    """What a reader writes from top to bottom is signed from top to bottom, and what is required can be written."""
    template = template_for(read_type, modality)
    assert set(template.required) <= set(template.sections)
    text = canonical_text({name: f"words of {name}" for name in template.sections})
    places = [text.index(f"words of {name}\n") for name in template.sections]
    assert places == sorted(places)


@given(st.lists(WORDS, max_size=8), st.lists(WORDS, max_size=8))
def test_the_difference_gives_back_both_texts(old: list[str], new: list[str]) -> None:
    """What is the same and taken out is the old text, what is the same and put in the new one; no word is lost."""
    before, after = " ".join(old), " ".join(new)
    for _, pieces in changes({"findings": before}, {"findings": after}):
        assert "".join(p.text for p in pieces if p.how != "put in").split() == before.split()
        assert "".join(p.text for p in pieces if p.how != "taken out").split() == after.split()
    assert bool(changes({"findings": before}, {"findings": after})) is (before != after)


def test_a_long_unchanged_run_is_shortened_and_a_change_never() -> None:
    """The difference on page 1 keeps every changed word, whatever it leaves out around it."""
    long = " ".join(f"word{n}" for n in range(200))
    [(_, pieces)] = changes({"findings": f"{long} left {long}"}, {"findings": f"{long} right {long}"})
    short = shortened(pieces)
    assert sum(len(p.text) for p in short) < 700
    assert {p.text.strip() for p in short if p.how != "same"} == {"left", "right"}


def test_what_stands_is_the_newest_whole_text_with_its_addenda() -> None:
    """A correction begins from what the client reads now: the last whole version and what was added since."""
    versions = [
        (True, {"findings": "A"}),
        (False, {"addendum": "told at 14:10"}),
        (True, {"findings": "B", "addendum": "told at 14:10"}),
        (False, {"addendum": "told again"}),
    ]
    assert whole_sections(versions) == {"findings": "B", "addendum": "told at 14:10\n\ntold again"}
    assert whole_sections([]) == {}


def test_a_correction_needs_a_code_a_sentence_and_a_difference() -> None:
    """Without its coded reason, its words, or anything that is different, nothing is corrected (REQ-39)."""
    before, after = {"conclusion": "Left."}, {"conclusion": "Right."}
    assert correction_faults("side", "The side was wrong.", before, after) == {}
    assert set(correction_faults("", "", before, before)) == {"code", "reason", "text"}
    assert not is_changed("Left  haematoma.\n", "left haematoma.")
    assert is_changed("Left haematoma.", "Right haematoma.")
