"""Removing from object storage keeps the promise of the local folder, also while the same bytes come again.

Not covered here: a server that forgets what it answered; a bucket that keeps versions keeps the removed bytes.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest

from overread.foundation.blobs import s3_removal
from overread.foundation.blobs.blob import BadKey, StoreUnavailable
from overread.foundation.blobs.store import open_store
from overread.foundation.blobs.tests.bucket import Bucket, bucket

__all__ = ["bucket"]
pytestmark = pytest.mark.slow
LATER = 3600.0


def marks(bucket: Bucket) -> list[str]:
    found = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix="overread/removing/")
    return [entry["Key"] for entry in found.get("Contents", [])]


def test_an_old_blob_goes_from_object_storage_and_a_repeated_removal_is_success(bucket: Bucket, tmp_path: Path) -> None:
    """What nobody stored since the decision goes, its mark with it; asking again changes nothing."""
    store = open_store(bucket.url, tmp_path)
    key, other = store.put(b"returned").key, store.put(b"kept").key
    assert store.remove(key, unless_newer_than=time.time() + LATER)
    assert list(store.list()) == [other]
    assert store.remove(key, unless_newer_than=time.time())
    assert marks(bucket) == []
    with pytest.raises(BadKey):
        store.remove("sha256/../x", unless_newer_than=0)


def test_a_blob_that_was_stored_since_stays_in_object_storage(bucket: Bucket, tmp_path: Path) -> None:
    """The same bytes came after the decision and were acknowledged, so they stay (H02)."""
    store = open_store(bucket.url, tmp_path)
    key = store.put(b"returned").key
    assert not store.remove(key, unless_newer_than=time.time() - 60)
    assert store.verify(key)
    assert marks(bucket) == []


def test_bytes_that_come_again_are_new_to_a_removal(bucket: Bucket, tmp_path: Path) -> None:
    """A second write gives the blob a new age at the server, which a removal compares (H02)."""
    store = open_store(bucket.url, tmp_path)
    key = store.put(b"returned").key
    before = bucket.client.head_object(Bucket=bucket.name, Key=f"overread/{key}")["LastModified"]
    while int(time.time()) <= before.timestamp():  # the server tells whole seconds
        store.exists(key)
    store.put(b"returned")
    assert bucket.client.head_object(Bucket=bucket.name, Key=f"overread/{key}")["LastModified"] > before


def test_bytes_that_come_while_they_are_removed_are_not_acknowledged(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a remover's look and its delete, a sender of the same bytes is told to send again (H02)."""
    store = open_store(bucket.url, tmp_path)
    key = store.put(b"returned").key
    refused: list[str] = []
    real: Any = obstore.delete

    def delete(where: Any, what: Any) -> None:
        if what == key:
            with pytest.raises(StoreUnavailable) as refusal:
                open_store(bucket.url, tmp_path / "another machine").put(b"returned")
            refused.append(str(refusal.value))
        real(where, what)

    monkeypatch.setattr(obstore, "delete", delete)
    assert store.remove(key, unless_newer_than=time.time() + LATER)
    assert refused == ["the same image is just being removed; it can be sent again in a moment"]
    assert not store.exists(key)
    assert store.verify(store.put(b"returned").key)


def test_the_mark_of_a_dead_remover_stops_nobody_for_ever(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark counts for a quarter of an hour by the server's clock; a sweep takes it away a day later."""
    store = open_store(bucket.url, tmp_path)
    key = store.put(b"image").key

    def dies(*_: Any) -> None:
        raise OSError("cut")

    with monkeypatch.context() as patch:
        patch.setattr(obstore, "delete", dies)
        with pytest.raises(StoreUnavailable):
            store.remove(key, unless_newer_than=time.time() + LATER)
    assert store.verify(key)
    with pytest.raises(StoreUnavailable):
        store.put(b"image")
    monkeypatch.setattr(s3_removal, "MARK_LIFE", timedelta(hours=-1))
    assert store.put(b"image").key == key
    opened: Any = store
    assert s3_removal.sweep_marks(opened._bucket, datetime.now(UTC)) == 0
    assert s3_removal.sweep_marks(opened._bucket, datetime.now(UTC) + timedelta(days=2)) == 1
    assert marks(bucket) == []
