"""The worker as a process: clean stop, hung handlers, duties, hints, and an idle worker that writes nothing."""

import signal
from collections.abc import Iterator

import pytest

from overread.foundation.work.tests.processes import Ground, ground
from overread.foundation.work.worker import Worker

pytestmark = [pytest.mark.slow, pytest.mark.fault]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One database for the tests of this file; each uses jobs of its own."""
    with ground(tmp_path_factory.mktemp("worker")) as made:
        yield made


def test_a_worker_told_to_stop_finishes_the_job_at_hand(stage: Ground) -> None:
    """SIGTERM in the middle of a job: the job is finished, on its first attempt, and the worker ends cleanly."""
    job_id = int(stage.ask("enqueue", "hold", 1))
    worker = stage.start("work", 30)
    assert worker.line()[0] == "working"
    assert worker.line() == ["holding", str(job_id)]
    worker.process.send_signal(signal.SIGTERM)
    worker.send()
    assert worker.rest().split() == ["stopped"]
    (row,) = stage.report("hold")
    assert (row["state"], row["attempts"], row["deaths"]) == ("done", 1, 0)


def test_a_hung_job_ends_its_worker_and_is_given_up_in_the_end(stage: Ground) -> None:
    """A handler that never ends makes its worker end; after three such workers its job is in the visible list."""
    stage.ask("enqueue", "hang", 1)
    for _ in range(3):
        assert stage.ask("work-and-hang", 0.5).split() == ["stuck"]
    stage.ask("work-until-none", "hang")
    (row,) = stage.report("hang")
    assert (row["state"], row["deaths"]) == ("failed", 3)


def test_a_failing_duty_does_not_hinder_another(stage: Ground) -> None:
    """A duty that fails every time leaves the worker's other duties running, and the worker stops cleanly."""
    assert stage.ask("work-on-duties").split() == ["stopped"]


def test_an_idle_worker_takes_no_write_lock(stage: Ground) -> None:
    """With nothing to do, looking for jobs, due deadlines and unsealed entries does not wait for another's writing."""
    with stage.locked_for_writing():
        assert stage.ask("look").split() == ["found", "None", "0", "0"]


@pytest.mark.postgres
def test_a_new_job_is_begun_at_a_hint(stage: Ground) -> None:
    """On PostgreSQL a worker begins a new job when told of it, not only when it next looks."""
    worker = stage.start("work-by-hint")
    stage.ask("enqueue", "hinted", 1)
    assert worker.rest().split() == ["stopped"]


@pytest.mark.postgres
def test_a_worker_outlives_its_connections(stage: Ground) -> None:
    """When PostgreSQL ends all connections, in a job and between jobs, the worker goes on and no job is done twice (F17)."""
    job_id = int(stage.ask("enqueue", "hold", 1))
    worker = stage.start("work", 30)
    assert worker.line()[0] == "working"
    assert worker.line() == ["holding", str(job_id)]
    assert stage.cut_connections() > 0
    worker.send()
    for _ in range(3):
        stage.ask("enqueue", "count", 1)
        assert worker.line() == ["did", "0"]
        assert stage.cut_connections() > 0
    worker.process.send_signal(signal.SIGTERM)
    assert worker.rest().split() == ["stopped"]
    (held,) = [row for row in stage.report("hold") if row["id"] == job_id]
    assert (held["state"], held["attempts"]) == ("done", 1)
    assert [row["attempts"] for row in stage.report("count")] == [1, 1, 1]


def test_a_thread_that_dies_ends_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    """A worker that has lost a thread stops and says which, so that it is started again whole."""
    worker = Worker(lanes=0, duties=())

    def dies() -> None:
        raise RuntimeError("secret")

    worker._thread("lane-1", dies).join(10)
    assert worker._stuck.is_set()
    assert "worker thread died" in caplog.text
    assert "secret" not in caplog.text
