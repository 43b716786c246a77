"""The watch on the alert watch: the beat goes out only when alerts are watched, and silence is told by another process."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from overread.edge.notify.heartbeat import NotHeard
from overread.edge.notify.mailbox import Mailbox
from overread.edge.notify.tests.switch import Switch
from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.clock.models import Deadline
from overread.foundation.work import channels
from overread.foundation.work.channels import Outcome, Outgoing
from overread.foundation.work.duties import Duty, do_duty
from overread.foundation.work.models import Turn
from overread.foundation.work.moment import moment
from overread.site import beating, doctor, silence, watching
from overread.site.beating import NotWatched, Watched
from overread.site.silence import SilenceWatch
from tests.world import World, world

__all__ = ["world"]
SOURCE = Path(__file__).resolve().parents[3]


def _ran(ago: timedelta = timedelta(0), name: str = beating.WATCH) -> None:
    at = moment() - ago
    Turn.objects.update_or_create(duty=name, defaults={"next_at": at + timedelta(seconds=60), "last_done_at": at})


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Switch]:
    """A switch that this installation names."""
    with Switch() as found:
        monkeypatch.setenv("OVERREAD_HEARTBEAT_URL", found.url)
        yield found


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[Outgoing]:
    """Mails that leave, all of which are taken."""
    taken: list[Outgoing] = []

    def take(outgoing: Outgoing) -> Outcome:
        taken.append(outgoing)
        return Outcome(state="accepted")

    monkeypatch.setitem(channels._CHANNELS, "email", take)
    return taken


@pytest.mark.django_db
def test_the_beat_goes_out_only_when_the_watch_has_really_run(world: World, switch: Switch) -> None:
    """No watch, no beat; after a real round of the watch one beat; after a watch that failed none again (H21)."""
    with pytest.raises(NotWatched):
        beating.beat()
    do_duty(Duty(beating.WATCH, 60.0, watching.watch_alerts, alone=True))
    beating.beat()
    assert len(switch.beats) == 1

    def fails() -> None:
        raise RuntimeError

    _ran(beating.LATE + timedelta(seconds=1))
    Turn.objects.update(next_at=moment())
    with pytest.raises(RuntimeError):
        do_duty(Duty(beating.WATCH, 60.0, fails, alone=True))
    with pytest.raises(NotWatched):
        beating.beat()
    assert len(switch.beats) == 1


@pytest.mark.django_db
def test_a_ladder_that_does_not_climb_stops_the_beat(world: World, switch: Switch) -> None:
    """A watch that runs beside due steps that nobody takes is no watch: the beat stops."""
    _ran()
    at = moment()
    Deadline.objects.create(
        kind="escalation.rung", subject_id=uuid4(), client_id=world.clients["NORTH"],
        due_at=at - beating.LATE - timedelta(seconds=5), next_try_at=at, set_at=at, state="waiting",
    )  # fmt: skip
    with pytest.raises(NotWatched) as failure:
        beating.beat()
    assert failure.value.words == "a due step waits"
    assert switch.beats == []


@pytest.mark.django_db
def test_a_switch_that_does_not_hear_is_shown(world: World, switch: Switch, tmp_path: Path) -> None:
    """A beat that is not heard stands in the doctor's findings, in /readyz and on the System page, with the reason."""
    switch.answer = 500
    _ran()
    with pytest.raises(NotHeard):
        do_duty(Duty(beating.BEAT, 60.0, beating.beat, alone=True))
    finding = doctor._heartbeat(tmp_path)
    assert not finding.well
    assert "status 500" in finding.do
    assert Client().get("/readyz").json()["alert_watch"]["outside"] == "not heard"
    manager = Client()
    sign_in(manager, world.people["manager"].id)
    html = manager.get("/system/").content.decode()
    assert "not heard" in html
    assert "status 500" in html
    assert switch.url not in html


@pytest.mark.django_db
def test_a_silent_watch_is_shown_everywhere(world: World, tmp_path: Path) -> None:
    """The doctor, /readyz and the System page all say that alerts are not watched; a fresh watch is well in each."""
    manager = Client()
    sign_in(manager, world.people["manager"].id)
    for ago, state, well, words in (
        (timedelta(seconds=5), "watched", True, "watched</span>"),
        (timedelta(minutes=10), "silent", False, "not watched"),
    ):
        _ran(ago)
        assert doctor._watch(tmp_path).well is well
        assert Client().get("/readyz").json()["alert_watch"]["state"] == state
        assert words in manager.get("/system/").content.decode()


@pytest.mark.django_db
def test_the_manager_is_told_once_of_a_silence_and_once_of_its_end(
    world: World, mails: list[Outgoing], tmp_path: Path
) -> None:
    """One mail when the watch falls silent, none at the next look or after a restart, one when it is back."""
    began = moment() - timedelta(hours=1)
    _ran(timedelta(minutes=10))
    assert SilenceWatch(tmp_path, began).look() == "silent and told"
    assert SilenceWatch(tmp_path, began).look() == "told before"
    _ran()
    assert SilenceWatch(tmp_path, began).look() == "ended and told"
    assert SilenceWatch(tmp_path, began).look() == "watched"
    assert [mail.to for mail in mails] == [world.people["manager"].email] * 2
    assert mails[0].payload["subject"] == "Overread: alerts are NOT being watched"
    assert "/alerts/" in mails[0].payload["text"]
    assert len({mail.key for mail in mails}) == 2


@pytest.mark.django_db
def test_a_silence_that_lasts_is_told_each_hour(world: World, mails: list[Outgoing], tmp_path: Path) -> None:
    """After an hour of the same silence the mail comes again."""
    _ran(timedelta(hours=3))
    watch = SilenceWatch(tmp_path, moment())
    watch.look()
    told = json.loads((tmp_path / "run" / "silence.json").read_text())
    told["told_at"] = (datetime.fromisoformat(told["told_at"]) - silence.AGAIN).isoformat()
    (tmp_path / "run" / "silence.json").write_text(json.dumps(told))
    assert watch.look() == "silent and told"
    assert len(mails) == 2


@pytest.mark.django_db
def test_a_mail_that_was_not_taken_is_tried_at_the_next_look(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the mail server did not take does not count as told."""
    states = iter(["retry", "accepted"])
    monkeypatch.setitem(channels._CHANNELS, "email", lambda _: Outcome(state=next(states)))
    _ran(timedelta(minutes=10))
    watch = SilenceWatch(tmp_path, moment())
    assert [watch.look(), watch.look(), watch.look()] == ["not told", "silent and told", "told before"]


@pytest.mark.django_db
def test_a_watch_that_never_ran_has_time_to_begin(world: World, mails: list[Outgoing], tmp_path: Path) -> None:
    """A new installation is not silent while its worker starts; it is when no worker ever came."""
    assert beating.watch().state is Watched.NEVER
    assert SilenceWatch(tmp_path, moment()).look() == "watched"
    assert SilenceWatch(tmp_path, moment() - beating.LATE - timedelta(seconds=1)).look() == "silent and told"


def _environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OVERREAD_") and k != "DATABASE_URL"}
    place = {"OVERREAD_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "overread.site.settings"}
    return {**kept, **place, "PYTHONPATH": str(SOURCE), **more}


@pytest.mark.slow
@pytest.mark.fault
def test_after_kill_9_of_the_worker_the_beat_stops_and_the_manager_hears_from_another_process(tmp_path: Path) -> None:
    """The worker is killed with signal 9: the switch hears no more, and the web process's look sends the mail (F28)."""
    with Switch() as switch:
        mailbox = Mailbox(tmp_path / "mail")
        mailbox.start()
        smtp = f"127.0.0.1:{mailbox.port}"
        environment = _environment(tmp_path / "data", OVERREAD_HEARTBEAT_URL=switch.url, OVERREAD_SMTP=smtp)
        python = [sys.executable, "-m"]
        init = ["overread.site.cli", "init", "--data", str(tmp_path / "data"), "--manager", "imogen@example.org"]
        subprocess.run([*python, *init], env=environment, check=True, capture_output=True)
        program = [*python, "overread.site.tests.beating_process"]
        worker = subprocess.Popen([*program, "work"], env=environment)
        try:
            assert switch.wait_for(3, seconds=60), "the worker beats"
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        beats = len(switch.beats)
        assert not switch.wait_for(beats + 1, seconds=1.5), "a dead worker does not beat"
        look = subprocess.run([*program, "look"], env=environment, check=True, capture_output=True, text=True)
        assert look.stdout.split("\n")[-2] == "silent and told"
        mailbox.shutdown()
        mailbox.server_close()
    letters: list[Any] = [message_from_bytes(path.read_bytes()) for path in (tmp_path / "mail").glob("*.eml")]
    assert [(m["To"], m["Subject"]) for m in letters] == [
        ("imogen@example.org", "Overread: alerts are NOT being watched")
    ]


def test_the_look_of_the_web_process_survives_a_database_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A look that fails is logged as critical, and the thread goes on to the next one."""
    looks = threading.Event()

    def away(*_: object) -> None:
        looks.set()
        raise RuntimeError("away")

    monkeypatch.setattr(silence, "do_duty", away)
    monkeypatch.setattr(silence, "LOOK_SECONDS", 0.01)
    stop = threading.Event()
    thread = silence.watch_in_background(tmp_path, stop)
    assert looks.wait(10)
    looks.clear()
    assert looks.wait(10), "it looks again"
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert "whether alerts are watched cannot be seen" in caplog.text
