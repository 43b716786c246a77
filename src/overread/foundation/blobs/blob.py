"""What a blob is: its key, its reference, the promise of a store, and what can go wrong.

A blob is named by the SHA-256 of its bytes and by nothing else: no UID, file name or other text from outside ever
becomes part of a key or a path (RELIABILITY 0.8).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

Bytes = bytes | bytearray | memoryview

CHUNK = 1024 * 1024
_HEX = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"sha256/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{64})")


class StoreError(Exception):
    """The store could not do what was asked; nothing may be acknowledged."""


class StoreFull(StoreError):
    """Less free space than the reserve: the sender may retry later (C-STORE A700, HTTP 507)."""


class StoreUnavailable(StoreError):
    """The store does not answer or refuses writing (read-only, network, permissions): the sender may retry later."""


class StoreBroken(StoreError):
    """A sync to disk failed. What the kernel kept is unknown, so this process must stop writing and be restarted."""


class BlobMissing(StoreError):
    """No blob has this key."""


class BlobDamaged(StoreError):
    """The stored bytes no longer have the hash that is their name."""


class BadKey(StoreError):
    """The text is not a key of this store."""


@dataclass(frozen=True, slots=True)
class BlobRef:
    """A stored blob: its key in the store, the SHA-256 of its bytes in hexadecimal, and its length in bytes."""

    key: str
    sha256: str
    length: int


def key_for(sha256: str) -> str:
    """The key of the blob with this SHA-256 (64 lower-case hexadecimal digits); raises BadKey for any other text."""
    if not _HEX.fullmatch(sha256):
        raise BadKey("a SHA-256 in 64 lower-case hexadecimal digits is needed")
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def sha256_of(key: str) -> str:
    """The SHA-256 that a key names; raises BadKey unless the key is exactly one that `key_for` makes."""
    match = _KEY.fullmatch(key)
    if match is None or not match[3].startswith(match[1] + match[2]):
        raise BadKey("not a key of this store")
    return match[3]


class BlobWriter(Protocol):
    """One blob on its way in. Nothing is visible under a key until `commit` returns.

    Used as a context manager it aborts on leaving unless it was committed.
    """

    @property
    def path(self) -> Path:
        """The file that holds what was written so far, readable until `commit` or `abort`."""

    def write(self, data: Bytes) -> None:
        """Add bytes; raises StoreFull or StoreUnavailable."""

    def commit(self) -> BlobRef:
        """Make the bytes durable under their key, then return it. Committing bytes the store already has succeeds."""

    def abort(self) -> None:
        """Drop what was written; harmless after commit."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class BlobStore(Protocol):
    """A place for blobs. Two implementations: a local folder and an S3 bucket."""

    def writer(self, expected: int = 0) -> BlobWriter:
        """Begin a blob of about `expected` bytes (0: not known); raises StoreFull below the reserve."""

    def put(self, data: Bytes) -> BlobRef:
        """Store bytes that are already in memory, as durably as `writer`."""

    def open(self, key: str) -> BinaryIO:
        """A readable, seekable binary file; raises BlobMissing."""

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset` (both in bytes); raises BlobMissing."""

    def path(self, key: str) -> Path | None:
        """The file that holds the blob, or None for a store without files; raises BlobMissing if it should be there."""

    def exists(self, key: str) -> bool:
        """Whether a blob has this key."""

    def verify(self, key: str) -> bool:
        """Read the blob again: true if its bytes still have the hash in its key; raises BlobMissing."""

    def remove(self, key: str, *, unless_newer_than: float) -> bool:
        """Remove a blob that nothing needs any more, unless the same bytes were stored again since; done twice is done.

        Args:
            key: which.
            unless_newer_than: seconds since the epoch by this host's clock; a blob stored later stays.

        Returns:
            Whether it is gone.

        Raises:
            StoreUnavailable: it could not be removed now; ask again later.
        """

    def sweep(self) -> int:
        """Remove what writers that died left behind; returns how many partial files."""

    def list(self) -> Iterator[str]:
        """Every key in the store, in no promised order."""
