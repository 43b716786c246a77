"""What the doctor sees of processes, periodic duties and clocks."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from overread.foundation.work.duties import ALARM_AFTER
from overread.foundation.work.models import Turn
from overread.foundation.work.moment import SKEW_SECONDS, moment
from overread.site import beating, doctor, supervisor
from tests.world import join_house


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Path]:
    """A folder whose supervisor lives: its lock is held."""
    with supervisor._sole(tmp_path):
        yield tmp_path


def _status(folder: Path, **states: str) -> None:
    children = [
        {"role": role, "pid": os.getpid(), "state": state, "restarts": 0, "since": "", "last_exit": None}
        for role, state in states.items()
    ]
    found = {"pid": os.getpid(), "written_at": "", "children": children}
    (folder / "run" / "status.json").write_text(json.dumps(found), encoding="utf-8")


def test_a_child_process_that_is_down_is_named(running: Path) -> None:
    """While a child waits to be started again the doctor names it; with all running it is content."""
    _status(running, web="running", listen="waiting", work="running")
    finding = doctor._processes(running)
    assert (finding.well, finding.what) == (False, "listen runs")
    _status(running, web="running", listen="running", work="running")
    assert doctor._processes(running).well


def test_what_a_dead_supervisor_wrote_is_not_believed(tmp_path: Path) -> None:
    """A status file without a living supervisor says nothing of processes that run elsewhere or were started singly."""
    (tmp_path / "run").mkdir()
    _status(tmp_path, web="waiting")
    assert doctor._processes(tmp_path).well


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("failures", "late", "well"),
    [(0, 0, True), (ALARM_AFTER - 1, 0, True), (ALARM_AFTER, 0, False), (0, 9, True), (0, 11, False)],
)
def test_a_duty_that_fails_or_waits_is_named(tmp_path: Path, failures: int, late: int, well: bool) -> None:
    """A duty that keeps failing, or whose turn nobody has taken for ten minutes, is a finding with its name."""
    join_house()
    Turn.objects.create(duty=beating.WATCH, next_at=moment() - timedelta(minutes=late), failures=failures)
    finding = doctor._duties(tmp_path)
    assert finding.well is well
    assert well or beating.WATCH in finding.do


@pytest.mark.parametrize(
    ("ahead", "well"), [(0.2, True), (-SKEW_SECONDS, True), (SKEW_SECONDS + 1, False), (-60.0, False)]
)
def test_clocks_that_disagree_are_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: float, well: bool
) -> None:
    """A machine whose clock is more than five seconds from the database's is told so, with the difference (H22)."""
    monkeypatch.setattr(doctor, "skew_seconds", lambda: ahead)
    finding = doctor._clock(tmp_path)
    assert finding.well is well
    assert f"{ahead:+.1f} s" in finding.do
