"""The engine: job rows under leases, at least once, fenced, on SQLite and on PostgreSQL (DESIGN 3; LIBRARIES 2).

Promises, each with a test:
- a job enqueued in a transaction exists if and only if that transaction commits;
- a job whose worker dies is run by another once its lease has run out; the dead one's late finish changes nothing;
- jobs of one `order_key` run one at a time, in the order of their ids. Two transactions that commit at the same
  moment without touching a common row have no order, and get none here;
- a job that fails for good, or whose worker died on its last attempt, goes to the visible list and blocks nobody;
- looking for work takes no write lock when there is none.
"""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, connections, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from overread.foundation.thresholds import current
from overread.foundation.work.failures import RetryLater, describe, state_after
from overread.foundation.work.models import Job
from overread.foundation.work.moment import moment
from overread.foundation.work.rules import (
    LEASE_SECONDS,
    MAX_DEATHS,
    UNFINISHED,
    JobState,
    is_last,
    wait_after,
)

log = logging.getLogger("overread.work")
CHANNEL = "overread_work"
Handler = Callable[[dict[str, Any]], Any]
_handlers: dict[str, Handler] = {}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker may run until its lease runs out. `lease_token` is the fence."""

    id: int
    name: str
    payload: dict[str, Any]
    client_id: UUID | None
    attempts: int
    max_attempts: int
    lease_token: UUID


def register_handler(name: str, handler: Handler) -> None:
    """Say who does jobs of this name. The handler gets the payload, under the scope of the job's client.

    Raises:
        ValueError: another handler has this name already.
    """
    if _handlers.get(name, handler) is not handler:
        raise ValueError(f"Two handlers want the jobs named {name!r}.")
    _handlers[name] = handler


def handler_for(name: str) -> Handler:
    """The handler of jobs of this name.

    Raises:
        LookupError: there is none; the job fails and is tried again, as another version of the code may know it.
    """
    try:
        return _handlers[name]
    except KeyError:
        raise LookupError(f"No handler is registered for jobs named {name!r}.") from None


# --- putting in ---------------------------------------------------------------------------------------------------


def _waiting_twin(dedup_key: str) -> Job | None:
    """The job that waits under this key, kept from being claimed until the caller's transaction has ended."""
    if not dedup_key:
        return None
    return Job.objects.select_for_update().filter(dedup_key=dedup_key, state=JobState.READY).first()


def _insert(job: Job) -> bool:
    """Whether the row went in; False when another transaction has just put one in under the same dedup key."""
    if not job.dedup_key:
        job.save(force_insert=True)
        return True
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        job.pk = None
        return False
    return True


def enqueue(
    *,
    name: str,
    payload: dict[str, Any],
    client_id: UUID | None = None,
    order_key: str | UUID | None = None,
    run_after: datetime | None = None,
    dedup_key: str | None = None,
    max_attempts: int | None = None,
    fresh: bool = False,
) -> int:
    """Put a job in, within the caller's transaction: if that is undone, the job never was.

    Args:
        name: which handler does it.
        payload: JSON values; ids, hashes and counts only.
        client_id: whose scope the worker opens; None for the provider's.
        order_key: jobs with the same key run one at a time, in order.
        run_after: not before this time; None for at once.
        dedup_key: while a job with this key still waits, no second one is put in. A job that has begun does not
            count, because it may have read the world before the caller changed it.
        max_attempts: after so many failures the job goes to the visible list; None for the threshold of all jobs.
        fresh: the dedup key was most likely never used before, so it is put in without looking first.

    Returns:
        The id of the new job, or of the one that waits already.
    """
    at = moment()
    with transaction.atomic():
        for again in range(5):
            twin = None if fresh and not again else _waiting_twin(dedup_key or "")
            if twin is not None:
                Job.objects.filter(pk=twin.pk, run_after__gt=run_after or at).update(run_after=run_after or at)
                return int(twin.pk)
            job = Job(
                name=name,
                payload=payload,
                client_id=client_id,
                order_key=str(order_key or ""),
                dedup_key=dedup_key or "",
                run_after=run_after or at,
                max_attempts=max_attempts or current.whole("work.attempts"),
                created_at=at,
            )
            if _insert(job):
                _hint()
                return int(job.pk)
    raise RuntimeError(f"A job with the dedup key {dedup_key!r} could not be put in; others keep putting it in.")


def _hint() -> None:
    """Wake workers on PostgreSQL when the transaction commits; a lost hint costs one poll, nothing else."""
    connection = connections["default"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


# --- taking out ---------------------------------------------------------------------------------------------------


def _runnable(at: datetime) -> QuerySet[Job]:
    """Jobs that wait, are due, and have no unfinished job of their order key before them."""
    same = Job.objects.filter(order_key=OuterRef("order_key"), state__in=UNFINISHED)
    blocked = Exists(same.filter(Q(id__lt=OuterRef("id")) | Q(state=JobState.RUNNING)))
    return Job.objects.filter(Q(order_key="") | ~blocked, state=JobState.READY, run_after__lte=at)


def _expired(at: datetime) -> QuerySet[Job]:
    return Job.objects.filter(state=JobState.RUNNING, lease_until__lt=at)


def _bury(at: datetime) -> None:
    """Jobs that have cost enough workers their lives: into the visible list, or they would kill workers for ever."""
    poison = Q(attempts__gte=F("max_attempts")) | Q(deaths__gte=MAX_DEATHS - 1)
    for job in _expired(at).filter(poison).values("id", "name", "attempts"):
        buried = (
            _expired(at)
            .filter(poison, id=job["id"])
            .update(
                state=JobState.FAILED,
                finished_at=at,
                lease_token=None,
                lease_until=None,
                deaths=F("deaths") + 1,
                last_error="The worker died, or hung, while it did this job.",
            )
        )
        if buried:
            _alarm(job["id"], job["name"], job["attempts"], "lease expired")


def _take(candidates: QuerySet[Job], at: datetime | None, lease_seconds: float, worker: str) -> Claimed | None:
    at = at or moment()  # after the write lock was waited for, so that a lease never begins in the past
    found = candidates.select_for_update(skip_locked=True, of=("self",)).order_by("run_after", "id").first()
    if found is None:
        return None
    token = uuid4()
    taken = Job.objects.filter(pk=found.pk, state=found.state, lease_token=found.lease_token).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        deaths=F("deaths") + (1 if found.state == JobState.RUNNING else 0),
        lease_token=token,
        lease_until=at + timedelta(seconds=lease_seconds),
        started_at=at,
        worker=worker[:120],
    )
    if not taken:
        return None
    return Claimed(found.pk, found.name, found.payload, found.client_id, found.attempts + 1, found.max_attempts, token)


def claim(*, worker: str, lease_seconds: float = LEASE_SECONDS, at: datetime | None = None) -> Claimed | None:
    """Take the next job, for as long as the lease lasts.

    Args:
        worker: who takes it, for people to read.
        lease_seconds: how long others keep off unless the lease is renewed.
        at: the time by which due times are judged; None for the database's clock.

    Returns:
        The job, or None when nothing is due.
    """
    now = at or moment()
    if _expired(now).exists():
        with transaction.atomic():
            _bury(now)
            rescued = _take(_expired(now), at, lease_seconds, worker)
        if rescued is not None:
            log.warning("job rescued", extra={"job_id": rescued.id, "job": rescued.name, "attempt": rescued.attempts})
            return rescued
    if not _runnable(now).exists():
        return None
    try:
        with transaction.atomic():
            return _take(_runnable(now), at, lease_seconds, worker)
    except IntegrityError:  # another worker has just begun a job of the same order key
        return None


def renew(tokens: Iterable[UUID], *, lease_seconds: float = LEASE_SECONDS) -> set[UUID]:
    """Prolong leases that are still ours.

    Returns:
        The tokens that still hold; the others' jobs have been given to somebody else.
    """
    wanted = list(tokens)
    if not wanted:
        return set()
    held = Job.objects.filter(lease_token__in=wanted, state=JobState.RUNNING)
    with transaction.atomic():
        held.update(lease_until=moment() + timedelta(seconds=lease_seconds))
    return {token for token in held.values_list("lease_token", flat=True) if token}


# --- ending -------------------------------------------------------------------------------------------------------


def _mine(job: Claimed) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.id, lease_token=job.lease_token, state=JobState.RUNNING)


def finish(job: Claimed, result: Any = None) -> bool:
    """The job is done.

    Returns:
        False when the lease was lost meanwhile: somebody else has the job, and this end counts for nothing.
    """
    return bool(
        _mine(job).update(
            state=JobState.DONE,
            finished_at=moment(),
            lease_token=None,
            lease_until=None,
            last_error="",
            result=result,
        )
    )


def fail(job: Claimed, error: BaseException, *, share: float | None = None) -> JobState | None:
    """The attempt failed: wait and try again, or go to the visible list.

    Args:
        error: what was raised; RetryLater and GiveUp steer what happens.
        share: see rules.wait_after; None for a random one.

    Returns:
        The job's new state, or None when the lease was lost meanwhile.
    """
    share = random.random() if share is None else share  # noqa: S311 - spreads load, guards nothing
    seconds = error.seconds if isinstance(error, RetryLater) and error.seconds is not None else None
    wait = wait_after(job.attempts, share) if seconds is None else seconds
    at = moment()
    state = state_after(error, last=is_last(job.attempts, job.max_attempts))
    ended = {"lease_token": None, "lease_until": None, "last_error": describe(error)}
    if state is JobState.FAILED:
        if not _mine(job).update(state=state, finished_at=at, **ended):
            return None
        _alarm(job.id, job.name, job.attempts, type(error).__qualname__)
        return state
    try:
        with transaction.atomic():
            back = _mine(job).update(state=state, run_after=at + timedelta(seconds=wait), **ended)
    except IntegrityError:  # a newer job under the same dedup key waits already and will do this one's work
        state, back = JobState.DONE, _mine(job).update(state=JobState.DONE, finished_at=at, **ended)
    return state if back else None


def give_back(job: Claimed) -> bool:
    """The worker stops before it has begun this job: others may take it at once, and no attempt is counted."""
    return bool(
        _mine(job).update(
            state=JobState.READY, attempts=F("attempts") - 1, lease_token=None, lease_until=None, started_at=None
        )
    )


def _alarm(job_id: int, name: str, attempts: int, reason: str) -> None:
    """A job in the visible list is an event that somebody must see; the log line is what monitoring watches."""
    log.error("job failed for good", extra={"job_id": job_id, "job": name, "attempts": attempts, "reason": reason})


def forget_done(*, older_than: timedelta | None = None, limit: int = 1000) -> int:
    """Remove rows of jobs that were done long ago, some at a time. Failed jobs stay until a person has seen them.

    Returns:
        How many were removed; call again while it is not 0.
    """
    kept = older_than if older_than is not None else current.duration("work.done_kept")
    old = Job.objects.filter(state=JobState.DONE, finished_at__lt=moment() - kept)
    ids = list(old.order_by("finished_at").values_list("pk", flat=True)[:limit])
    return Job.objects.filter(pk__in=ids, state=JobState.DONE).delete()[0] if ids else 0
