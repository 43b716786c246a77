"""Cases: every legal and illegal move, clocks with pauses, priorities, and words."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.journey.case.rules import (
    MOVE_WORDS,
    MOVES_TOLD,
    STATE_WORDS,
    TRANSITIONS,
    Interval,
    Move,
    Priority,
    State,
    Turned,
    case_number,
    due_at,
    elapsed,
    first_state,
    higher_priority,
    is_paused,
    merged,
    next_state,
    received,
    release_move,
    shares,
    span_words,
    turnaround,
    warn_at,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAIRS = list(product(State, Move))


def _m(minutes: int) -> datetime:
    return AT + timedelta(minutes=minutes)


# The table once more, written by state, so that a slip of the finger in one of the two is found.
LEGAL = {
    State.AWAITING_IMAGES: {Move.IMAGES_COMPLETE: "ready", Move.HOLD: "held", Move.CANCEL: "cancelled"},
    State.AWAITING_REFERRAL: {
        Move.REFERRAL_ACCEPTED: "ready",
        Move.AWAIT_IMAGES: "awaiting_images",
        Move.HOLD: "held",
        Move.CANCEL: "cancelled",
    },
    State.READY: {
        Move.CLAIM: "claimed",
        Move.IMAGES_WITHDRAWN: "awaiting_images",
        Move.HOLD: "held",
        Move.CANCEL: "cancelled",
    },
    State.CLAIMED: {
        Move.HAND_BACK: "ready",
        Move.SIGN: "reported",
        Move.IMAGES_WITHDRAWN: "held",
        Move.HOLD: "held",
    },
    State.REPORTED: {Move.DELIVER: "delivering", Move.ADDEND: "reported", Move.REOPEN: "ready"},
    State.DELIVERING: {Move.ACCEPT: "delivered", Move.ADDEND: "reported", Move.REOPEN: "ready"},
    State.DELIVERED: {Move.CLOSE: "closed", Move.ADDEND: "reported", Move.REOPEN: "ready"},
    State.CLOSED: {Move.ADDEND: "reported", Move.REOPEN: "ready"},
    State.HELD: {
        Move.RELEASE: "ready",
        Move.RELEASE_AWAIT_IMAGES: "awaiting_images",
        Move.RELEASE_AWAIT_REFERRAL: "awaiting_referral",
        Move.CANCEL: "cancelled",
    },
    State.CANCELLED: {},
}


@pytest.mark.parametrize(("state", "move"), PAIRS, ids=[f"{s}-{m}" for s, m in PAIRS])
def test_each_pair_of_state_and_move_is_as_agreed(state: State, move: Move) -> None:
    """Every one of the pairs of state and move leads where the agreed table says, or is refused."""
    assert next_state(state, move) == LEGAL[state].get(move)


def test_nothing_but_a_claimed_case_can_be_signed_and_a_cancelled_one_never_returns() -> None:
    """A signature needs a claim, and a cancelled case has no way out."""
    assert [s for (s, m) in TRANSITIONS if m is Move.SIGN] == [State.CLAIMED]
    assert [m for (s, m) in TRANSITIONS if s is State.CANCELLED] == []


def test_every_state_can_be_reached_and_every_move_used() -> None:
    """There is no dead state and no dead move, and each has its words."""
    reached = {State.AWAITING_IMAGES, State.AWAITING_REFERRAL} | set(TRANSITIONS.values())
    assert reached == set(State)
    assert {m for _, m in TRANSITIONS} == set(Move) == set(MOVE_WORDS) == set(MOVES_TOLD)
    assert set(STATE_WORDS) == set(State)


@given(st.booleans(), st.booleans())
def test_a_released_case_stands_where_a_new_one_would(images: bool, referral: bool) -> None:
    """Release leads to the place that images and referral give, never past one that is missing."""
    move = release_move(has_images=images, has_referral=referral)
    assert next_state(State.HELD, move) is first_state(has_images=images, has_referral=referral)


def test_the_clock_starts_at_the_later_of_the_two() -> None:
    """Received is the later of images complete and referral accepted, and nothing until both are there."""
    assert received(_m(0), _m(5)) == received(_m(5), _m(0)) == _m(5)
    assert received(None, _m(5)) is received(_m(5), None) is None


def test_pauses_are_taken_out_once_even_when_they_overlap() -> None:
    """Two overlapping pauses of 10 and 20 minutes that share 5 count as 25."""
    pauses = [Interval(_m(10), _m(20)), Interval(_m(15), _m(35))]
    assert merged(pauses, _m(60)) == [(_m(10), _m(35))]
    assert elapsed(_m(0), pauses, _m(60)) == timedelta(minutes=35)
    assert due_at(_m(0), 60, pauses, _m(60)) == _m(85)


def test_a_pause_before_receipt_does_not_count_and_one_after_due_gives_no_time_back() -> None:
    """Time before the clock started is no gain, and a pause that begins when the case is already late neither."""
    assert due_at(_m(0), 60, [Interval(_m(-30), _m(-10))], _m(90)) == _m(60)
    assert due_at(_m(0), 60, [Interval(_m(-30), _m(10))], _m(90)) == _m(70)
    assert due_at(_m(0), 60, [Interval(_m(61), _m(80))], _m(90)) == _m(60)


def test_during_a_pause_the_time_left_does_not_shrink() -> None:
    """While the clock stands, due time and present move together."""
    pause = [Interval(_m(20))]
    assert due_at(_m(0), 60, pause, _m(30)) - _m(30) == due_at(_m(0), 60, pause, _m(300)) - _m(300)
    assert is_paused(pause, _m(30))
    assert not is_paused(pause, _m(19))
    assert not is_paused([Interval(_m(0), _m(5))], _m(5))


_pauses = st.lists(
    st.tuples(st.integers(-100, 400), st.integers(0, 120)).map(lambda p: Interval(_m(p[0]), _m(p[0] + p[1]))),
    max_size=6,
)


@given(_pauses, st.integers(1, 300), st.integers(0, 500))
def test_elapsed_and_due_agree(pauses: list[Interval], allowance: int, now: int) -> None:
    """A case is past its due time exactly when more than the allowance has elapsed, unless it stands still just then."""
    used, due = elapsed(_m(0), pauses, _m(now)), due_at(_m(0), allowance, pauses, _m(now))
    if due < _m(now):
        assert used >= timedelta(minutes=allowance)
    if used > timedelta(minutes=allowance):
        assert due <= _m(now)


@given(_pauses, st.integers(0, 500), st.integers(0, 100))
def test_elapsed_never_falls_and_never_exceeds_the_time_that_passed(
    pauses: list[Interval], now: int, more: int
) -> None:
    """The time that counts grows by at most the time that passes."""
    first, second = elapsed(_m(0), pauses, _m(now)), elapsed(_m(0), pauses, _m(now + more))
    assert timedelta() <= first <= timedelta(minutes=now)
    assert timedelta() <= second - first <= timedelta(minutes=more)


@given(st.sampled_from(list(Priority)), st.sampled_from(list(Priority)))
def test_of_two_priorities_the_more_urgent_counts(one: Priority, two: Priority) -> None:
    """Order and study together are as urgent as the more urgent of them, whichever comes first (H27)."""
    both = higher_priority(one, two)
    assert both is higher_priority(two, one)
    assert both in (one, two)
    assert Priority.EMERGENCY not in (one, two) or both is Priority.EMERGENCY


def test_the_warning_comes_while_there_is_time_left() -> None:
    """At 70 % of the allowance somebody is warned."""
    assert warn_at(_m(0), _m(60), percent=70) == _m(42)


def test_the_shares_of_the_time_add_up() -> None:
    """Waiting, reading and delivery together are the whole time from received to accepted."""
    parts = shares(_m(0), _m(30), _m(43), _m(45), _m(99))
    assert [p.time for p in parts] == [timedelta(minutes=n) for n in (30, 13, 2)]
    assert sum(p.percent for p in parts) in (99, 100, 101)
    assert [p.words for p in shares(_m(0), _m(30), None, None, _m(40))] == ["Waiting to be claimed", "Reading"]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 s"),
        (45, "45 min"),
        (60, "1 h"),
        (185, "3 h 05"),
        (2879, "47 h 59"),
        (2880, "2 days"),
        (3120, "2 days 4 h"),
    ],
)
def test_lengths_of_time_read_as_people_say_them(minutes: int, words: str) -> None:
    """A length of time is written in days and hours, hours and minutes, or minutes."""
    assert span_words(timedelta(minutes=minutes)) == words


def test_case_numbers_sort_by_year_and_serial() -> None:
    """The number of a case names its year and its place in it."""
    assert case_number(2026, 4182) == "C-26-004182"


def test_turnaround_counts_every_clock_once_and_late_ones_as_late() -> None:
    """On time, late and running add up; a clock that still runs past its time is late."""

    def clock(used: float, stopped: bool) -> Turned:
        return Turned(uuid4(), AT, _m(1) if stopped else None, 60, used)

    found = turnaround([clock(30, True), clock(61, True), clock(10, False), clock(99, False)])
    assert (found.started, found.on_time, found.late, found.running) == (4, 1, 2, 1)
    assert (found.median_minutes, found.p95_minutes) == (30, 61)
    assert turnaround([]).median_minutes is None
