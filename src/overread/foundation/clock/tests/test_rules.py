"""Working time: sums over real seconds, with the days on which clocks change and bank holidays (F15)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from overread.foundation.clock.rules import (
    LONDON,
    TRIES,
    Interval,
    NeverOpen,
    Opening,
    WorkingCalendar,
    add_working_time,
    merge,
    round_the_clock,
    subtract,
    total,
    try_again_seconds,
    weekdays,
    working_intervals,
    working_time,
)

NINE, FIVE = 9 * 60, 17 * 60
WEEK = weekdays(NINE, FIVE)
EASTER_2026 = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
HOUR = timedelta(hours=1)

instants = st.integers(0, 7 * 365 * 86_400).map(lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
amounts = st.integers(0, 400 * 3600).map(lambda seconds: timedelta(seconds=seconds))
openings = st.builds(
    lambda day, start, length: Opening(day, start, min(1440, start + length)),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(1, 1440),
)
calendars = st.builds(
    WorkingCalendar,
    st.frozensets(openings, min_size=1, max_size=6),
    st.frozensets(st.dates(date(2024, 1, 1), date(2030, 12, 31)), max_size=5),
    st.sampled_from([LONDON, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Santiago")]),
)
slowly = settings(deadline=None, max_examples=60)  # a calendar may be searched for ten years
intervals = st.builds(lambda start, length: Interval(start, start + length), instants, amounts)


def london(*parts: int, fold: int = 0) -> datetime:
    """The instant at which a clock in London shows this; the second one of the repeated hour with fold=1."""
    return datetime(*parts, tzinfo=LONDON, fold=fold).astimezone(UTC)  # type: ignore[misc,arg-type]


# --- intervals ----------------------------------------------------------------------------------------------------


@given(st.lists(intervals, max_size=8))
def test_merging_changes_no_time_and_leaves_no_overlap(given_intervals: list[Interval]) -> None:
    """Merged intervals are in order, do not touch, and hold every instant that was in one of them."""
    merged = merge(given_intervals)
    assert all(a.end < b.start for a, b in pairwise(merged))
    for interval in given_intervals:
        assert not interval.length or any(m.start <= interval.start and interval.end <= m.end for m in merged)
    assert merge(merged) == merged


@given(st.lists(intervals, max_size=6), st.lists(intervals, max_size=6))
def test_what_is_cut_and_what_is_left_add_up(whole: list[Interval], holes: list[Interval]) -> None:
    """Time is neither lost nor counted twice when pauses are cut out of it."""
    left = subtract(whole, holes)
    cut = subtract(whole, left)
    assert total(left) + total(cut) == total(whole)
    assert total(subtract(cut, holes)) == timedelta()


def test_an_interval_needs_an_offset_and_a_direction() -> None:
    """A time without an offset, or an end before the start, is refused where it enters."""
    with pytest.raises(ValueError, match="offset"):
        Interval(datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="before"):
        Interval(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


# --- sums ---------------------------------------------------------------------------------------------------------


@slowly
@given(calendars, instants, amounts)
def test_adding_is_the_reverse_of_measuring(calendar: WorkingCalendar, start: datetime, amount: timedelta) -> None:
    """The working time between a start and its due time is exactly what was allowed."""
    try:
        due = add_working_time(calendar, start, amount)
    except NeverOpen:
        assume(False)
    assert due >= start
    assert working_time(calendar, start, due) == amount


@slowly
@given(calendars, instants, amounts, st.lists(intervals, max_size=3))
def test_pauses_do_not_count(
    calendar: WorkingCalendar, start: datetime, amount: timedelta, pauses: list[Interval]
) -> None:
    """A paused clock moves the due time by exactly the working time in the pauses."""
    try:
        due = add_working_time(calendar, start, amount, pauses)
    except NeverOpen:
        assume(False)
    assert working_time(calendar, start, due, pauses) == amount
    assert due >= add_working_time(calendar, start, amount)


@slowly
@given(calendars, instants, amounts, amounts)
def test_working_time_adds_up(calendar: WorkingCalendar, start: datetime, first: timedelta, second: timedelta) -> None:
    """Working time up to noon and from noon on is the working time of the day, wherever noon is put."""
    middle, end = start + first, start + first + second
    whole = working_time(calendar, start, end)
    assert working_time(calendar, start, middle) + working_time(calendar, middle, end) == whole
    assert timedelta() <= whole <= end - start


@given(instants, amounts)
def test_round_the_clock_is_the_clock(start: datetime, amount: timedelta) -> None:
    """When every minute counts, working time is real time, across changes of the clocks too."""
    assert add_working_time(round_the_clock(), start, amount) == start + amount
    assert working_time(round_the_clock(), start, start + amount) == amount


@slowly
@given(calendars, instants, amounts, amounts)
def test_more_time_is_never_due_earlier(
    calendar: WorkingCalendar, start: datetime, less: timedelta, more: timedelta
) -> None:
    """Allowing more time never makes a case due earlier."""
    less, more = sorted([less, more])
    try:
        assert add_working_time(calendar, start, less) <= add_working_time(calendar, start, more)
    except NeverOpen:
        assume(False)


# --- named cases --------------------------------------------------------------------------------------------------


def test_a_friday_evening_case_waits_for_monday() -> None:
    """Four working hours from Friday 16:00 end on Monday at 12:00."""
    assert add_working_time(WEEK, london(2026, 1, 9, 16, 0), 4 * HOUR) == london(2026, 1, 12, 12, 0)


def test_easter_is_no_working_time() -> None:
    """Eight working hours from Maundy Thursday 13:00 end on Easter Tuesday in England, on the Monday in Scotland."""
    start = london(2026, 4, 2, 13, 0)
    assert add_working_time(weekdays(NINE, FIVE, EASTER_2026), start, 8 * HOUR) == london(2026, 4, 7, 13, 0)
    scotland = weekdays(NINE, FIVE, frozenset({date(2026, 4, 3)}))
    assert add_working_time(scotland, start, 8 * HOUR) == london(2026, 4, 6, 13, 0)


def test_the_night_of_spring_has_one_hour_less() -> None:
    """On 29 March 2026 the clocks skip an hour: from 00:00 to 06:00 there are five working hours."""
    night = WorkingCalendar(frozenset({Opening(6, 0, 6 * 60)}))
    day = (london(2026, 3, 29, 0, 0), london(2026, 3, 29, 12, 0))
    assert working_time(night, *day) == 5 * HOUR
    assert add_working_time(night, day[0], 5 * HOUR) == london(2026, 3, 29, 6, 0)


def test_the_night_of_autumn_has_one_hour_more() -> None:
    """On 25 October 2026 the clocks repeat an hour: from 00:00 to 06:00 there are seven working hours."""
    night = WorkingCalendar(frozenset({Opening(6, 0, 6 * 60)}))
    day = (london(2026, 10, 25, 0, 0), london(2026, 10, 25, 12, 0))
    assert working_time(night, *day) == 7 * HOUR
    assert add_working_time(night, day[0], 2 * HOUR) == london(2026, 10, 25, 1, 0, fold=1)


def test_opening_in_the_skipped_hour_opens_when_the_clocks_jump() -> None:
    """Hours from 01:30 to 03:00 on the day on which 01:00 becomes 02:00 hold one hour; hours inside the gap hold none."""
    day = (london(2026, 3, 29, 0, 0), london(2026, 3, 29, 12, 0))
    assert working_time(WorkingCalendar(frozenset({Opening(6, 90, 180)})), *day) == HOUR
    assert working_time(WorkingCalendar(frozenset({Opening(6, 75, 105)})), *day) == timedelta()


def test_opening_in_the_repeated_hour_counts_both() -> None:
    """Hours from 01:00 to 02:00 on the day on which that hour comes twice hold two hours."""
    day = (london(2026, 10, 25, 0, 0), london(2026, 10, 25, 12, 0))
    assert working_time(WorkingCalendar(frozenset({Opening(6, 60, 120)})), *day) == 2 * HOUR


def test_a_leap_day_is_a_day() -> None:
    """29 February 2028 is a Tuesday with eight working hours."""
    assert working_time(WEEK, london(2028, 2, 29, 0, 0), london(2028, 3, 1, 0, 0)) == 8 * HOUR


def test_midnight_belongs_to_the_day_that_begins() -> None:
    """A holiday is closed from its midnight to the next, in London and not in UTC."""
    summer = WorkingCalendar(frozenset(Opening(day, 0, 1440) for day in range(7)), frozenset({date(2026, 8, 31)}))
    found = working_intervals(summer, london(2026, 8, 30, 12, 0), london(2026, 9, 1, 12, 0))
    assert [(i.start, i.end) for i in found] == [
        (london(2026, 8, 30, 12, 0), london(2026, 8, 31, 0, 0)),
        (london(2026, 9, 1, 0, 0), london(2026, 9, 1, 12, 0)),
    ]
    assert found[0].end == datetime(2026, 8, 30, 23, 0, tzinfo=UTC)


def test_overlapping_hours_count_once() -> None:
    """Two entries of hours that overlap are the hours that they cover together."""
    twice = WorkingCalendar(frozenset({Opening(0, NINE, FIVE), Opening(0, 12 * 60, 18 * 60)}))
    assert working_time(twice, london(2026, 1, 12, 0, 0), london(2026, 1, 13, 0, 0)) == 9 * HOUR


def test_nothing_to_add_is_due_at_once() -> None:
    """A case without allowed time is due when it was received, in or out of hours."""
    assert add_working_time(WEEK, london(2026, 1, 10, 3, 0), timedelta()) == london(2026, 1, 10, 3, 0)
    assert working_time(WEEK, london(2026, 1, 12, 12, 0), london(2026, 1, 12, 11, 0)) == timedelta()


def test_a_calendar_that_is_never_open_is_an_error() -> None:
    """Hours that never come, a negative time and impossible hours are refused instead of searched for for ever."""
    with pytest.raises(NeverOpen):
        add_working_time(WorkingCalendar(frozenset()), london(2026, 1, 1), HOUR)
    with pytest.raises(ValueError, match="negative"):
        add_working_time(WEEK, london(2026, 1, 1), -HOUR)
    with pytest.raises(ValueError, match="opening"):
        Opening(7, 0, 60)
    with pytest.raises(ValueError, match="opening"):
        Opening(0, 60, 60)


def test_a_deadline_is_given_up_after_three_failures() -> None:
    """Firing is tried again twice, with a longer wait the second time, and then given up."""
    waits = [try_again_seconds(failures) for failures in range(1, TRIES + 2)]
    assert waits == [5.0, 30.0, None, None]
