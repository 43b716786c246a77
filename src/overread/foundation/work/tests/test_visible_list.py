"""Failed jobs: seen by people, tried again or set aside by a person, with an entry in the ledger."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from overread.foundation.ledger.models import Entry
from overread.foundation.tenancy import scope
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import actions, engine, queries
from overread.foundation.work.actor import Actor
from overread.foundation.work.failures import GiveUp
from overread.foundation.work.models import Job
from overread.foundation.work.moment import moment
from overread.foundation.work.refusals import Conflict
from overread.foundation.work.rules import JobState

pytestmark = pytest.mark.django_db
MANAGER = Actor.person(uuid4())


@pytest.fixture(autouse=True)
def _scope(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scope, "OPENERS", {*scope.OPENERS, "worker"})
    with open_scope(Scope.provider(), opened_by="test"):
        yield


def _failed(dedup_key: str = "") -> int:
    job_id = engine.enqueue(name="event", payload={"reaction": "delivery.send"}, dedup_key=dedup_key)
    job = engine.claim(worker="w")
    assert job is not None
    engine.fail(job, GiveUp("no such peer"))
    return job_id


def test_a_failed_job_is_in_the_list_with_what_it_is_about() -> None:
    """The list shows which job failed, what it was to do, how often it was tried, and why it failed."""
    job_id = _failed()
    (seen,) = queries.failed_jobs()
    assert (seen.id, seen.about, seen.attempts, seen.state) == (job_id, "delivery.send", 1, "failed")
    assert seen.last_error.startswith("GiveUp [no such peer]")
    assert queries.health().failed == 1


def test_a_person_may_try_again() -> None:
    """A failed job that a person tries again waits with all its attempts, and the ledger says who did it."""
    job_id = _failed()
    actions.retry_job(actor=MANAGER, job_id=job_id)
    assert queries.failed_jobs() == []
    row = Job.objects.get(pk=job_id)
    assert (row.state, row.attempts) == (JobState.READY, 0)
    entry = Entry.objects.get(verb="work.retry_job")
    assert (entry.actor, entry.subject_id) == (MANAGER.text, str(job_id))


def test_a_person_may_set_aside() -> None:
    """A failed job that a person sets aside leaves the list and never runs; its row and the reason stay."""
    job_id = _failed()
    actions.set_aside_job(actor=MANAGER, job_id=job_id, reason="done-by-telephone")
    assert queries.failed_jobs() == []
    assert engine.claim(worker="w") is None
    assert Entry.objects.get(verb="work.set_aside_job").facts["words"] == "done-by-telephone"
    view = queries.job(job_id)
    assert view is not None
    assert view.state == "set_aside"


def test_the_second_of_two_people_is_told() -> None:
    """A job that is not in the list any more is refused, and the refused try leaves no entry in the ledger."""
    job_id = _failed()
    actions.retry_job(actor=MANAGER, job_id=job_id)
    with pytest.raises(Conflict):
        actions.retry_job(actor=MANAGER, job_id=job_id)
    with pytest.raises(Conflict):
        actions.set_aside_job(actor=MANAGER, job_id=job_id, reason="twice")
    assert Entry.objects.filter(subject_type="job").count() == 1


def test_a_job_with_a_newer_twin_is_not_tried_again() -> None:
    """Trying again is refused when a newer job for the same thing waits already."""
    job_id = _failed("study-1")
    engine.enqueue(name="event", payload={}, dedup_key="study-1")
    with pytest.raises(Conflict, match="newer job"):
        actions.retry_job(actor=MANAGER, job_id=job_id)


def test_the_health_of_the_work_is_measured_by_what_waits() -> None:
    """Health counts what waits, runs and fails, and says how long the oldest due job has waited."""
    assert queries.health() == queries.WorkHealth(0, 0, 0, 0, 0, 0, 0.0, ())
    at = moment()
    engine.enqueue(name="test", payload={}, run_after=at - timedelta(minutes=5))
    engine.enqueue(name="test", payload={}, run_after=at + timedelta(minutes=5))
    health = queries.health()
    assert (health.ready, health.delayed, health.running) == (1, 1, 0)
    assert 299 < health.oldest_ready_seconds < 400
    assert engine.claim(worker="w", lease_seconds=-1) is not None
    assert queries.health().expired_leases == 1
    assert queries.job(0) is None


def test_a_job_in_trouble_is_seen_before_it_is_given_up() -> None:
    """A job that has failed several times is listed while it is still being tried."""
    engine.enqueue(name="test", payload={})
    Job.objects.update(attempts=queries.TROUBLED_ATTEMPTS)
    assert [job.attempts for job in queries.troubled_jobs()] == [3]
    assert queries.health().troubled == 1
