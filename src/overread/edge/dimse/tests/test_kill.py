"""The listener killed with SIGKILL under three senders: nothing acknowledged is lost (RELIABILITY F1, F2).

The full 1,000 loops belong to the fault campaign; here a few loops and every named crash point run each time.
"""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydicom.uid import generate_uid

from overread.edge.dimse.tests import raw
from overread.edge.dimse.tests.rig import CT, ct, dataset_bytes
from overread.foundation.blobs.crash import POINTS
from overread.foundation.blobs.journal import Reader
from overread.foundation.blobs.store import LocalStore, verify_all

pytestmark = [pytest.mark.fault, pytest.mark.slow]


class Process:
    """The listener as a child process."""

    def __init__(self, folder: Path, crash: str = "") -> None:
        source = Path(__file__).parents[4]
        environment = os.environ | {"PYTHONPATH": str(source), "OVERREAD_CRASH_AT": crash}
        program = [sys.executable, "-m", "overread.edge.dimse.tests.listener_process", str(folder)]
        self.child = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.child.stdout is not None
        self.port = int(self.child.stdout.readline())

    def kill(self) -> None:
        self.child.kill()
        self.wait()

    def wait(self) -> int:
        code = self.child.wait(30)
        if self.child.stdout is not None:
            self.child.stdout.close()
        return code


def send_until_cut(port: int, acked: list[str], enough: threading.Event, count: int) -> None:
    """Store images until the connection breaks; note each that was acknowledged."""
    try:
        with raw.Peer(port) as peer:
            if peer.associate([(1, CT, [raw.EXPLICIT])]) != 2:
                return
            while True:
                uid = str(generate_uid())
                peer.send(raw.p_data(1, 3, raw.command(1, 7, CT, uid, dataset=True)))
                peer.send(raw.p_data(1, 2, dataset_bytes(ct(SOPInstanceUID=uid))))
                kind, _ = peer.read()
                if kind != 4:
                    return
                acked.append(uid)
                if len(acked) >= count:
                    enough.set()
    except OSError:
        return


def run_senders(port: int, acked: list[str], count: int = 1) -> tuple[list[threading.Thread], threading.Event]:
    enough = threading.Event()
    senders = [threading.Thread(target=send_until_cut, args=(port, acked, enough, count)) for _ in range(3)]
    for sender in senders:
        sender.start()
    return senders, enough


def assert_nothing_lost(folder: Path, acked: list[str]) -> None:
    store, reader = LocalStore(folder / "blobs", reserve_bytes=0), Reader(folder / "journal")
    store.sweep()
    assert list((folder / "blobs" / "incoming").iterdir()) == []
    records = [found for segment in reader.orphans() for found, _ in reader.pending(segment)]
    assert set(acked) <= {found.sop_instance for found in records}
    assert verify_all(store, [found.key for found in records]).ok


def test_killed_at_random_instants_under_three_senders_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """After SIGKILL at a random instant every image that a sender was told is stored is there, whole, and journaled."""
    chance = random.Random(20261124)  # noqa: S311 - test data
    acked: list[str] = []
    for _ in range(3):
        process = Process(tmp_path)
        senders, enough = run_senders(process.port, acked, len(acked) + chance.randrange(1, 40))
        assert enough.wait(30)
        process.kill()
        for sender in senders:
            sender.join()
    assert len(acked) > 3
    assert_nothing_lost(tmp_path, acked)


@pytest.mark.parametrize("point", POINTS)
def test_killed_between_any_two_steps_nothing_acknowledged_is_lost(tmp_path: Path, point: str) -> None:
    """Killed before or after each sync, link and record, no acknowledged image is lost and no partial file stays."""
    acked: list[str] = []
    process = Process(tmp_path, f"{point}:6")
    senders, _ = run_senders(process.port, acked)
    assert process.wait() == -9
    for sender in senders:
        sender.join()
    assert_nothing_lost(tmp_path, acked)
