"""Blobs in S3 or a server that speaks its API, through obstore.

A blob is spooled to a file while it is hashed, put under its key only if the key is free (If-None-Match), with a
SHA-256 checksum that the server compares, and read back whole before it counts as stored: a server that loses or
changes bytes is noticed before the sender is told "stored" (RELIABILITY F35).
"""

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast
from urllib.parse import parse_qs, urlsplit

import obstore
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
    key_for,
    sha256_of,
)
from overread.foundation.blobs.crash import crash_point
from overread.foundation.blobs.partial import free_bytes, open_partial, refusal, sweep_partials, write_all

# One conditional PUT holds the object in memory once; larger ones go up in parts after a look whether the key is free.
SINGLE_PUT_BYTES = 64 * 1024 * 1024
SPOOL_RESERVE_BYTES = 256 * 1024 * 1024


class S3Writer:
    """One blob on its way into an S3Store; made by `S3Store.writer`."""

    def __init__(self, store: "S3Store") -> None:
        self._store = store
        self._hash = hashlib.sha256()
        self._length = 0
        self._partial, self._handle = open_partial(store.spool)

    @property
    def path(self) -> Path:
        """The spooled file, readable until `commit` or `abort`."""
        return self._partial

    def write(self, data: Bytes) -> None:
        """Add bytes; raises StoreFull if the spool's disk is full."""
        try:
            write_all(self._handle, data)
        except OSError as error:
            raise refusal(error) from error
        self._hash.update(data)
        self._length += len(data)

    def commit(self) -> BlobRef:
        """Put, then read back; raises StoreUnavailable if the server does not hold exactly these bytes."""
        sha256 = self._hash.hexdigest()
        ref = BlobRef(key_for(sha256), sha256, self._length)
        try:
            crash_point("blob.written")
            self._store.place(self._partial, ref)
            crash_point("blob.linked")
        finally:
            self.abort()
        return ref

    def abort(self) -> None:
        """Drop the spooled bytes; harmless after commit."""
        if self._handle < 0:
            return
        with contextlib.suppress(OSError):
            self._partial.unlink(missing_ok=True)
        os.close(self._handle)
        self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()


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
        """Put the spooled bytes unless a healthy copy is there, and read back what the server now holds."""
        try:
            if self._put_if_free(spool, ref) and self.verify(ref.key):
                return
            if self.verify(ref.key):  # the same bytes came before
                return
            obstore.put(self._bucket, ref.key, spool, mode="overwrite")  # heal a rotten copy
            if self.verify(ref.key):
                return
        except (ObstoreError, OSError, BlobMissing) as error:
            raise StoreUnavailable("the object store did not take an image") from error
        raise StoreUnavailable("the object store returned other bytes than it was given")

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
        """Remove spooled files whose writer is dead; a put itself is whole or absent."""
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
