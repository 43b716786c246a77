"""The ladder's steps, codes, and what an acknowledgement must hold."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.thresholds import current as thresholds
from overread.journey.escalation.rules import (
    TIME_ALLOWED,
    UNSAID,
    Category,
    RungFacts,
    Told,
    code_fits,
    code_for,
    link_is_dead,
    missing_from_acknowledgement,
    same_finding,
    step,
    told_again,
    with_side,
)

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PAUSE = timedelta(minutes=15)


def _ladder(waits: list[int]) -> tuple[RungFacts, ...]:
    return tuple(RungFacts(n, uuid.uuid4(), f"rung {n}", "doctor", "email", "a@b", w) for n, w in enumerate(waits, 1))


@given(st.lists(st.integers(-5, 120), max_size=6), st.integers(0, 10), st.integers(1, 9))
def test_there_is_always_a_next_step_in_the_future(waits: list[int], position: int, round_: int) -> None:
    """Whatever was agreed, each step of a ladder sets another one later: it never ends by giving up (H07)."""
    assert step(_ladder(waits), position=position, round=round_, at=AT, now=AT, round_pause=PAUSE).next_at > AT


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_every_rung_is_told_in_order_and_then_the_round_begins_again(waits: list[int]) -> None:
    """No rung is left out, and after the last one the first is told again in another round."""
    ladder, position, round_, told = _ladder(waits), 0, 1, []
    for _ in range(len(waits) + 1):
        made = step(ladder, position=position, round=round_, at=AT, now=AT, round_pause=PAUSE)
        told.append(made.position)
        position, round_ = made.position + 1, made.round
    assert told == [*range(len(waits)), 0]
    assert round_ == 2


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(1, 500))
def test_after_an_outage_each_rung_is_told_once_and_then_there_is_a_pause(waits: list[int], hours: int) -> None:
    """However long the service stood still, it catches up with the round at hand and begins no other at once (F26)."""
    ladder, position, round_, at = _ladder(waits), 0, 1, AT
    now, told = AT + timedelta(hours=hours), 0
    while at <= now:
        made = step(ladder, position=position, round=round_, at=at, now=now, round_pause=PAUSE)
        position, round_, at, told = made.position + 1, made.round, made.next_at, told + 1
    assert told <= len(waits)


def test_only_the_same_finding_shares_an_alert() -> None:
    """The same words on the same side share an alert, or one that had no words yet; anything else is another (H07)."""
    assert same_finding("Acute subdural haematoma.", "left", "acute  subdural haematoma", "left")
    assert same_finding(UNSAID, "", "Acute subdural haematoma", "left")
    assert not same_finding(UNSAID, "right", "Acute subdural haematoma", "left")
    assert not same_finding("Acute subdural haematoma", "left", "Acute subdural haematoma", "right")
    assert not same_finding("Acute subdural haematoma", "left", "Pulmonary embolism", "left")


def test_without_a_ladder_a_person_must_call() -> None:
    """A client without rungs: nobody is told by the machine, and the alert stays with the provider's people."""
    assert step((), position=0, round=1, at=AT, now=AT, round_pause=PAUSE).rung is None


@given(st.uuids(), st.uuids(), st.uuids())
def test_a_code_belongs_to_one_alert_and_one_link(alert: uuid.UUID, link: uuid.UUID, other: uuid.UUID) -> None:
    """The code is six digits and fits as typed with blanks; another link's code is another one, as far as six digits go."""
    code = code_for(b"secret", alert, link, digits=6)
    assert (len(code), code.isdigit(), code_fits(f"{code[:3]} {code[3:]}", code)) == (6, True, True)
    assert code_for(b"secret", alert, link, digits=6) == code
    assert not code_fits("", code)


def test_every_category_has_its_time() -> None:
    """Each class of finding names a threshold of its own, and a critical one leaves at most an hour (REQ-43)."""
    assert set(TIME_ALLOWED) == set(Category)
    assert len(set(TIME_ALLOWED.values())) == len(Category)
    assert thresholds.duration(TIME_ALLOWED[Category.CRITICAL]) <= timedelta(hours=1)
    assert thresholds.threshold(TIME_ALLOWED[Category.CRITICAL]).at_most == 60


@given(st.integers(1, 60), st.integers(1, 90))
def test_the_pause_before_another_round_is_the_agreed_wait_or_longer(wait: int, pause: int) -> None:
    """After the last rung the ladder rests for the provider's pause, and never for less than the rung's own wait."""
    made = step(_ladder([wait]), position=0, round=1, at=AT, now=AT, round_pause=timedelta(minutes=pause))
    assert made.next_at - AT == timedelta(minutes=max(wait, pause))


@pytest.mark.parametrize(("used", "wrong", "dead"), [(False, 4, False), (False, 5, True), (True, 0, True)])
def test_a_link_dies_by_use_or_by_wrong_codes(used: bool, wrong: int, dead: bool) -> None:
    """A link opens once, and not after the last wrong code that is allowed."""
    assert link_is_dead(used=used, wrong_codes=wrong, most_wrong_codes=5) is dead


def test_an_acknowledgement_names_person_role_finding_and_side() -> None:
    """Without a name, a role, the finding said back, or its side, the alert stays open (H08)."""
    whole = {"name": "Dr Farrow", "role": "consultant", "read_back": "Left subdural, I call them"}
    assert missing_from_acknowledgement(**whole, side="left") == {}
    for field, value in (("name", ""), ("role", " "), ("read_back", "ok"), ("read_back", "A subdural, I call them")):
        assert list(missing_from_acknowledgement(**{**whole, field: value}, side="left")) == [field]


TOLD = st.builds(
    Told,
    category=st.sampled_from([str(c) for c in Category]),
    finding=st.sampled_from(["Subdural haematoma", "Mass of the left lung"]),
    side=st.sampled_from(["", "left"]),
    is_open=st.booleans(),
)


@given(st.lists(TOLD, max_size=3), st.sampled_from(["", "critical", "cancer"]), st.booleans(), st.booleans())
def test_a_changed_conclusion_of_an_alerted_report_never_stays_untold(
    told: list[Told], category: str, changed: bool, withdrawn: bool
) -> None:
    """Whoever acted on an alert hears of a changed conclusion, unless the same finding still waits for somebody (H07)."""
    chosen = {"category": category, "finding": "Subdural haematoma" if category else "", "side": ""}
    found = told_again(told, **chosen, conclusion_changed=changed, withdrawn=withdrawn)
    waits = any(t.is_open and t.category == category and t.finding == chosen["finding"] and not t.side for t in told)
    if told and changed:
        assert (found is None) == waits
    if not told:
        assert (found is None) == (not category)
    if found is not None:
        assert found.category in {category, *(t.category for t in told)}


def test_what_was_acknowledged_and_did_not_change_is_not_told_again() -> None:
    """A typing error put right in another section wakes nobody; a withdrawn alert does (H07)."""
    told = [Told("critical", "Subdural haematoma", "left", is_open=False)]
    same = {"category": "critical", "finding": "subdural haematoma", "side": "left"}
    none = {"category": "", "finding": "", "side": ""}
    assert told_again(told, **same, conclusion_changed=False, withdrawn=False) is None
    assert told_again(told, **none, conclusion_changed=False, withdrawn=False) is None
    assert told_again(told, **same, conclusion_changed=True, withdrawn=False) is not None
    other = told_again(told, **{**same, "side": "right"}, conclusion_changed=False, withdrawn=False)
    assert other is not None
    assert "alerted before as: Subdural haematoma" in other.finding
    gone = told_again(told, **none, conclusion_changed=False, withdrawn=True)
    assert gone is not None
    assert (gone.category, gone.side) == ("critical", "left")


@pytest.mark.parametrize(
    ("finding", "side", "said"),
    [
        ("Acute left basal ganglia haemorrhage", "left", "Acute left basal ganglia haemorrhage"),
        ("Acute haemorrhage", "left", "Acute haemorrhage, left"),
        ("Left collection, shift to the right", "left", "Left collection, shift to the right, left"),
        ("Leftover clip", "left", "Leftover clip, left"),
        ("Aspiration", "both", "Aspiration, both sides"),
        ("Free air", "", "Free air"),
    ],
)
def test_the_side_of_a_finding_is_said_once_and_never_left_out(finding: str, side: str, said: str) -> None:
    """A title that names the side does not name it twice; one that names another side too still ends with the right one."""
    assert with_side(finding, side) == said
