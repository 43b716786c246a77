"""When a failed delivery is tried again. Not covered here: what a delivery does as it runs (test_delivery.py)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from overread.journey.delivery.rules import Patience, fits_into_day, release_at, wait_after

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@given(st.integers(1, 20), st.integers(1, 600), st.integers(1, 240))
def test_waits_grow_up_to_the_longest_and_end_at_a_person(attempts: int, first: int, longest: int) -> None:
    """Each wait is at least the one before, none is longer than allowed, and after the last attempt a person looks."""
    patience = Patience(attempts, timedelta(seconds=first), timedelta(minutes=longest))
    waits = [wait_after(made, patience) for made in range(1, attempts)]
    known = [wait for wait in waits if wait is not None]
    assert len(known) == len(waits)
    assert known == sorted(known)
    assert all(timedelta() < wait <= patience.longest_wait for wait in known)
    assert wait_after(attempts, patience) is None


def test_a_critical_finding_does_not_wait_to_be_recalled() -> None:
    """The recall window holds for every report but that of a critical finding."""
    assert release_at(AT, 90, "urgent") == AT + timedelta(seconds=90)
    assert release_at(AT, 90, "critical") == AT


@given(st.lists(st.integers(1, 240)), st.integers(30, 480))
def test_the_day_of_a_part_time_person_is_not_overfilled(minutes: list[int], day: int) -> None:
    """What is listed for today fits into it, in order; only a first thing longer than the day stands there alone."""
    fitting = fits_into_day(minutes, day)
    assert (fitting == 0) == (not minutes)
    assert fitting <= 1 or sum(minutes[:fitting]) <= day
    assert fitting == len(minutes) or sum(minutes[: fitting + 1]) > day
