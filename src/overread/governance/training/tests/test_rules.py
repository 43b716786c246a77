"""The matrix of training: pure."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.accounts.rules import STAFF_ROLES
from overread.governance.training.rules import (
    COUNTS,
    SUBJECTS,
    Certificate,
    Limits,
    Member,
    Share,
    State,
    by_role,
    certificate_faults,
    gate,
    is_late,
    matrix,
    needs,
    schedule,
    share,
    standing,
)

TODAY = date(2026, 11, 24)
LIMITS = Limits({s.code: 12 for s in SUBJECTS}, 60, 30)
FIRE = next(s for s in SUBJECTS if s.code == "fire_safety")
ADULTS = next(s for s in SUBJECTS if s.code == "safeguarding_adults")
ROLES = sorted(str(r) for r in STAFF_ROLES)
MEMBERS = st.builds(
    lambda roles, days: Member(uuid4(), "Somebody", {r: TODAY - timedelta(days=days) for r in roles}),
    st.sets(st.sampled_from(ROLES), min_size=1, max_size=4),
    st.integers(0, 2000),
)


def _member(*roles: str, days: int = 100) -> Member:
    return Member(uuid4(), "Pip", {role: TODAY - timedelta(days=days) for role in roles})


def _certificate(member: Member, days: int, subject: str = "fire_safety", **other: object) -> Certificate:
    values: dict[str, object] = {"level": None, "confirmed": True} | other
    return Certificate(uuid4(), member.id, subject, TODAY - timedelta(days=days), **values)  # type: ignore[arg-type]


@given(st.lists(MEMBERS, max_size=5))
def test_whoever_holds_a_role_of_the_provider_is_in_the_matrix(members: list[Member]) -> None:
    """Nobody with a role is left out: every member stands in the matrix in every subject for everybody (REQ-06)."""
    found = matrix(members, [], LIMITS, TODAY)
    for member in members:
        subjects = {subject for person, subject in found if person == member.id}
        assert {s.code for s in SUBJECTS if not s.roles} <= subjects
        assert subjects == {s.code for s in SUBJECTS if needs(s, member.roles)}


def test_administrators_and_directors_have_a_programme() -> None:
    """The finding of 2021 cannot come back: an administrator and a director are asked for every common subject."""
    for role in ("administrator", "director"):
        member = _member(role)
        asked = {subject for _, subject in matrix([member], [], LIMITS, TODAY)}
        assert len(asked) >= 9


def test_a_certificate_holds_to_its_last_day_and_not_a_day_longer() -> None:
    """Twelve months later to the day it is in date, the day after it has run out."""
    member = _member("administrator")
    done = _certificate(member, 0)
    last = standing(member, FIRE, [done], LIMITS, date(2027, 11, 24))
    over = standing(member, FIRE, [done], LIMITS, date(2027, 11, 25))
    assert (last.state, over.state) == (State.SOON, State.EXPIRED)
    assert last.due == over.due == date(2027, 11, 24)


def test_a_beginner_has_the_time_for_beginners_from_the_role_that_asks() -> None:
    """What was never done is due thirty days after the role that asks for it, not after the first role."""
    member = Member(uuid4(), "Maren", {"administrator": date(2024, 1, 1), "radiologist": date(2026, 11, 20)})
    quality = next(s for s in SUBJECTS if s.code == "display_quality")
    assert standing(member, quality, [], LIMITS, TODAY).due == date(2026, 12, 20)
    assert standing(member, FIRE, [], LIMITS, TODAY).due == date(2024, 1, 31)


def test_a_level_too_low_does_not_count() -> None:
    """A safeguarding lead needs level 3; level 2 leaves the field missing, level 3 fills it (REQ-25)."""
    lead = _member("safeguarding_lead")
    low = _certificate(lead, 5, "safeguarding_adults", level=2)
    high = _certificate(lead, 9, "safeguarding_adults", level=3)
    assert standing(lead, ADULTS, [low], LIMITS, TODAY).state is State.MISSING
    assert standing(lead, ADULTS, [low, high], LIMITS, TODAY).state is State.IN_DATE


def test_what_was_handed_in_counts_only_when_confirmed() -> None:
    """A certificate that nobody has looked at never makes a field count, and shows as waiting."""
    member = _member("administrator")
    old, new = _certificate(member, 800), _certificate(member, 3, confirmed=False)
    waiting = standing(member, FIRE, [old, new], LIMITS, TODAY)
    assert (waiting.state, waiting.key) == (State.HANDED_IN, new.key)
    assert waiting.state not in COUNTS


@given(st.lists(MEMBERS, min_size=1, max_size=5), st.data())
def test_shares_count_each_field_once_and_never_round_up_to_all(members: list[Member], data: st.DataObject) -> None:
    """The share of everybody is the count of fields in date; a hundred percent means not one is missing."""
    certificates = [
        _certificate(m, data.draw(st.integers(0, 900)), s.code, level=3)
        for m in members
        for s in SUBJECTS
        if data.draw(st.booleans())
    ]
    found = matrix(members, certificates, LIMITS, TODAY)
    whole = share(found.values())
    assert whole.asked == len(found)
    assert whole.held == sum(s.state in COUNTS for s in found.values())
    assert (whole.percent == 100) == (whole.held == whole.asked)
    roles = by_role(members, found)
    assert set(roles) == {role for m in members for role in m.roles}
    assert all(Share(0, 1).percent <= one.percent <= 100 for one in roles.values())


@given(st.lists(MEMBERS, min_size=1, max_size=4))
def test_the_year_ahead_holds_everything_that_is_due_in_it(members: list[Member]) -> None:
    """Twelve months stand in the schedule; whatever is due within them, or overdue, is in exactly one."""
    found = list(matrix(members, [], LIMITS, TODAY).values())
    plan = schedule(found, TODAY)
    assert next(month for month, _ in plan) == date(2026, 11, 1)
    assert len(plan) == 12
    planned = [one.id for _, lines in plan for one in lines]
    assert sorted(planned) == sorted(s.id for s in found if s.due < date(2027, 11, 1))


def test_a_mark_below_the_pass_mark_is_refused() -> None:
    """79 of 80 percent is refused, 80 is taken, and safeguarding needs its level (REQ-120)."""
    values: dict[str, object] = {"subject": "fire_safety", "mark": 79, "level": None}
    assert set(certificate_faults(values, 80)) == {"mark"}
    assert certificate_faults(values | {"mark": 80}, 80) == {}
    assert set(certificate_faults({"subject": "safeguarding_adults", "mark": None, "level": None}, 80)) == {"level"}


def test_a_duty_of_training_has_one_name_for_ever() -> None:
    """Person and subject give the same id whatever certificates come."""
    member = _member("director")
    first = standing(member, FIRE, [], LIMITS, TODAY)
    assert first.id == standing(member, FIRE, [_certificate(member, 1)], LIMITS, TODAY).id
    assert isinstance(first.id, UUID)


def test_the_gate_of_training_shuts_the_day_after_the_last_day() -> None:
    """On the last day of a certificate a reader passes; from the day after routine work is held, with the day on screen."""
    member = _member("radiologist")
    done = _certificate(member, 0)
    last, after = date(2027, 11, 24), date(2027, 11, 25)
    assert not is_late(standing(member, FIRE, [done], LIMITS, last), last)
    over = standing(member, FIRE, [done], LIMITS, after)
    assert is_late(over, after)
    assert (gate([]).holds, gate([over]).holds) == (True, False)
    assert (gate([over]).gate, gate([over]).hard) == ("training", False)
    assert gate([over]).words == "Training in Fire safety ran out on 24 Nov 2027"


def test_a_beginner_is_held_the_day_after_the_time_for_beginners() -> None:
    """What was never done holds nobody for thirty days from the role; on the thirty-first it does, and says by when it was due."""
    member = _member("radiologist", days=0)
    last, after = TODAY + timedelta(days=30), TODAY + timedelta(days=31)
    assert not is_late(standing(member, FIRE, [], LIMITS, last), last)
    missing = standing(member, FIRE, [], LIMITS, after)
    assert is_late(missing, after)
    assert gate([missing]).words == "Training in Fire safety was to be done by 24 Dec 2026"
    waiting = standing(member, FIRE, [_certificate(member, 1, confirmed=False)], LIMITS, after)
    assert is_late(waiting, after)
    assert "is not confirmed yet" in gate([waiting]).words


@given(MEMBERS, st.data())
def test_the_gate_of_training_is_shut_exactly_when_something_is_late(member: Member, data: st.DataObject) -> None:
    """Whatever certificates there are: shut if and only if the matrix holds a field past its day, and always a soft gate."""
    drawn = st.tuples(st.sampled_from(SUBJECTS), st.integers(0, 900), st.booleans(), st.integers(1, 3))
    certificates = [
        _certificate(member, days, subject.code, confirmed=sure, level=level)
        for subject, days, sure, level in data.draw(st.lists(drawn, max_size=30))
    ]
    found = matrix([member], certificates, LIMITS, TODAY)
    late = [s for s in found.values() if is_late(s, TODAY)]
    reason = gate(late)
    assert reason.holds == all(s.state in COUNTS or s.due >= TODAY for s in found.values())
    assert not reason.hard
    assert reason == gate(reversed(late))
    if len(late) > 1:
        assert str(len(late) - 1) in reason.words
