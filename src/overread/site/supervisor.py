"""`overread up`: starts web, listener and worker as child processes, and starts again what ends (DESIGN 3).

- One supervisor per data folder: it holds a lock on `run/supervisor.lock`.
- A child that ends is started again, at once the first time, later each time when it keeps ending.
- Children die with the supervisor, however it dies (Linux), so that no second set ever works on one folder.
- `run/status.json` says what runs; `read_status` tells whether to believe it.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from django.utils import timezone

PROGRAM = (sys.executable, "-m", "overread.site.cli")
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
SETTLED_SECONDS = 30.0
GRACE_SECONDS = 30.0
STATUS_EVERY_SECONDS = 5.0
LOOK_SECONDS = 0.1
PR_SET_PDEATHSIG = 1


class AlreadyRunning(RuntimeError):
    """Another supervisor works on this data folder."""


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """One child process. `state` is running, waiting (to be started again) or stopped."""

    role: str
    pid: int | None
    state: str
    restarts: int
    since: str
    last_exit: int | None


@dataclass(frozen=True, slots=True)
class Status:
    """What `run/status.json` says, and whether a supervisor holds the folder's lock at this moment."""

    alive: bool
    pid: int
    written_at: str
    children: tuple[ChildStatus, ...]

    @property
    def well(self) -> bool:
        """Whether the supervisor is there and all its children run."""
        return self.alive and all(child.state == "running" for child in self.children)


@dataclass(slots=True)
class _Child:
    role: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    wait: float = 0.0
    restarts: int = 0
    since: str = ""
    last_exit: int | None = None
    state: str = field(default="waiting")


def wait_before_restart(former_wait: float, ran_seconds: float) -> float:
    """Seconds to wait before a child that has ended is started again.

    Args:
        former_wait: the wait before its last start.
        ran_seconds: how long it ran; one that ran long enough starts with a clean sheet.
    """
    if ran_seconds >= SETTLED_SECONDS:
        return FIRST_WAIT_SECONDS
    return min(max(former_wait * 2, FIRST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)


def _run_folder(data: Path) -> Path:
    folder = data / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextlib.contextmanager
def _sole(data: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it when this process ends, however it ends."""
    with (_run_folder(data) / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"Overread is running on {data} already. Stop it first, or use it.") from None
        yield


def _is_held(data: Path) -> bool:
    try:
        with (data / "run" / "supervisor.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def read_status(data: Path) -> Status | None:
    """What the supervisor of a data folder last wrote; None when none ever ran there.

    Args:
        data: the installation's folder.
    """
    try:
        found = json.loads((data / "run" / "status.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    children = tuple(ChildStatus(**child) for child in found["children"])
    return Status(_is_held(data), found["pid"], found["written_at"], children)


def dies_with(parent: int) -> Callable[[], None]:
    """What a child does before it becomes its program: ask Linux for death when the parent ends."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def ask() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it has ended in between
                os._exit(1)

    return ask


class Supervisor:
    """Keeps child processes running until it is told to stop.

    Args:
        data: the installation's folder.
        commands: each role's arguments, the role first, such as ["listen", "--data", "/srv/overread"].
        program: what is put before them.
        out: where health lines go.
        grace_seconds: how long children may take to stop before they are killed.
    """

    def __init__(
        self,
        data: Path,
        commands: Mapping[str, Sequence[str]],
        *,
        program: Sequence[str] = PROGRAM,
        out: TextIO | None = None,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._data = data
        self._children = [_Child(role, [*program, *words]) for role, words in commands.items()]
        self._out = out or sys.stdout
        self._grace = grace_seconds
        self._written = 0.0

    def run(self, stop: threading.Event) -> None:
        """Start the children, and start again what ends, until `stop` is set; then stop them.

        Raises:
            AlreadyRunning: another supervisor holds the folder.
        """
        with _sole(self._data):
            try:
                while not stop.is_set():
                    self._look()
                    stop.wait(LOOK_SECONDS)
            finally:
                self._stop_all()

    def _look(self) -> None:
        changed = False
        for child in self._children:
            if child.process is None:
                changed = (time.monotonic() >= child.start_at and self._start(child)) or changed
            elif child.process.poll() is not None:
                changed = self._ended(child, child.process.returncode)
        if changed or time.monotonic() - self._written >= STATUS_EVERY_SECONDS:
            self._write()

    def _start(self, child: _Child) -> bool:
        # The command is our own program with the arguments that the operator gave to `overread up`.
        child.process = subprocess.Popen(child.command, preexec_fn=dies_with(os.getpid()))  # noqa: S603
        child.started = time.monotonic()
        self._mark(child, "running")
        self._say(child, f"running, pid {child.process.pid}")
        return True

    def _ended(self, child: _Child, code: int) -> bool:
        child.wait = wait_before_restart(child.wait, time.monotonic() - child.started)
        child.process, child.last_exit, child.start_at = None, code, time.monotonic() + child.wait
        child.restarts += 1
        self._mark(child, "waiting")
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        self._say(child, f"{how}; starts again in {child.wait:g} s (restart {child.restarts})")
        return True

    def _stop_all(self) -> None:
        alive = [(child, child.process) for child in self._children if child.process is not None]
        for _, process in alive:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + self._grace
        for child, process in alive:
            try:
                child.last_exit = process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(child, "did not stop in time and is killed")
                process.kill()
                child.last_exit = process.wait()
            child.process = None
        for child in self._children:
            self._mark(child, "stopped")
            self._say(child, "stopped")
        self._write()

    def _mark(self, child: _Child, state: str) -> None:
        child.state, child.since = state, timezone.now().isoformat(timespec="seconds")

    def _say(self, child: _Child, words: str) -> None:
        print(f"{child.role:<8} {words}", file=self._out, flush=True)

    def _write(self) -> None:
        children = [
            ChildStatus(
                child.role,
                child.process.pid if child.process else None,
                child.state,
                child.restarts,
                child.since,
                child.last_exit,
            )
            for child in self._children
        ]
        found = {
            "pid": os.getpid(),
            "written_at": timezone.now().isoformat(timespec="seconds"),
            "children": [asdict(child) for child in children],
        }
        target = _run_folder(self._data) / "status.json"
        fresh = target.with_suffix(".new")
        fresh.write_text(json.dumps(found, indent=1), encoding="utf-8")
        fresh.replace(target)
        self._written = time.monotonic()


def up(
    data: Path,
    commands: Mapping[str, Sequence[str]],
    *,
    program: Sequence[str] = PROGRAM,
    grace_seconds: float = GRACE_SECONDS,
) -> int:
    """Run the supervisor until SIGTERM or SIGINT; 0 after a clean stop.

    Args:
        data: the installation's folder.
        commands: each role's arguments, the role first.
        program: what is put before them.
        grace_seconds: how long children may take to stop.

    Raises:
        AlreadyRunning: another supervisor holds the folder.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Supervisor(data, commands, program=program, grace_seconds=grace_seconds).run(stop)
    return 0
