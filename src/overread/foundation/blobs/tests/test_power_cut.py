"""A power cut under a writer, on a real ext4 file system on a loop device (RELIABILITY F3).

The file system is shut down without writing its journal out (EXT4_IOC_SHUTDOWN, no log flush), unmounted and mounted
again: what was not synced is gone, as after a power cut. A writer whose syncs are taken out must lose, else the
harness is blind. Needs root, a loop device and mkfs.ext4; says NOT RUN otherwise. The long campaign is in tests/faults.
"""

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from overread.foundation.blobs.journal import Reader
from overread.foundation.blobs.store import LocalStore, StoreFull, verify_all

pytestmark = [pytest.mark.fault, pytest.mark.slow]
_SHUTDOWN, _WITHOUT_LOG_FLUSH = 0x8004587D, 2


class Disk:
    """An ext4 file system in a file, mounted at `folder`."""

    def __init__(self, tmp: Path) -> None:
        self.image, self.folder = tmp / "disk.img", tmp / "disk"
        self.folder.mkdir()
        with self.image.open("wb") as image:
            image.truncate(256 * 1024 * 1024)
        _run("mkfs.ext4", "-q", "-F", str(self.image))
        self.mount()

    def mount(self) -> None:
        _run("mount", "-o", "loop", str(self.image), str(self.folder))

    def unmount(self) -> None:
        _run("umount", str(self.folder))

    def cut_power(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _WITHOUT_LOG_FLUSH))
        finally:
            os.close(handle)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("NOT RUN: a power cut needs root and mkfs.ext4")
    try:
        disk = Disk(tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("NOT RUN: no loop device can be mounted here")
    yield disk
    disk.unmount()


@contextmanager
def writing(folder: Path, seed: int, *, synced: bool) -> Iterator[subprocess.Popen[str]]:
    program = [sys.executable, "-m", "overread.foundation.blobs.tests.writer_process", str(folder), str(seed), "100000"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[4])}
    if not synced:
        program.append("--without-sync")
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as child:
        yield child
        child.kill()


def cut_under_a_writer(disk: Disk, seed: int, *, synced: bool = True) -> list[str]:
    """Let a writer run, cut the power after some acknowledgements, mount again; returns the acknowledged keys."""
    keys: list[str] = []
    with writing(disk.folder, seed, synced=synced) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("sha256/") and line.endswith("\n"):
                keys.append(line.strip())
            if len(keys) == 12 + seed:
                disk.cut_power()
    disk.unmount()
    disk.mount()
    return keys


def lost(disk: Disk, acked: list[str]) -> int:
    """How many acknowledged objects are not in the journal or not whole."""
    store, reader = LocalStore(disk.folder / "blobs", reserve_bytes=0), Reader(disk.folder / "journal")
    journaled = {found.key for segment in reader.segments() for found, _ in reader.pending(segment)}
    report = verify_all(store, acked)
    return len((set(acked) - journaled) | set(report.bad) | set(report.missing))


def test_after_power_cuts_every_acknowledged_object_is_whole_and_in_the_journal(disk: Disk) -> None:
    """After each of several power cuts under load, nothing that was acknowledged is lost."""
    acked: list[str] = []
    for seed in range(5):
        acked += cut_under_a_writer(disk, seed)
        assert lost(disk, acked) == 0
    assert len(acked) >= 60


def test_without_syncs_the_same_power_cut_does_lose_objects(disk: Disk) -> None:
    """The harness is not blind: the same writer with its syncs taken out loses what it acknowledged."""
    acked = cut_under_a_writer(disk, 3, synced=False)
    assert acked
    assert lost(disk, acked) > 0


def test_a_disk_that_is_really_full_refuses_and_goes_on_when_there_is_room(disk: Disk) -> None:
    """On a full disk an object is refused without a trace, what is stored stays readable, and room brings service back."""
    store = LocalStore(disk.folder / "blobs", reserve_bytes=0)
    before = store.put(b"before" * 1000)
    filler = disk.folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1024 * 1024))
    with pytest.raises(StoreFull):
        store.put(os.urandom(8 * 1024 * 1024))
    with pytest.raises(StoreFull), store.writer() as writer:
        writer.write(os.urandom(8 * 1024 * 1024))
    assert list((disk.folder / "blobs" / "incoming").iterdir()) == []
    assert store.verify(before.key)
    filler.unlink()
    assert store.verify(store.put(b"after" * 1000).key)
    assert len(list(store.list())) == 2
