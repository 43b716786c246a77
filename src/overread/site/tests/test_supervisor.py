"""The supervisor with made-up children: restarts, clean stop, one per folder, and death by kill -9."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.site.supervisor import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    SETTLED_SECONDS,
    read_status,
    wait_before_restart,
)

Start = Callable[..., subprocess.Popen[str]]
SOURCE = Path(__file__).resolve().parents[3]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a supervisor on the test's own folder over children with the given behaviours."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*roles: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "DJANGO_SETTINGS_MODULE": "overread.site.settings"}
        command = [sys.executable, "-m", "overread.site.tests.supervised", str(tmp_path), *roles]
        begun.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return begun[-1]

    yield begin
    for process in begun:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def _read_until(process: subprocess.Popen[str], *wanted: str) -> str:
    """Read its lines until one holds all the wanted words; that line."""
    assert process.stdout is not None
    for line in process.stdout:
        if all(word in line for word in wanted):
            return line
    raise AssertionError(f"it ended without saying {wanted}")


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_restarts_wait_ever_longer_up_to_a_limit(former: float, ran: float) -> None:
    """A child that keeps ending waits ever longer, never beyond the limit; one that ran long starts afresh."""
    wait = wait_before_restart(former, ran)
    assert FIRST_WAIT_SECONDS <= wait <= LONGEST_WAIT_SECONDS
    if ran >= SETTLED_SECONDS:
        assert wait == FIRST_WAIT_SECONDS


@pytest.mark.slow
def test_a_killed_child_is_started_again(start: Start, tmp_path: Path) -> None:
    """A child that is killed is started again under a new process, and the status file says so."""
    supervisor = start("web:steady", "work:steady")
    first = int(_read_until(supervisor, "web", "running").split()[-1])
    _read_until(supervisor, "child-ready")
    os.kill(first, signal.SIGKILL)
    assert "signal 9" in _read_until(supervisor, "web", "was ended")
    second = int(_read_until(supervisor, "web", "running").split()[-1])
    assert second != first
    supervisor.terminate()
    _read_until(supervisor, "work", "stopped")
    supervisor.wait(timeout=30)
    status = read_status(tmp_path)
    assert status is not None
    assert [(c.role, c.state, c.restarts) for c in status.children] == [("web", "stopped", 1), ("work", "stopped", 0)]
    assert status.alive is False


@pytest.mark.slow
def test_the_status_tells_what_runs(start: Start, tmp_path: Path) -> None:
    """While a supervisor runs, its status names each child with its process, and says that it is alive."""
    assert read_status(tmp_path) is None
    supervisor = start("web:steady", "listen:steady")
    _read_until(supervisor, "child-ready")
    _read_until(supervisor, "child-ready")
    status = read_status(tmp_path)
    assert status is not None
    assert status.well
    assert status.pid == supervisor.pid
    assert [child.role for child in status.children] == ["web", "listen"]
    assert all(child.pid and Path(f"/proc/{child.pid}").exists() for child in status.children)


@pytest.mark.slow
def test_a_second_supervisor_on_a_folder_is_refused(start: Start) -> None:
    """Two supervisors never work on one data folder: the second ends with one clear line."""
    first = start("web:steady")
    _read_until(first, "child-ready")
    second = start("web:steady")
    assert "running" in _read_until(second, "refused")
    assert second.wait(timeout=30) == 1


@pytest.mark.slow
@pytest.mark.fault
@pytest.mark.skipif(sys.platform != "linux", reason="NOT RUN: death with the parent is a service of Linux")
def test_children_die_with_a_killed_supervisor(start: Start, tmp_path: Path) -> None:
    """kill -9 of the supervisor takes its children with it, and the folder is free for the next one."""
    supervisor = start("web:steady", "work:stubborn")
    _read_until(supervisor, "child-ready")
    _read_until(supervisor, "child-ready")
    status = read_status(tmp_path)
    assert status is not None
    children = [os.pidfd_open(child.pid) for child in status.children if child.pid]
    assert len(children) == 2
    supervisor.kill()
    supervisor.wait(timeout=30)
    for child in children:
        assert select.select([child], [], [], 30)[0], "a child outlives its supervisor"
        os.close(child)
    after = read_status(tmp_path)
    assert after is not None
    assert after.alive is False
    _read_until(start("web:steady"), "child-ready")


@pytest.mark.slow
def test_a_child_that_keeps_dying_does_not_stop_the_others(start: Start) -> None:
    """A child that ends at once again and again is tried ever more rarely, and the others run on."""
    supervisor = start("work:dies", "web:steady")
    assert "code 3" in _read_until(supervisor, "restart 1")
    assert "in 1 s" in _read_until(supervisor, "restart 2")
    supervisor.terminate()
    _read_until(supervisor, "web", "stopped")
    assert supervisor.wait(timeout=30) == 0


@pytest.mark.slow
def test_a_stubborn_child_is_killed_after_the_grace(start: Start) -> None:
    """A child that ignores the request to stop is killed when the grace is over, so that stopping always ends."""
    supervisor = start("listen:stubborn")
    _read_until(supervisor, "child-ready")
    supervisor.terminate()
    _read_until(supervisor, "killed")
    assert supervisor.wait(timeout=30) == 0
