"""How long a reader's action takes while a large study is received, on SQLite (DESIGN 3, one command by default).

A real installation (`overread up` in a folder and on ports of its own) receives 3,000 generated objects by C-STORE from
four processes. Meanwhile a reader's page saves its draft and renews its claim in this process, on the same
database, and each action is timed. Run alone: `python -m bench.fairness`.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from bench.sending import send

OBJECTS, SENDERS = 3_000, 4  # each sender has an association of its own, so that the listener is kept busy
SIDE = 128  # pixels: 33 kB an object, so that rows come faster than from a scanner and the database has the most to do
PAUSE_SECONDS = 0.05
START_SECONDS, INDEX_SECONDS, STOP_SECONDS = 60.0, 600.0, 60.0
AT_REST = 100  # actions timed before anything is sent
MOST_P95_MS = 100.0


@dataclass(frozen=True)
class Times:
    """How long actions took, in milliseconds."""

    count: int
    p50: float
    p95: float
    longest: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Times":
        """Sorted and counted; 95 of 100 took no longer than the p95."""
        ordered = sorted(1000 * value for value in seconds)
        last = len(ordered) - 1
        return cls(len(ordered), ordered[last // 2], ordered[round(last * 0.95)], ordered[last])

    def words(self) -> str:
        """As a person reads it."""
        return f"p50 {self.p50:.1f}, p95 {self.p95:.1f}, longest {self.longest:.1f} ms of {self.count}"


def measure() -> str:
    """Run in a process of its own, as the installation's folder must be known before anything is loaded.

    Raises:
        RuntimeError: fewer were stored than sent, or actions waited longer than is promised.
    """
    done = subprocess.run([sys.executable, "-m", "bench.fairness"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until(found: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not found():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _installation(folder: Path) -> Iterator[int]:
    """`overread init` and `overread up`; gives the DICOM port, and stops everything in the end."""
    command = [sys.executable, "-m", "overread.site.cli"]
    data = ["--data", str(folder)]
    subprocess.run([*command, "init", *data, "--manager", "bench@example.org"], check=True, capture_output=True)
    http, dicom = _free_port(), _free_port()
    with (folder / "log").open("wb") as log:
        places = ["--http", f"127.0.0.1:{http}", "--dicom", f"127.0.0.1:{dicom}"]
        running = subprocess.Popen([*command, "up", *data, *places], stdout=log, stderr=log)
        try:
            _until(lambda: _answers(http) and _answers(dicom), START_SECONDS, "the start of the installation")
            yield dicom
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(STOP_SECONDS)


def _write_objects(folder: Path) -> str:
    """One generated slice under OBJECTS names of its own; returns the study's UID."""
    from pydicom.uid import UID

    from overread.site.demo.phantoms.head import make_head_ct
    from overread.site.demo.phantoms.study import StudyPlan, Subject

    subject = Subject("SYNTHETIC^BENCH", "B1", "BENCH", date(1960, 1, 1), "F")
    plan = StudyPlan(at=datetime(2026, 1, 5, 9, 0), accession="B-3", institution="Bench")  # noqa: DTZ001  local time
    phantom = make_head_ct(subject, plan, size=SIDE, slices=1, scout=False)
    slice_ = next(phantom.datasets)
    for sender in range(SENDERS):
        (folder / str(sender)).mkdir(parents=True)
    for number in range(1, OBJECTS + 1):
        slice_.InstanceNumber = number
        slice_.SOPInstanceUID = UID(f"{phantom.study_uid}.{number}")
        slice_.file_meta.MediaStorageSOPInstanceUID = slice_.SOPInstanceUID
        slice_.save_as(folder / str(number % SENDERS) / f"{number:05d}.dcm", enforce_file_format=True)
    return str(phantom.study_uid)


class _Reader:
    """A reader who has claimed a read and types: a draft saved, then the claim renewed, in turn."""

    def __init__(self) -> None:
        from overread.foundation.work.actor import Actor
        from overread.journey.allocation import actions as allocation
        from overread.journey.reporting import actions as reporting
        from tests.world import build

        self.world = build()
        case = self.world.ready_case()
        self.actor, self.read_id = Actor.person(self.world.people["reader"].id), case.read_id
        self._allocation, self._reporting = allocation, reporting
        self._version, self._turn = 1, 0
        with self.world.scope("NORTH"):
            allocation.claim(actor=self.actor, read_id=self.read_id)
            reporting.begin(actor=self.actor, read_id=self.read_id, sections={})

    def act(self) -> float:
        """Seconds that one action took."""
        self._turn += 1
        text = {"findings": "No acute bleed is seen. " * (self._turn % 20)}
        with self.world.scope("NORTH"):
            begun = time.perf_counter()
            if self._turn % 2:
                self._version = self._reporting.save_draft(
                    actor=self.actor, read_id=self.read_id, version=self._version, sections=text, answers={}
                )
            else:
                self._allocation.beat(actor=self.actor, read_id=self.read_id)
            return time.perf_counter() - begun

    def stored(self, study_uid: str) -> int:
        """How many images of a study the archive has."""
        from overread.journey.archive import queries

        with self.world.scope("NORTH"):
            study = queries.study_by_uid(UUID(str(self.world.clients["NORTH"])), study_uid)
        return study.image_count if study else 0


def _run(folder: Path) -> str:
    study = _write_objects(folder / "out")
    with _installation(folder / "data") as port:
        os.environ["OVERREAD_DATA"] = str(folder / "data")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.site.settings")
        from overread.site.commands.prepared import set_up

        set_up(str(folder / "data"))
        reader = _Reader()
        calm = [_paced(reader) for _ in range(AT_REST)]
        busy: list[float] = []

        begun = time.monotonic()
        busy = _while_sending(reader, folder / "out", port)
        sent_seconds = time.monotonic() - begun
        while reader.stored(study) < OBJECTS:
            busy.append(_paced(reader))
            if time.monotonic() - begun > INDEX_SECONDS:
                raise RuntimeError(f"{reader.stored(study)} of {OBJECTS} objects were indexed")
        seconds = time.monotonic() - begun
    return _judged(Times.of(calm), Times.of(busy), sent_seconds, seconds)


def _while_sending(reader: _Reader, folder: Path, port: int) -> list[float]:
    """Seconds of each action until every sender has ended.

    Raises:
        RuntimeError: fewer objects were accepted than sent.
    """
    times: list[float] = []
    senders = [send(part, port) for part in sorted(folder.iterdir())]
    try:
        while any(sender.poll() is None for sender in senders):
            times.append(_paced(reader))
    finally:
        for sender in senders:
            sender.kill()
    accepted = sum(int((sender.communicate()[0] or "0").strip() or 0) for sender in senders)
    if accepted != OBJECTS:
        raise RuntimeError(f"{accepted} of {OBJECTS} objects were accepted")
    return times


def _paced(reader: _Reader) -> float:
    time.sleep(PAUSE_SECONDS)
    return reader.act()


def _judged(calm: Times, busy: Times, sent_seconds: float, seconds: float) -> str:
    words = (
        f"fairness: {OBJECTS} objects sent in {sent_seconds:.0f} s, all indexed after {seconds:.0f} s; "
        f"actions at rest {calm.words()}; meanwhile {busy.words()}; promised p95 below {MOST_P95_MS:.0f} ms"
    )
    if busy.p95 >= MOST_P95_MS:
        raise RuntimeError(words)
    return words


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="overread-bench-") as place:
        try:
            print(_run(Path(place)))
        except RuntimeError as fault:
            sys.exit(f"fairness: {fault}")
