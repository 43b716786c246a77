"""Removing a blob never takes away what was stored again meanwhile."""

import os
import time
from pathlib import Path

from overread.foundation.blobs.local import LocalStore


def test_an_old_blob_is_removed_and_a_repeated_removal_is_success(tmp_path: Path) -> None:
    """What nobody stored since the decision goes; asking again changes nothing."""
    store = LocalStore(tmp_path, 0)
    key = store.put(b"returned").key
    os.utime(tmp_path / key, (1.0, 1.0))
    assert store.remove(key, unless_newer_than=time.time())
    assert not store.exists(key)
    assert store.remove(key, unless_newer_than=time.time())


def test_a_blob_that_was_stored_again_stays(tmp_path: Path) -> None:
    """The same bytes came again after the decision: they are acknowledged, so they stay (H02)."""
    store = LocalStore(tmp_path, 0)
    key = store.put(b"returned").key
    os.utime(tmp_path / key, (1.0, 1.0))
    decided = time.time() - 5
    store.put(b"returned")
    assert not store.remove(key, unless_newer_than=decided)
    assert store.verify(key)
