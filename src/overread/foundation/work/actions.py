"""What a person may do with a job in the visible list."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.models import Job
from overread.foundation.work.moment import moment
from overread.foundation.work.refusals import Conflict
from overread.foundation.work.rules import JobState

GONE = "This job is no longer in the list: somebody has tried it again or set it aside. Look at the list anew."
WAITS = "A newer job for the same thing waits already, so trying this one again is not needed. Set it aside."


def _failed(job_id: int) -> QuerySet[Job]:
    return Job.objects.filter(pk=job_id, state=JobState.FAILED)


@action("work.retry_job")
def retry_job(*, actor: Actor, job_id: int) -> None:
    """Try a failed job again at once, with all its attempts.

    Raises:
        Conflict: it is not in the visible list any more, or a newer job for the same thing waits.
    """
    note(subject=("job", job_id))
    try:
        with transaction.atomic():
            changed = _failed(job_id).update(
                state=JobState.READY, attempts=0, deaths=0, run_after=moment(), finished_at=None
            )
    except IntegrityError:
        raise Conflict(WAITS, code="job-waits") from None
    if not changed:
        raise Conflict(GONE, code="job-not-failed")


@action("work.set_aside_job")
def set_aside_job(*, actor: Actor, job_id: int, reason: str) -> None:
    """Take a failed job off the visible list for good; what it should have done has been done otherwise.

    Args:
        reason: short machine words such as "done-by-telephone"; kept in the ledger.

    Raises:
        Conflict: it is not in the visible list any more.
    """
    note(subject=("job", job_id), words=reason[:80])
    if not _failed(job_id).update(state=JobState.SET_ASIDE, finished_at=moment()):
        raise Conflict(GONE, code="job-not-failed")
