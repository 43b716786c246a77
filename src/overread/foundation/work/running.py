"""Running one job: its scope, its handler, its end. Used by the worker's lanes and, in tests and small scripts, by `drain`."""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import engine
from overread.foundation.work.failures import describe
from overread.foundation.work.reactions import run_later
from overread.foundation.work.rules import JobState

log = logging.getLogger("overread.work")
_current: ContextVar[engine.Claimed | None] = ContextVar("overread_job", default=None)


def current_job() -> engine.Claimed | None:
    """The job that runs in this thread, or None."""
    return _current.get()


def perform(job: engine.Claimed) -> Any:
    """Call the job's handler under the scope of the job's client (the provider's when it has none)."""
    handler = engine.handler_for(job.name)
    scope = Scope.client(job.client_id) if job.client_id else Scope.provider()
    token = _current.set(job)
    try:
        with open_scope(scope, opened_by="worker"):
            return handler(job.payload)
    finally:
        _current.reset(token)


def run_claimed(
    job: engine.Claimed, *, keep_trying: Callable[[Callable[[], Any]], Any] | None = None
) -> JobState | None:
    """Run a claimed job to its end, whatever happens.

    Args:
        keep_trying: calls the function that records the end, and calls it again while the database is away; None
            to call it once.

    Returns:
        The job's state afterwards; None when the lease was lost meanwhile and somebody else has the job.
    """
    attempt = keep_trying or (lambda record: record())
    try:
        result = perform(job)
    except Exception as error:
        log.warning("job attempt failed", extra={"job_id": job.id, "job": job.name, "error": describe(error)})
        failure = error
        state: JobState | None = attempt(lambda: engine.fail(job, failure))
        return state
    return JobState.DONE if attempt(lambda: engine.finish(job, result)) else None


def drain(*, at: datetime | None = None, limit: int = 1000, raising: bool = True) -> int:
    """Run all jobs that are due, one after another, in this thread; no worker is needed.

    Args:
        at: the time by which due times are judged; a later one also runs delayed jobs. None for now.
        limit: stop after so many.
        raising: raise what a handler raises, after its failure has been recorded.

    Returns:
        How many jobs ran.
    """
    for count in range(limit):
        job = engine.claim(worker="drain", at=at)
        if job is None:
            return count
        if not raising:
            run_claimed(job)
            continue
        try:
            result = perform(job)
        except Exception as error:
            engine.fail(job, error)
            raise
        engine.finish(job, result)
    return limit


engine.register_handler("event", run_later)
