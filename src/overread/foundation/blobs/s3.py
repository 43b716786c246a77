"""Blobs in S3 or a server that speaks its API, through obstore.

A blob is spooled to a file while it is hashed, put under its key (only if that is free at first, If-None-Match) with a
SHA-256 checksum that the server compares, and read back whole before it counts as stored: a server that loses or
changes bytes is noticed before the sender is told "stored" (RELIABILITY F35).
"""

import contextlib
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qs, urlsplit

import obstore
from django.utils import timezone
from obstore.exceptions import AlreadyExistsError
from obstore.exceptions import BaseError as ObstoreError
from obstore.store import S3Store as Bucket

from overread.foundation.blobs.blob import (
    CHUNK,
    BlobMissing,
    BlobRef,
    Bytes,
    StoreFull,
    StoreUnavailable,
    sha256_of,
)
from overread.foundation.blobs.crash import crash_point
from overread.foundation.blobs.partial import PartialWriter, free_bytes, sweep_partials
from overread.foundation.blobs.s3_removal import is_being_removed, remove, sweep_marks

# One conditional PUT holds the object in memory once; larger ones go up in parts after a look whether the key is free.
SINGLE_PUT_BYTES = 64 * 1024 * 1024
SPOOL_RESERVE_BYTES = 256 * 1024 * 1024


class S3Writer(PartialWriter):
    """One blob on its way into an S3Store; made by `S3Store.writer`."""

    def __init__(self, store: "S3Store") -> None:
        self._store = store
        super().__init__(store.spool)

    def _place(self, partial: Path, handle: int, ref: BlobRef) -> None:
        """Put, then read back; raises StoreUnavailable if the server does not hold exactly these bytes."""
        self._store.place(partial, ref)
        crash_point("blob.linked")


class S3Store:
    """Blobs in a bucket: `s3://bucket/prefix?region=eu-west-2&endpoint=https://host`.

    Credentials come from the usual AWS environment variables or the machine's role, never from the URL.
    """

    def __init__(self, url: str, spool: Path, *, timeout: str = "60s") -> None:
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        unknown = set(options) - {"region", "endpoint"}
        if parts.scheme != "s3" or not parts.netloc or unknown or "@" in parts.netloc:
            raise ValueError("write BLOBS_URL as s3://bucket/prefix?region=...&endpoint=...")
        spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.spool = spool
        self._bucket = Bucket(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=cast(Any, options | {"checksum_algorithm": "sha256"}),
            client_options={"allow_http": options.get("endpoint", "").startswith("http://"), "timeout": timeout},
        )

    # --- writing ---------------------------------------------------------------------------------------------------

    def writer(self, expected: int = 0) -> S3Writer:
        """Begin a blob of about `expected` bytes; raises StoreFull when the spool's disk is nearly full."""
        if free_bytes(self.spool) < SPOOL_RESERVE_BYTES + expected:
            raise StoreFull("the disk for images on their way to the object store is full")
        return S3Writer(self)

    def put(self, data: Bytes) -> BlobRef:
        """Store bytes that are already in memory."""
        with self.writer(len(data)) as writer:
            writer.write(data)
            return writer.commit()

    def place(self, spool: Path, ref: BlobRef) -> None:
        """Put the spooled bytes and read back what the server now holds; a copy from before is replaced in one step.

        So a rotten copy is healed, and a blob that came again is new to a removal that goes on meanwhile.
        """
        try:
            if not self._put_if_free(spool, ref):
                obstore.put(self._bucket, ref.key, spool, mode="overwrite")
            if not self.verify(ref.key):
                raise StoreUnavailable("the object store returned other bytes than it was given")
            if is_being_removed(self._bucket, ref.key):
                raise StoreUnavailable("the same image is just being removed; it can be sent again in a moment")
        except (ObstoreError, OSError, BlobMissing) as error:
            raise StoreUnavailable("the object store did not take an image") from error

    def remove(self, key: str, *, unless_newer_than: float) -> bool:
        """Remove a blob unless the same bytes were stored again since; raises BadKey or StoreUnavailable.

        In a bucket that keeps versions, the bytes stay as an old version: that is the bucket's own rule.
        """
        try:
            return remove(self._bucket, key, unless_newer_than)
        except (ObstoreError, OSError) as error:
            raise StoreUnavailable("the object store did not remove an image") from error

    def _put_if_free(self, spool: Path, ref: BlobRef) -> bool:
        try:
            if ref.length <= SINGLE_PUT_BYTES:
                obstore.put(self._bucket, ref.key, spool.read_bytes(), mode="create")
            elif self.exists(ref.key):
                return False
            else:  # the key is the hash of the bytes, so a race writes the same bytes twice
                obstore.put(self._bucket, ref.key, spool, chunk_size=16 * CHUNK, max_concurrency=2)
        except AlreadyExistsError:
            return False
        return True

    def sweep(self) -> int:
        """Remove spooled files whose writer is dead, and old marks of removals; a put itself is whole or absent."""
        with contextlib.suppress(ObstoreError, OSError):  # a server that is away: old marks do no harm, they go later
            sweep_marks(self._bucket, timezone.now())
        return sweep_partials(self.spool)

    # --- reading ---------------------------------------------------------------------------------------------------

    def open(self, key: str) -> BinaryIO:
        """A readable, seekable binary file; raises BlobMissing, BadKey or StoreUnavailable."""
        length = self._length(key)
        return cast(BinaryIO, io.BufferedReader(_Ranges(self, key, length), CHUNK))

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; raises BlobMissing, BadKey or StoreUnavailable."""
        end = min(offset + length, self._length(key))
        if end <= offset:
            return b""
        return self.fetch(key, offset, end)

    def fetch(self, key: str, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end` of a blob that is known to be that long."""
        try:
            return bytes(obstore.get_range(self._bucket, key, start=start, end=end))
        except FileNotFoundError as error:
            raise BlobMissing(key) from error
        except (ObstoreError, OSError) as error:
            raise StoreUnavailable("the object store does not answer") from error

    def path(self, key: str) -> Path | None:
        """None: there is no file; raises BadKey."""
        sha256_of(key)
        return None

    def exists(self, key: str) -> bool:
        """Whether a blob has this key; raises StoreUnavailable."""
        try:
            self._length(key)
        except BlobMissing:
            return False
        return True

    def verify(self, key: str) -> bool:
        """Read every byte again and compare with the key; raises BlobMissing or StoreUnavailable."""
        wanted = sha256_of(key)
        digest = hashlib.sha256()
        try:
            for chunk in obstore.get(self._bucket, key).stream(min_chunk_size=CHUNK):
                digest.update(chunk)
        except FileNotFoundError as error:
            raise BlobMissing(key) from error
        except (ObstoreError, OSError) as error:
            raise StoreUnavailable("the object store does not answer") from error
        return digest.hexdigest() == wanted

    def list(self) -> Iterator[str]:
        """Every key, in the order of the server; raises StoreUnavailable."""
        try:
            for batch in obstore.list(self._bucket, prefix="sha256"):
                for entry in batch:
                    yield entry["path"]
        except (ObstoreError, OSError) as error:
            raise StoreUnavailable("the object store does not answer") from error

    def _length(self, key: str) -> int:
        sha256_of(key)
        try:
            return int(obstore.head(self._bucket, key)["size"])
        except FileNotFoundError as error:
            raise BlobMissing(key) from error
        except (ObstoreError, OSError) as error:
            raise StoreUnavailable("the object store does not answer") from error


class _Ranges(io.RawIOBase):
    """A blob in the bucket as a raw file: each read is one ranged request."""

    def __init__(self, store: S3Store, key: str, length: int) -> None:
        super().__init__()
        self._store, self._key, self._length, self._at = store, key, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        end = min(self._at + len(view), self._length)
        if end <= self._at:
            return 0
        data = self._store.fetch(self._key, self._at, end)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
