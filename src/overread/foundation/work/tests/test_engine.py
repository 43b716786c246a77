"""The engine on one database connection: putting in, taking out, ending. Races and kills are in their own files."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from overread.foundation.tenancy import scope
from overread.foundation.tenancy.scope import Scope, current_scope
from overread.foundation.work import engine
from overread.foundation.work.failures import GiveUp, RetryLater
from overread.foundation.work.models import Job
from overread.foundation.work.moment import moment, skew_seconds
from overread.foundation.work.rules import MAX_DEATHS, JobState
from overread.foundation.work.running import drain, run_claimed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_handlers", dict(engine._handlers))
    monkeypatch.setattr(scope, "OPENERS", {*scope.OPENERS, "worker"})


@pytest.fixture
def ran() -> list[Any]:
    """The payloads of jobs named "test", in the order in which they ran."""
    seen: list[Any] = []
    engine.register_handler("test", lambda payload: seen.append(payload["n"]))
    return seen


def _put(n: int = 0, **more: Any) -> int:
    return engine.enqueue(name=more.pop("name", "test"), payload={"n": n}, **more)


def _claim(**more: Any) -> engine.Claimed:
    job = engine.claim(worker="w", **more)
    assert job is not None
    return job


def _state(job_id: int) -> str:
    return Job.objects.get(pk=job_id).state


def test_a_rolled_back_job_never_was(ran: list[Any]) -> None:
    """A job put in by a transaction that is undone never runs."""

    @transaction.atomic
    def put_and_fail() -> None:
        _put()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put_and_fail()
    assert drain() == 0
    assert ran == []


def test_jobs_run_in_order_of_entry(ran: list[Any]) -> None:
    """Jobs that are due run in the order in which they were put in, each once."""
    for n in range(5):
        _put(n)
    assert drain() == 5
    assert ran == [0, 1, 2, 3, 4]
    assert drain() == 0


def test_a_delayed_job_waits(ran: list[Any]) -> None:
    """A delayed job does not run before its time, and runs when it has come."""
    _put(1, run_after=moment() + timedelta(hours=1))
    assert drain() == 0
    assert drain(at=moment() + timedelta(hours=2)) == 1
    assert ran == [1]


def test_two_handlers_cannot_share_a_name(ran: list[Any]) -> None:
    """A second handler under a taken name is refused, so no job is done by the wrong code."""
    with pytest.raises(ValueError, match="Two handlers"):
        engine.register_handler("test", lambda payload: None)


def test_a_job_runs_under_its_clients_scope() -> None:
    """A handler sees the scope of its job's client and nothing wider; without a client, the provider's."""
    scopes: list[Scope] = []
    engine.register_handler("scope", lambda payload: scopes.append(current_scope()))
    client = uuid4()
    _put(name="scope", client_id=client)
    _put(name="scope")
    drain()
    assert scopes == [Scope.client(client), Scope.provider()]


def test_a_claimed_job_is_nobody_elses(ran: list[Any]) -> None:
    """While a lease holds, the job is not given to another worker."""
    _put()
    _claim()
    assert engine.claim(worker="other") is None


def test_an_expired_lease_is_taken_over_and_the_old_one_is_fenced() -> None:
    """After a lease has run out another worker gets the job, and the first one's late end changes nothing."""
    job_id = _put()
    first = _claim(lease_seconds=10)
    second = _claim(at=moment() + timedelta(seconds=11))
    assert second.id == first.id
    assert engine.finish(first, "first") is False
    assert engine.fail(first, ValueError()) is None
    assert engine.give_back(first) is False
    assert engine.renew([first.lease_token]) == set()
    assert _state(job_id) == JobState.RUNNING
    assert engine.finish(second, "second") is True
    row = Job.objects.get(pk=job_id)
    assert (row.state, row.result, row.attempts, row.deaths) == (JobState.DONE, "second", 2, 1)


def test_a_renewed_lease_holds() -> None:
    """A renewed lease keeps other workers off beyond its first end."""
    _put()
    job = _claim(lease_seconds=10)
    assert engine.renew([job.lease_token], lease_seconds=100) == {job.lease_token}
    assert engine.claim(worker="other", at=moment() + timedelta(seconds=50)) is None


def test_a_failed_attempt_comes_back_later(ran: list[Any]) -> None:
    """A failed attempt is tried again after a wait, with the failure kept for people to see."""
    job_id = _put()
    job = _claim()
    assert engine.fail(job, ValueError("secret"), share=1.0) is JobState.READY
    row = Job.objects.get(pk=job_id)
    assert row.last_error.startswith("ValueError")
    assert "secret" not in row.last_error
    assert timedelta(seconds=1) < row.run_after - moment() < timedelta(seconds=3)
    assert drain() == 0
    assert drain(at=moment() + timedelta(seconds=5)) == 1


def test_the_handler_may_say_when(ran: list[Any]) -> None:
    """A handler that asks to be tried at a certain time is tried then, not at the usual one."""
    job_id = _put()
    engine.fail(_claim(), RetryLater("peer closed until morning", seconds=3600))
    assert Job.objects.get(pk=job_id).run_after - moment() > timedelta(minutes=59)


def test_a_job_out_of_attempts_is_in_the_visible_list() -> None:
    """A job that has failed as often as it may goes to the visible list and is not tried again."""

    def fail(payload: dict[str, Any]) -> None:
        raise ValueError

    engine.register_handler("bad", fail)
    job_id = _put(name="bad", max_attempts=3)
    for hours in (1, 2, 3, 4):
        drain(at=moment() + timedelta(hours=hours), raising=False)
    row = Job.objects.get(pk=job_id)
    assert (row.state, row.attempts) == (JobState.FAILED, 3)


def test_giving_up_is_at_once() -> None:
    """A handler that knows that trying again is useless puts its job into the visible list at once."""
    job_id = _put()
    assert engine.fail(_claim(), GiveUp("no such peer")) is JobState.FAILED
    assert Job.objects.get(pk=job_id).last_error.startswith("GiveUp [no such peer]")


def test_a_job_without_a_handler_is_tried_again() -> None:
    """A job that this version of the code does not know is not lost: it waits for one that does."""
    job_id = _put(name="of-another-version")
    state = run_claimed(_claim())
    assert state is JobState.READY
    assert "LookupError" in Job.objects.get(pk=job_id).last_error


def test_a_job_that_kills_its_worker_is_poison(caplog: pytest.LogCaptureFixture) -> None:
    """A job whose worker dies again and again goes to the visible list and raises an alarm, instead of killing for ever."""
    job_id = _put()
    at = moment()
    for _ in range(MAX_DEATHS):
        at += timedelta(minutes=1)
        _claim(at=at)
    assert engine.claim(worker="w", at=at + timedelta(minutes=1)) is None
    row = Job.objects.get(pk=job_id)
    assert (row.state, row.deaths) == (JobState.FAILED, MAX_DEATHS)
    assert "job failed for good" in caplog.text


def test_a_worker_that_died_on_the_last_attempt_leaves_a_failed_job() -> None:
    """A job whose worker died on its last attempt does not hang as running for ever."""
    job_id = _put(max_attempts=1)
    _claim()
    assert engine.claim(worker="w", at=moment() + timedelta(minutes=1)) is None
    assert _state(job_id) == JobState.FAILED


def test_jobs_of_a_case_run_one_at_a_time_in_order(ran: list[Any]) -> None:
    """Of jobs with the same order key, a later one waits for an earlier one, even when that has failed and waits."""
    case = uuid4()
    _put(1, order_key=case)
    _put(2, order_key=case)
    _put(3)
    first = _claim()
    assert first.payload["n"] == 1
    other = _claim()
    assert other.payload["n"] == 3
    engine.finish(other)
    assert engine.claim(worker="w") is None
    engine.fail(first, ValueError())
    assert engine.claim(worker="w") is None
    assert drain(at=moment() + timedelta(minutes=1)) == 2
    assert ran == [1, 2]


def test_a_job_in_the_visible_list_blocks_nobody(ran: list[Any]) -> None:
    """A later job of the same case goes on when an earlier one has failed for good."""
    case = uuid4()
    _put(1, order_key=case)
    _put(2, order_key=case)
    engine.fail(_claim(), GiveUp("broken"))
    assert drain() == 1
    assert ran == [2]


def test_a_waiting_twin_is_not_put_in_twice(ran: list[Any]) -> None:
    """While a job waits under a dedup key, a second one is not put in, and the earlier of the two times counts."""
    later = moment() + timedelta(hours=1)
    first = _put(1, dedup_key="study-1", run_after=later)
    assert _put(1, dedup_key="study-1") == first
    assert drain() == 1
    assert _put(1, dedup_key="study-1") != first


def test_a_begun_twin_does_not_count(ran: list[Any]) -> None:
    """A job that has begun does not swallow a new one under its key, as it may have read the world too early."""
    first = _put(1, dedup_key="study-1")
    job = _claim()
    second = _put(2, dedup_key="study-1")
    assert second != first
    assert engine.fail(job, ValueError()) is JobState.DONE
    assert drain() == 1
    assert ran == [2]


def test_a_job_that_was_not_begun_is_given_back(ran: list[Any]) -> None:
    """A worker that stops gives back a job that it had not begun, at once and without counting an attempt."""
    _put(1)
    assert engine.give_back(_claim()) is True
    assert _claim().attempts == 1


def test_old_done_rows_are_forgotten_and_failed_ones_kept(ran: list[Any]) -> None:
    """Rows of jobs done long ago are removed; rows in the visible list stay, however old."""
    _put(1)
    drain()
    _put(2)
    engine.fail(_claim(), GiveUp("broken"))
    assert engine.forget_done(older_than=timedelta(days=1)) == 0
    assert engine.forget_done(older_than=timedelta(seconds=-60)) == 1
    assert list(Job.objects.values_list("state", flat=True)) == [JobState.FAILED]


def test_the_clocks_agree() -> None:
    """The clock by which leases are judged is the database's, and this machine's agrees with it."""
    assert abs(skew_seconds()) < 1
    assert moment().tzinfo is not None
