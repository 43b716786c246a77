"""What a file must hold: pure."""

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.accounts.rules import STAFF_ROLES
from overread.governance.people.rules import (
    COMPLETE,
    ITEMS,
    NOT_APPLICABLE,
    SEEN,
    Paper,
    State,
    asked,
    file_of,
    missing,
    paper_faults,
    percent,
    post_faults,
)

TODAY = date(2026, 11, 24)
ROLES = sorted(str(r) for r in STAFF_ROLES)
SCHEDULE_3 = {"identity", "dbs", "references", "reason_left", "qualifications", "history", "health"}


def _paper(item: str, held: str = SEEN, expires_on: date | None = None) -> Paper:
    return Paper(uuid4(), item, held, TODAY - timedelta(days=30), expires_on)


def test_every_set_of_roles_is_asked_for_schedule_3() -> None:
    """Whoever works for the provider is asked for all of Schedule 3; who only reviews from outside for its core (REQ-08)."""
    for role in ROLES:
        codes = {item.code for item in asked([role])}
        if role == "external_reviewer":
            assert codes == {"identity", "references", "qualifications"}
        else:
            assert codes >= SCHEDULE_3


def test_directors_and_managers_declare_that_they_are_fit_and_proper() -> None:
    """A director's file needs the declaration and the searches, an administrator's does not (REQ-12)."""
    assert {"fit_proper", "searches"} <= {i.code for i in asked(["director"])}
    assert not {"fit_proper", "searches"} & {i.code for i in asked(["administrator"])}


@given(st.sets(st.sampled_from(ROLES), min_size=1), st.sets(st.sampled_from([i.code for i in ITEMS])))
def test_a_file_is_whole_exactly_when_nothing_is_missing(roles: set[str], held: set[str]) -> None:
    """A hundred percent means that nothing is missing, and what is missing is what was not held."""
    file = file_of(roles, [_paper(code, expires_on=date(2030, 1, 1)) for code in held], TODAY, 60)
    gone = {item.code for item in missing(file)}
    assert gone == {i.code for i in asked(roles)} - held
    assert (percent(file) == 100) == (not gone)


def test_a_paper_counts_to_its_last_day() -> None:
    """On its last day a paper is held, the day after it has run out and the file is not whole; a newer one fills it."""
    old = _paper("right_to_work", expires_on=TODAY)
    states = {
        day: next(s.state for s in file_of(["administrator"], [old], day, 5) if s.item.code == "right_to_work")
        for day in (TODAY - timedelta(days=20), TODAY, TODAY + timedelta(days=1))
    }
    assert list(states.values()) == [State.HELD, State.SOON, State.EXPIRED]
    new = _paper("right_to_work", expires_on=TODAY + timedelta(days=400))
    later = file_of(["administrator"], [old, new], TODAY + timedelta(days=1), 5)
    assert next(s for s in later if s.item.code == "right_to_work").state in COMPLETE


def test_what_applies_to_everybody_is_never_not_applicable() -> None:
    """Health or identity cannot be set aside; a DBS check can, with the reason, and otherwise has a last day."""
    values: dict[str, object] = {"item": "health", "held": NOT_APPLICABLE, "expires_on": None, "seen_on": TODAY}
    assert set(paper_faults(values)) == {"held"}
    assert paper_faults(values | {"item": "dbs"}) == {}
    assert set(paper_faults(values | {"item": "dbs", "held": SEEN})) == {"expires_on"}
    past = {"held": SEEN, "expires_on": TODAY - timedelta(days=1)}
    assert set(paper_faults(values | past)) == {"expires_on"}


def test_who_leaves_has_a_day_and_a_reason() -> None:
    """Neither a day without a reason nor a reason without a day is taken, nor an end before the beginning."""
    values: dict[str, object] = {"started_on": TODAY, "left_on": None, "leaving": ""}
    assert post_faults(values) == {}
    assert set(post_faults(values | {"leaving": "Retires"})) == {"left_on"}
    assert set(post_faults(values | {"left_on": TODAY})) == {"leaving"}
    assert set(post_faults(values | {"left_on": TODAY - timedelta(days=1), "leaving": "x"})) == {"left_on"}
