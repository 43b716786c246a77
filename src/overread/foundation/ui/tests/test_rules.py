"""Words of times and numbers at every boundary. The same words in the browser: tests/look/test_due_words.py."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.ui import rules
from overread.foundation.ui.due import due_view

AT = datetime(2026, 11, 17, 13, 42, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
moments = st.integers(1_704_067_200, 1_893_456_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(
    ("left", "words", "exact"),
    [
        (timedelta(minutes=-12), "12 min late", "13:30"),
        (timedelta(seconds=-1), "under 1 min late", "13:41"),
        (timedelta(0), "in under 1 min", "13:42"),
        (timedelta(seconds=59), "in under 1 min", "13:42"),
        (timedelta(seconds=60), "in 1 min", "13:43"),
        (timedelta(minutes=38), "in 38 min", "14:20"),
        (timedelta(minutes=59, seconds=59), "in 59 min", "14:41"),
        (timedelta(hours=1), "in 1 h", "14:42"),
        (timedelta(hours=1, minutes=58), "in 1 h 58", "15:40"),
        (timedelta(hours=10, minutes=17), "in 10 h 17", "23:59"),
        (timedelta(hours=10, minutes=18), "tomorrow", "Wed 18 Nov, 00:00"),
        (timedelta(days=2, hours=3), "in 2 days", "Thu 19 Nov, 16:42"),
        (timedelta(days=60), "in 60 days", "Sat 16 Jan 2027, 13:42"),
        (timedelta(days=-2), "2 days late", "Sun 15 Nov, 13:42"),
    ],
)
def test_a_deadline_is_said_relative_and_exact(left: timedelta, words: str, exact: str) -> None:
    """A deadline reads the same way at each boundary: minutes, hours, midnight, tomorrow, another year."""
    assert rules.until_words(AT + left, AT) == words
    assert rules.exact_words(AT + left, AT) == exact


def test_shortly_after_midnight_is_still_counted_in_hours() -> None:
    """A deadline less than six hours away is counted in hours even when it falls on the next day."""
    at = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)
    assert rules.until_words(at + timedelta(hours=2), at) == "in 2 h"
    assert rules.exact_words(at + timedelta(hours=2), at) == "Wed 18 Nov, 01:30"


@pytest.mark.parametrize(
    ("used_minutes", "left", "state"),
    [
        (41, 19, "warn"),
        (42, 18, "urg"),
        (24, 36, "ok"),
        (25, 35, "warn"),
        (51, 9, "crit"),
        (50, 10, "urg"),
        (60, -1, "crit"),
    ],
)
def test_the_colour_follows_the_share_of_the_allowance_left(used_minutes: int, left: int, state: str) -> None:
    """At most 30 % left is urgent, less than 60 % wants a look, under ten minutes of the last 30 % is critical."""
    due_at = AT + left * MINUTES
    assert due_view(due_at, at=AT, start_at=AT - used_minutes * MINUTES).state == state


@given(due=moments, at=moments, allowance=st.integers(1, 60 * 24 * 40))
def test_every_deadline_has_icon_word_and_colour_together(due: datetime, at: datetime, allowance: int) -> None:
    """No deadline is ever drawn by colour alone; late is always critical and never anything else says late."""
    view = due_view(due, at=at, start_at=due - allowance * MINUTES)
    assert view.icon == rules.ICONS[view.state]
    assert view.words
    assert view.exact
    assert ("late" in view.words) == (due < at)
    assert view.state == "crit" or due >= at
    assert view.used is not None
    assert 0 <= view.used <= 100


@given(due=moments, first=st.integers(0, 10**6), second=st.integers(0, 10**6))
def test_a_deadline_never_becomes_calmer_as_time_passes(due: datetime, first: int, second: int) -> None:
    """On one day the colour only moves towards red while the clock runs."""
    order = ["idle", "ok", "warn", "urg", "crit"]
    start = due - timedelta(days=20)
    early, late = sorted((due - timedelta(seconds=first), due - timedelta(seconds=second)))
    states = [due_view(due, at=at, start_at=start).state for at in (early, late)]
    assert order.index(states[0]) <= order.index(states[1])


def test_a_paused_clock_says_how_much_is_left() -> None:
    """A clock that stands still shows what is left of it, not a time that moves."""
    view = due_view(AT, at=AT, start_at=AT - 60 * MINUTES, paused_left_seconds=4800)
    assert (view.state, view.words, view.exact) == ("hold", "paused", "1 h 20 left")


def test_times_are_read_in_london() -> None:
    """Winter and summer times carry the name of their zone; the day has two digits, the month a word."""
    winter, summer = datetime(2026, 1, 5, 9, 4, tzinfo=UTC), datetime(2026, 7, 5, 23, 30, tzinfo=UTC)
    assert rules.when_words(winter, "zone") == "05 Jan 2026, 09:04 GMT"
    assert rules.when_words(summer, "zone") == "06 Jul 2026, 00:30 BST"
    assert rules.when_words(summer, "long") == "6 July 2026"
    with pytest.raises(ValueError, match="No such shape"):
        rules.when_words(winter, "american")


@given(st.text("0123456789", min_size=10, max_size=10))
def test_an_nhs_number_is_written_3_3_4(number: str) -> None:
    """Ten digits become three groups, and the digits stay the same and in their order."""
    written = rules.nhs_words(number)
    assert [len(part) for part in written.split(" ")] == [3, 3, 4]
    assert written.replace(" ", "") == number


@given(st.text(max_size=20))
def test_what_is_no_nhs_number_is_left_alone(text: str) -> None:
    """A number that is not ten digits loses nothing but spaces at its ends, so that a wrong one can be seen."""
    if len("".join(text.split())) != 10:
        assert rules.nhs_words(text) == text.strip()


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (301_000, "301 kB"),
        (999_500, "1.0 MB"),
        (277_000_000, "277 MB"),
        (10**16, "10000 TB"),
    ],
)
def test_sizes_are_read_in_powers_of_a_thousand(size: int, words: str) -> None:
    """A size has at most three figures up to the largest unit."""
    assert rules.size_words(size) == words
