"""Texts, approvals and reviews of policies: pure."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from overread.governance.policies.rules import (
    APPROVED,
    DRAFT,
    approval_fault,
    in_scope,
    is_new_edition,
    moved,
    next_review,
    numbers_in,
    plain,
    printed,
    text_fault,
)

ACTS = {"escalation.critical": "60 minutes", "policy.review": "36 months"}


def test_a_number_in_a_text_is_printed_from_what_acts() -> None:
    """The name of a threshold in braces becomes its value with its unit, and the text has no number of its own."""
    blocks = printed("# Critical results\nA person acknowledges within {escalation.critical}.\n- Then call", ACTS.get)
    assert [b.kind for b in blocks] == ["heading", "text", "item"]
    assert plain(blocks) == "Critical results\nA person acknowledges within 60 minutes.\nThen call"
    assert [p.threshold for p in blocks[1].parts] == ["", "escalation.critical", ""]


def test_a_text_that_names_no_threshold_of_ours_is_refused() -> None:
    """An unknown name in braces is refused and said; other braces are plain text."""
    assert "escalation.speed" in text_fault("Within {escalation.speed} or {policy.review}", ACTS.get)
    assert text_fault("A set {a, b} and {policy.review}", ACTS.get) == ""


@given(st.text(max_size=200))
def test_printing_loses_no_word(text: str) -> None:
    """Whatever a text holds, each of its words stands in what is printed."""
    said = plain(printed(text, lambda name: f"{{{name}}}"))
    assert numbers_in(said) == numbers_in(text)
    for line in text.split("\n"):
        assert line.strip().lstrip("#").removeprefix("- ").strip() in said or line.strip().startswith(("#", "- "))


def test_a_number_that_moved_since_approval_is_said() -> None:
    """What was stated at approval and acts otherwise now is named with both values, also when it is gone."""
    assert moved({"escalation.critical": "30 minutes", "policy.review": "36 months"}, ACTS.get) == (
        ("escalation.critical", "30 minutes", "60 minutes"),
    )
    assert moved({"old.name": "1 day"}, ACTS.get) == (("old.name", "1 day", "gone"),)


def test_nobody_approves_what_they_wrote() -> None:
    """Whoever wrote any part of the draft may not approve it; somebody else may (REQ-03)."""
    assert approval_fault(actor="person:a", authors=["person:b", "person:a"], state=DRAFT)
    assert approval_fault(actor="person:c", authors=["person:b", "person:a"], state=DRAFT) == ""
    assert approval_fault(actor="person:c", authors=[], state=APPROVED)


def test_critical_policies_are_reviewed_more_often() -> None:
    """Safeguarding and information governance after 12 months, the others after 36, to the day (REQ-03)."""
    day = date(2026, 2, 28)
    assert next_review(day, "safeguarding", 36, 12) == date(2027, 2, 28)
    assert next_review(day, "information", 36, 12) == date(2027, 2, 28)
    assert next_review(day, "clinical", 36, 12) == date(2029, 2, 28)


def test_only_a_changed_text_or_scope_must_be_read_again() -> None:
    """A review without change keeps the edition; another text, title or scope makes a new one."""
    before = {"title": "A", "text": "B", "roles": (), "owner": 1}
    assert is_new_edition(None, before)
    assert not is_new_edition(before, before | {"owner": 2})
    assert is_new_edition(before, before | {"roles": ("radiologist",)})


@given(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcd"), min_size=1))
def test_no_scope_means_everybody(scope: set[str], roles: set[str]) -> None:
    """A policy without roles is for everybody, one with roles for whoever holds one of them."""
    assert in_scope(scope, roles) == (not scope or bool(scope & roles))
