"""A writer killed with SIGKILL at any instant loses nothing it acknowledged (RELIABILITY F1, F2).

The kernel survives a kill, so this proves the order of steps and the recovery, not the syncs; the syncs are recorded
in `test_store.py` and `test_journal.py`, and power cuts are made by the fault campaign.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from overread.foundation.blobs.crash import POINTS
from overread.foundation.blobs.journal import Reader
from overread.foundation.blobs.store import LocalStore, verify_all

PROGRAM = [sys.executable, "-m", "overread.foundation.blobs.tests.writer_process"]


def start(folder: Path, seed: int, crash: str = "") -> subprocess.Popen[str]:
    source = Path(__file__).parents[4]
    environment = os.environ | {"PYTHONPATH": str(source), "OVERREAD_CRASH_AT": crash}
    return subprocess.Popen(
        [*PROGRAM, str(folder), str(seed), "400"], stdout=subprocess.PIPE, text=True, env=environment
    )


def acknowledged(child: subprocess.Popen[str], kill_after: int | None = None) -> list[str]:
    """Read acknowledgements; kill the child after some of them, or wait until it ends by itself."""
    keys: list[str] = []
    assert child.stdout is not None
    with child.stdout as lines:
        for line in lines:
            if line.endswith("\n") and line.startswith("sha256/"):
                keys.append(line.strip())
            if kill_after is not None and len(keys) >= kill_after:
                child.kill()
                kill_after = None
    child.wait(timeout=30)
    return keys


def assert_nothing_lost(folder: Path, acked: list[str]) -> None:
    store, reader = LocalStore(folder / "blobs", reserve_bytes=0), Reader(folder / "journal")
    store.sweep()
    assert list((folder / "blobs" / "incoming").iterdir()) == []
    assert reader.orphans() == reader.segments()
    journaled = [found.key for segment in reader.segments() for found, _ in reader.pending(segment)]
    assert set(acked) <= set(journaled)
    assert verify_all(store, journaled).ok


@pytest.mark.fault
@pytest.mark.slow
def test_a_receiver_killed_at_random_instants_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    """After SIGKILL at random instants every acknowledged object is in the journal and its bytes are intact."""
    chance, acked = random.Random(20261124), []  # noqa: S311 - test data
    for seed in range(6):
        acked += acknowledged(start(tmp_path, seed), kill_after=chance.randrange(1, 60))
    assert len(acked) > 6
    assert_nothing_lost(tmp_path, acked)


@pytest.mark.fault
@pytest.mark.parametrize("point", POINTS)
def test_a_receiver_killed_between_any_two_steps_loses_nothing_it_acknowledged(tmp_path: Path, point: str) -> None:
    """Killed before or after each sync, link and journal record, nothing acknowledged is lost and the rest is swept."""
    child = start(tmp_path, 1, crash=f"{point}:4")
    acked = acknowledged(child)
    assert child.returncode == -9
    assert len(acked) == 3
    assert_nothing_lost(tmp_path, acked)
    again = start(tmp_path, 1)
    assert len(acknowledged(again, kill_after=10)) >= 10
    assert_nothing_lost(tmp_path, acked)
