"""What people and monitoring may know of background work. Names, ids, counts and places in the code; no patient data."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q

from overread.foundation.work.models import Job, Turn
from overread.foundation.work.moment import moment
from overread.foundation.work.rules import JobState

TROUBLED_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class JobView:
    """One job as a person sees it."""

    id: int
    name: str
    about: str
    client_id: UUID | None
    state: str
    attempts: int
    deaths: int
    run_after: datetime
    created_at: datetime
    finished_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class WorkHealth:
    """Whether work flows. Ages are in seconds; 0.0 when nothing waits.

    Attributes:
        oldest_ready_seconds: how long the job that has been due longest has waited; grows when no worker is alive.
        expired_leases: running jobs whose worker has died and which nobody has taken over yet.
        troubled: jobs that have failed several times and are still being tried.
    """

    ready: int
    delayed: int
    running: int
    failed: int
    troubled: int
    expired_leases: int
    oldest_ready_seconds: float
    duties_failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnView:
    """How a duty that only one worker does at a time stands: when it was last done whole, and what hindered it since."""

    duty: str
    next_at: datetime
    last_done_at: datetime | None
    failures: int
    last_error: str


def _view(job: Job) -> JobView:
    about = job.payload.get("reaction") or job.payload.get("task") or ""
    return JobView(
        id=job.pk,
        name=job.name,
        about=str(about),
        client_id=job.client_id,
        state=job.state,
        attempts=job.attempts,
        deaths=job.deaths,
        run_after=job.run_after,
        created_at=job.created_at,
        finished_at=job.finished_at,
        last_error=job.last_error,
    )


def failed_jobs(limit: int = 200) -> list[JobView]:
    """Jobs that failed for good, newest first: the visible list."""
    return [_view(job) for job in Job.objects.filter(state=JobState.FAILED).order_by("-created_at", "-id")[:limit]]


def troubled_jobs(limit: int = 200) -> list[JobView]:
    """Jobs that have failed several times and will be tried again, oldest first."""
    rows = Job.objects.filter(state__in=[JobState.READY, JobState.RUNNING], attempts__gte=TROUBLED_ATTEMPTS)
    return [_view(job) for job in rows.order_by("created_at", "id")[:limit]]


def job(job_id: int) -> JobView | None:
    """One job, or None."""
    found = Job.objects.filter(pk=job_id).first()
    return _view(found) if found else None


def _turn(row: Turn) -> TurnView:
    return TurnView(row.duty, row.next_at, row.last_done_at, row.failures, row.last_error)


def turn(duty: str) -> TurnView | None:
    """How one duty stands; None when no worker has ever begun it."""
    row = Turn.objects.filter(pk=duty).first()
    return _turn(row) if row else None


def turns() -> list[TurnView]:
    """All duties of which there is a turn, by name."""
    return [_turn(row) for row in Turn.objects.order_by("duty")]


def health() -> WorkHealth:
    """The state of background work at this moment."""
    at = moment()
    ready = Job.objects.filter(state=JobState.READY)
    due = ready.filter(run_after__lte=at)
    running = Job.objects.filter(state=JobState.RUNNING)
    oldest = due.aggregate(oldest=Min("run_after"))["oldest"]
    failing = Turn.objects.filter(~Q(last_error="")).order_by("duty").values_list("duty", flat=True)
    return WorkHealth(
        ready=due.count(),
        delayed=ready.filter(run_after__gt=at).count(),
        running=running.count(),
        failed=Job.objects.filter(state=JobState.FAILED).count(),
        troubled=len(troubled_jobs()),
        expired_leases=running.filter(lease_until__lt=at).count(),
        oldest_ready_seconds=max(0.0, (at - oldest).total_seconds()) if oldest else 0.0,
        duties_failing=tuple(failing),
    )
