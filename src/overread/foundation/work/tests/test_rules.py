"""Waits and ends of failed jobs."""

from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.work.failures import GiveUp, RetryLater, describe, state_after
from overread.foundation.work.rules import LONGEST_WAIT_SECONDS, JobState, is_last, wait_after

attempts = st.integers(1, 10_000)
shares = st.floats(0, 1)


@given(attempts, shares)
def test_waits_are_positive_and_capped(attempt: int, share: float) -> None:
    """A failed job waits a positive time that never exceeds the longest wait, however often it has failed."""
    assert 0 < wait_after(attempt, share) <= LONGEST_WAIT_SECONDS


@given(attempts, shares)
def test_waits_never_shrink(attempt: int, share: float) -> None:
    """With the same share of jitter, a later attempt never waits less than an earlier one."""
    assert wait_after(attempt, share) <= wait_after(attempt + 1, share)


@given(attempts)
def test_waits_are_spread(attempt: int) -> None:
    """Jobs that failed together come back spread over half of the full wait."""
    assert wait_after(attempt, 0.0) * 2 == wait_after(attempt, 1.0)


@given(attempts, attempts)
def test_the_last_attempt_is_the_last(attempt: int, allowed: int) -> None:
    """A job is given up exactly when it has had all its attempts."""
    assert is_last(attempt, allowed) == (attempt >= allowed)


def test_the_error_decides_over_the_retry() -> None:
    """Giving up ends the tries at once, asking for a retry does not prolong them beyond the last."""
    assert state_after(GiveUp("no such peer"), last=False) is JobState.FAILED
    assert state_after(RetryLater("peer busy"), last=False) is JobState.READY
    assert state_after(RetryLater("peer busy"), last=True) is JobState.FAILED
    assert state_after(ValueError(), last=False) is JobState.READY


def _fail_with_a_name() -> None:
    raise ValueError("Mary Example, born 1 May 1950")


def test_a_stored_failure_holds_no_data() -> None:
    """What is stored of a failure is its type and its place in the code, never the message, which may hold a name."""
    text = ""
    try:
        _fail_with_a_name()
    except ValueError as error:
        text = describe(error)
    assert text.startswith("ValueError\n")
    assert "Example" not in text
    assert "overread/foundation/work/tests/test_rules.py" in text
    assert "_fail_with_a_name" in text


def test_our_own_reasons_are_kept() -> None:
    """The machine words of our own exceptions are kept, so that a person can see why a job waits."""
    assert describe(RetryLater("peer did not answer")).splitlines()[0] == "RetryLater [peer did not answer]"
