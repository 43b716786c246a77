"""The store of received bytes: choose one with `open_store`, check one with `verify_all`.

`BLOBS_URL` empty or `file:///folder` is a local folder; `s3://bucket/prefix` is object storage (extra `s3`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from overread.foundation.blobs.blob import (
    BadKey,
    BlobDamaged,
    BlobMissing,
    BlobRef,
    BlobStore,
    BlobWriter,
    StoreBroken,
    StoreError,
    StoreFull,
    StoreUnavailable,
    key_for,
    sha256_of,
)
from overread.foundation.blobs.local import RESERVE_BYTES, LocalStore

__all__ = [
    "BadKey",
    "BlobDamaged",
    "BlobMissing",
    "BlobRef",
    "BlobStore",
    "BlobWriter",
    "LocalStore",
    "StoreBroken",
    "StoreError",
    "StoreFull",
    "StoreUnavailable",
    "VerifyReport",
    "key_for",
    "open_store",
    "sha256_of",
    "verify_all",
]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a check of the store found: how many keys were read, and the keys whose bytes are wrong or absent."""

    checked: int
    bad: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing bad and nothing missing."""
        return not self.bad and not self.missing


def open_store(blobs_url: str, data_dir: Path, reserve_bytes: int = RESERVE_BYTES) -> BlobStore:
    """The store that the configuration names; raises StoreUnavailable if it cannot be opened, ValueError for a bad URL.

    `data_dir` holds the local folder `blobs` when no URL is given, and the spool of an S3 store.
    """
    if not blobs_url:
        return LocalStore(data_dir / "blobs", reserve_bytes)
    parts = urlsplit(blobs_url)
    if parts.scheme == "file" and not parts.netloc:
        return LocalStore(Path(unquote(parts.path)), reserve_bytes)
    if parts.scheme == "s3":
        from overread.foundation.blobs.s3 import S3Store

        return S3Store(blobs_url, spool=data_dir / "spool")
    raise ValueError("BLOBS_URL must be empty, file:///folder or s3://bucket/prefix")


def verify_all(store: BlobStore, keys: Iterable[str]) -> VerifyReport:
    """Read every blob again and compare it with the hash in its key; `keys` come from the index or `store.list()`."""
    checked = 0
    bad: list[str] = []
    missing: list[str] = []
    for key in keys:
        checked += 1
        try:
            if not store.verify(key):
                bad.append(key)
        except BlobMissing:
            missing.append(key)
    return VerifyReport(checked, tuple(bad), tuple(missing))
