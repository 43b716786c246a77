"""The blob store: durable, content-addressed, never overwriting, never trusting names from outside.

Real power cuts are not made here; `test_kill.py` kills writers with SIGKILL, and the order of syncs is recorded.
"""

import errno
import hashlib
import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.blobs.store import (
    BadKey,
    BlobMissing,
    BlobStore,
    LocalStore,
    StoreBroken,
    StoreFull,
    StoreUnavailable,
    key_for,
    open_store,
    sha256_of,
    verify_all,
)
from overread.foundation.blobs.tests.bucket import Bucket, bucket

__all__ = ["bucket"]


def whole(store: BlobStore, key: str) -> bytes:
    with store.open(key) as blob:
        return blob.read()


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "blobs", reserve_bytes=0)


def test_a_blob_is_named_by_its_bytes_and_read_back_whole_and_in_part(store: LocalStore) -> None:
    """A stored object is found again under the hash of its bytes, whole and in part."""
    data = os.urandom(300_000)
    with store.writer() as writer:
        writer.write(data[:1000])
        writer.write(memoryview(data)[1000:])
        ref = writer.commit()
    assert ref.sha256 == hashlib.sha256(data).hexdigest()
    assert ref.key == key_for(ref.sha256)
    assert ref.length == len(data)
    assert whole(store, ref.key) == data
    assert store.read_range(ref.key, 100, 50) == data[100:150]
    assert store.read_range(ref.key, len(data) - 5, 50) == data[-5:]
    path = store.path(ref.key)
    assert path is not None
    assert path.read_bytes() == data
    assert list(store.list()) == [ref.key]
    assert list((store.root / "incoming").iterdir()) == []


def test_an_aborted_blob_leaves_nothing(store: LocalStore) -> None:
    """A transfer that is cut short is never stored."""
    with store.writer() as writer:
        writer.write(b"half an image")
    assert list(store.list()) == []
    assert list((store.root / "incoming").iterdir()) == []


def test_every_name_is_synced_before_the_blob_counts_as_stored(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes are synced before they get their name, and the folder after it, before success is returned."""
    steps: list[str] = []
    real_fsync, real_link = os.fsync, os.link

    def fsync(handle: int) -> None:
        steps.append("sync " + Path(os.readlink(f"/proc/self/fd/{handle}")).relative_to(store.root).parts[0])
        if "incoming" not in steps[-1]:
            steps[-1] = "sync folder " + os.readlink(f"/proc/self/fd/{handle}").removeprefix(f"{store.root}/")
        real_fsync(handle)

    def link(source: Path, target: Path) -> None:
        steps.append("link")
        real_link(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "link", link)
    key = store.put(b"image").key
    first, second = key.split("/")[1:3]
    leaf = ["sync incoming", "link", f"sync folder sha256/{first}/{second}"]
    assert steps == [*leaf, f"sync folder sha256/{first}"]
    steps.clear()
    store.put(b"image")
    assert steps == leaf


def test_the_same_bytes_twice_at_once_are_stored_once_and_both_succeed(store: LocalStore) -> None:
    """Ten senders that store the same object at the same time all succeed, and one copy remains."""
    data, refs, gate = os.urandom(200_000), [], threading.Barrier(10)

    def send() -> None:
        gate.wait()
        refs.append(store.put(data))

    senders = [threading.Thread(target=send) for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(refs) == 10
    assert len(set(refs)) == 1
    assert list(store.list()) == [refs[0].key]
    assert store.verify(refs[0].key)


@pytest.mark.parametrize("damage", ["shorter", "flipped"])
def test_a_damaged_copy_is_found_and_healed_when_the_same_bytes_come_again(store: LocalStore, damage: str) -> None:
    """A copy that rotted on disk is named by the check, never acknowledged again, and replaced by good bytes."""
    data = os.urandom(5000)
    key = store.put(data).key
    path = store.root / key
    path.write_bytes(data[:-1] if damage == "shorter" else data[:-1] + bytes([data[-1] ^ 1]))
    assert not store.verify(key)
    assert store.put(data).key == key
    assert store.verify(key)


def test_the_check_counts_and_names_what_is_bad_and_what_is_missing(store: LocalStore) -> None:
    """The check of the store reads every object again and names the damaged and the missing ones."""
    keys = [store.put(f"object {n}".encode()).key for n in range(5)]
    (store.root / keys[1]).write_bytes(b"other bytes")
    (store.root / keys[3]).unlink()
    report = verify_all(store, keys)
    assert (report.checked, report.bad, report.missing, report.ok) == (5, (keys[1],), (keys[3],), False)
    assert verify_all(store, [keys[0]]).ok


def test_below_the_reserve_nothing_new_is_accepted(tmp_path: Path) -> None:
    """When the disk is down to its reserve the sender is refused, and what is stored can still be read."""
    store = LocalStore(tmp_path / "blobs", reserve_bytes=0)
    key = store.put(b"before").key
    store.reserve_bytes = 1 << 62
    with pytest.raises(StoreFull):
        store.writer()
    assert whole(store, key) == b"before"


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, StoreFull), (errno.EROFS, StoreUnavailable)])
def test_a_failed_write_is_told_and_leaves_nothing(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    """A full or read-only disk is told to the sender as "try again later", never as success."""

    def refuse(*_: object) -> int:
        raise OSError(number, "made up")

    writer = store.writer()
    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(kind), writer:
        writer.write(b"image")
    assert list((store.root / "incoming").iterdir()) == []


def test_after_a_failed_sync_the_process_stores_nothing_more(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed sync is not tried again: the object is refused and so is every later one until a restart."""

    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "made up")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreBroken):
        store.put(b"image")
    monkeypatch.undo()
    with pytest.raises(StoreBroken):
        store.put(b"image")
    assert list(store.list()) == []


def test_a_sweep_takes_what_the_dead_left_and_spares_the_living(store: LocalStore) -> None:
    """Partial files of processes that died are removed at start; transfers that are under way are not touched."""
    left = store.root / "incoming" / "1-dead.part"
    left.write_bytes(b"half")
    with store.writer() as writer:
        writer.write(b"whole")
        assert store.sweep() == 1
        assert not left.exists()
        ref = writer.commit()
    assert store.verify(ref.key)


@given(
    st.one_of(st.text(), st.sampled_from(["sha256/../../etc/passwd", "/etc/passwd", "sha256/aa/bb/" + "c" * 64, ""]))
)
def test_no_text_from_outside_becomes_a_path(text: str) -> None:
    """Nothing but the exact name that a hash gives is ever looked up on disk."""
    with pytest.raises(BadKey):
        sha256_of(text)
    with pytest.raises(BadKey):
        key_for(text)


@given(st.binary(min_size=32, max_size=32).map(bytes.hex))
def test_a_key_and_its_hash_name_each_other(sha256: str) -> None:
    """From a key one gets exactly the hash it was made from."""
    assert sha256_of(key_for(sha256)) == sha256


def test_a_missing_blob_is_said_to_be_missing(store: LocalStore) -> None:
    """Asking for an object that is not there is an answer, not a crash."""
    key = key_for("0" * 64)
    assert not store.exists(key)
    for ask in (store.open, store.path, store.verify):
        with pytest.raises(BlobMissing):
            ask(key)


def test_the_configuration_chooses_the_store(tmp_path: Path) -> None:
    """No URL means a folder below the data folder; an unknown URL is refused in words."""
    assert isinstance(open_store("", tmp_path), LocalStore)
    chosen = open_store((tmp_path / "elsewhere").as_uri(), tmp_path)
    assert isinstance(chosen, LocalStore)
    assert chosen.root == tmp_path / "elsewhere"
    for bad in ("ftp://host/", "https://bucket/", "file://host/folder"):
        with pytest.raises(ValueError, match="BLOBS_URL"):
            open_store(bad, tmp_path)


@pytest.mark.slow
def test_object_storage_keeps_the_same_promises(bucket: Bucket, tmp_path: Path) -> None:
    """In object storage an object is never overwritten, is read back before it counts, and damage is found and healed."""
    store = open_store(bucket.url, tmp_path)
    data = os.urandom(6 * 1024 * 1024)
    ref = store.put(data)
    assert store.put(data) == ref
    assert whole(store, ref.key) == data
    with store.open(ref.key) as blob:
        blob.seek(-10, io.SEEK_END)
        assert blob.read() == data[-10:]
    assert store.read_range(ref.key, 7, 9) == data[7:16]
    assert store.read_range(ref.key, len(data) + 1, 9) == b""
    assert store.path(ref.key) is None
    assert list(store.list()) == [ref.key]
    bucket.spoil(ref.key)
    assert verify_all(store, [ref.key, key_for("0" * 64)]).bad == (ref.key,)
    assert store.put(data) == ref
    assert store.verify(ref.key)
    with pytest.raises(BlobMissing):
        store.open(key_for("0" * 64))


@pytest.mark.slow
def test_object_storage_that_is_away_is_never_success(bucket: Bucket, tmp_path: Path) -> None:
    """A bucket that does not exist makes the store refuse, so that the sender tries again."""
    store = open_store(bucket.url.replace(bucket.name, "absent"), tmp_path)
    with pytest.raises(StoreUnavailable):
        store.put(b"image")
