"""The System page: who sees it, what it says, and that trying again really tries again."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.clock.models import Deadline
from overread.foundation.work import engine, queries
from overread.foundation.work.failures import GiveUp
from overread.foundation.work.models import Job
from overread.foundation.work.moment import moment
from overread.site import config
from tests.world import World, world

__all__ = ["world"]


def _browser(world: World, name: str) -> Client:
    browser = Client()
    sign_in(browser, world.people[name].id)
    return browser


def _failed() -> int:
    Job.objects.all().delete()
    job_id = engine.enqueue(name="event", payload={"reaction": "delivery.reactions.send"})
    job = engine.claim(worker="w")
    assert job is not None
    engine.fail(job, GiveUp("no such peer"))
    return job_id


def test_only_those_who_look_after_the_system_see_it(world: World) -> None:
    """The manager sees the page; a reader and a client's user are refused; a stranger is asked to sign in."""
    assert _browser(world, "manager").get("/system/").status_code == 200
    assert _browser(world, "north").get("/system/").status_code == 403
    assert Client().get("/system/").status_code == 302
    assert Client().post("/system/jobs/1/retry/").status_code == 302


def test_a_failed_job_is_shown_and_tried_again(world: World) -> None:
    """A failed job stands on the page with the reason; after the button it waits for a worker."""
    job_id = _failed()
    manager = _browser(world, "manager")
    html = manager.get("/system/").content.decode()
    assert "delivery.reactions.send" in html
    assert "GiveUp [no such peer]" in html
    assert manager.post(f"/system/jobs/{job_id}/retry/").status_code == 302
    assert queries.failed_jobs() == []
    assert "GiveUp" not in manager.get("/system/").content.decode()


def test_a_failed_job_is_set_aside_with_a_reason(world: World) -> None:
    """Setting a job aside needs one of the given reasons; then it leaves the page."""
    job_id = _failed()
    manager = _browser(world, "manager")
    assert manager.post(f"/system/jobs/{job_id}/set-aside/", {"reason": "because"}).status_code == 422
    assert len(queries.failed_jobs()) == 1
    assert manager.post(f"/system/jobs/{job_id}/set-aside/", {"reason": "not-needed"}).status_code == 302
    assert queries.failed_jobs() == []


def test_a_stuck_deadline_is_shown_and_tried_again(world: World) -> None:
    """A stuck deadline stands on the page in words; after the button it waits to be fired; twice is refused."""
    at = moment()
    row = Deadline.objects.create(
        kind="case.due", subject_id=uuid4(), client_id=world.clients["NORTH"], due_at=at - timedelta(hours=1),
        next_try_at=at, set_at=at, state="stuck", failures=3, last_error="ValueError\nplace",
    )  # fmt: skip
    manager = _browser(world, "manager")
    html = manager.get("/system/").content.decode()
    assert "Report due" in html
    assert "ValueError" in html
    assert manager.post(f"/system/deadlines/{row.pk}/retry/").status_code == 302
    row.refresh_from_db()
    assert row.state == "waiting"
    assert manager.post(f"/system/deadlines/{row.pk}/retry/").status_code == 409


def test_the_processes_of_the_machine_are_shown(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a supervisor on this machine the page says so instead of showing what an old one wrote."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "status.json").write_text(
        '{"pid": 1, "written_at": "2026-01-01T00:00:00+00:00", "children": [{"role": "listen", "pid": 2, '
        '"state": "running", "restarts": 0, "since": "2026-01-01T00:00:00+00:00", "last_exit": null}]}',
        encoding="utf-8",
    )
    monkeypatch.setattr(config, "data_dir", lambda: tmp_path)
    html = _browser(world, "manager").get("/system/").content.decode()
    assert "No <code>overread up</code> runs on this machine" in html
