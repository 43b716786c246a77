"""Decisions of background work: how long to wait after a failure, and when to stop trying (LIBRARIES 2, F20, F25).

Pure: the present attempt and a random share come in as arguments.
"""

from enum import StrEnum

FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 900.0
MAX_DEATHS = 3  # a job that has cost so many workers their lives gets no fourth
LEASE_SECONDS = 30.0
RUN_LIMIT_SECONDS = 900.0  # a handler that runs longer counts as hung: its lease is no longer renewed


class JobState(StrEnum):
    """Where a job stands. `failed` is the visible list; a person tries it again or sets it aside."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SET_ASIDE = "set_aside"


UNFINISHED = (JobState.READY, JobState.RUNNING)


def wait_after(attempt: int, share: float) -> float:
    """Seconds to wait after a failed attempt: doubling, capped, spread so that failed jobs do not return together.

    Args:
        attempt: the number of the attempt that has just failed, from 1.
        share: a random number from 0 to 1; 0 gives half of the full wait, 1 all of it.
    """
    doublings = min(max(attempt, 1) - 1, 32)
    full = min(FIRST_WAIT_SECONDS * 2.0**doublings, LONGEST_WAIT_SECONDS)
    return full / 2 + full / 2 * min(max(share, 0.0), 1.0)


def is_last(attempt: int, max_attempts: int) -> bool:
    """Whether a job whose attempt has failed may not be tried again by itself."""
    return attempt >= max_attempts
