"""The text that is signed, sides, denials and checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.reporting.rules import (
    SECTIONS,
    CaseFacts,
    Level,
    canonical_text,
    check,
    cleaned,
    open_checks,
    read_on_words,
    sides_of,
    text_hash,
)

GOOD = {
    "indication": "Fall, drowsy.",
    "technique": "CT head without contrast.",
    "findings": "Acute left subdural haematoma, 14 mm. No fracture.",
    "conclusion": "Acute left subdural haematoma.",
}


@given(st.dictionaries(st.sampled_from(SECTIONS), st.text(st.characters(exclude_characters="\r"), max_size=80)))
def test_the_signed_text_does_not_depend_on_how_it_was_typed(sections: dict[str, str]) -> None:
    """Line ends, blanks at line ends and the order of keys change neither text nor hash."""
    typed = {k: v.replace("\n", "\r\n") + "  \r\n" for k, v in reversed(sections.items())}
    assert text_hash(canonical_text(typed)) == text_hash(canonical_text(sections))


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """A cleaned section is clean."""
    assert cleaned(cleaned(text)) == cleaned(text)


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("Acute left subdural haematoma.", {"left"}),
        ("No left subdural haematoma.", set()),
        ("Left haematoma cannot be excluded.", {"left"}),
        ("A left haematoma is not excluded.", {"left"}),
        ("No fracture, but a right extradural bleed.", {"right"}),
        ("Bilateral effusions.", {"left", "right"}),
        ("The drain was left in place.", set()),
        ("Call right away.", set()),
        ("No change of the right effusion.", {"right"}),
        ("Lesion of 1.4 cm on the right. No lesion on the left.", {"right"}),
        ("", set()),
    ],
)
def test_sides_are_read_as_a_person_reads_them(text: str, sides: set[str]) -> None:
    """Denied sides and other meanings of the words do not count; what cannot be excluded does (H05)."""
    assert sides_of(text) == sides


def test_a_whole_report_with_its_alert_passes() -> None:
    """Nothing stands in the way of a complete report whose alert is raised."""
    assert open_checks(check(GOOD, CaseFacts(has_alert=True)), {}) == []


@pytest.mark.parametrize("section", ["indication", "technique", "findings", "conclusion"])
def test_an_empty_required_section_blocks(section: str) -> None:
    """A report without its indication, technique, findings or conclusion cannot be signed, whatever is answered."""
    checks = check({**GOOD, section: "  "}, CaseFacts(has_alert=True))
    assert f"missing-{section}" in {c.code for c in open_checks(checks, {f"missing-{section}": "an answer"})}


@pytest.mark.parametrize(
    ("facts", "conclusion", "code"),
    [
        (CaseFacts(referral_side="R", has_alert=True), GOOD["conclusion"], "side-referral-conclusion"),
        (CaseFacts(dicom_side="R", has_alert=True), GOOD["conclusion"], "side-images-conclusion"),
        (CaseFacts(referral_side="L", dicom_side="R", has_alert=True), GOOD["conclusion"], "side-referral-images"),
        (CaseFacts(has_alert=True), "Acute right subdural haematoma.", "side-findings-conclusion"),
    ],
)
def test_sides_that_disagree_must_be_answered(facts: CaseFacts, conclusion: str, code: str) -> None:
    """Referral, images, findings and conclusion are compared; a conflict needs the reader's answer (H05)."""
    checks = check({**GOOD, "conclusion": conclusion}, facts)
    assert code in {c.code for c in open_checks(checks, {})}
    answers = {c.code: "Both are right, see above." for c in checks if c.level is Level.ANSWER}
    assert open_checks(checks, answers) == []


def test_a_critical_finding_without_an_alert_must_be_answered() -> None:
    """A bleed that is asserted and not alerted is asked about; one that is denied is not (H07)."""
    assert "alert-missing" in {c.code for c in check(GOOD, CaseFacts())}
    denied = {**GOOD, "findings": "No subdural haematoma.", "conclusion": "No intracranial haemorrhage."}
    assert "alert-missing" not in {c.code for c in check(denied, CaseFacts())}


def test_a_placeholder_blocks() -> None:
    """A template's placeholder that was not filled in blocks."""
    checks = check({**GOOD, "findings": "Lesion of [size] mm."}, CaseFacts(has_alert=True))
    assert [c.code for c in checks if c.level is Level.BLOCK] == ["placeholder-findings"]


def test_missing_images_must_be_answered_and_unseen_ones_are_shown() -> None:
    """An incomplete study needs a reason; images that were not displayed are said (H03)."""
    checks = check(GOOD, CaseFacts(has_alert=True, incomplete=True, images=40, images_shown=38))
    assert {c.code: c.level for c in checks} == {"images-incomplete": Level.ANSWER, "images-unseen": Level.LOOK}


def test_a_report_says_on_what_it_was_read_and_how_that_stood() -> None:
    """Workstation, displays with their last test and the look of the day in one line; an old version says nothing (REQ-24)."""
    display = {"name": "Larkview D340 S1", "tested_on": "2026-10-01", "result": "pass"}
    used = {"workstation": "Desk 1", "displays": [display], "check_words": "passed at 08:12"}
    assert read_on_words(used) == (
        "Read at Desk 1 on Larkview D340 S1 (tested 1 Oct 2026). Display check passed at 08:12."
    )
    faulty = {**used, "displays": [{**display, "result": "remedy"}, {"name": "D2", "tested_on": ""}]}
    assert "(tested 1 Oct 2026, to be put right) and D2 (never tested)" in read_on_words(faulty)
    assert "not registered" in read_on_words({"workstation": "", "displays": []})
    assert read_on_words(None) == ""
