"""Files on their way in: held under flock by their writer, so that a sweep removes only what the dead left."""

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from overread.foundation.blobs.blob import BlobRef, Bytes, StoreError, StoreFull, StoreUnavailable, key_for
from overread.foundation.blobs.crash import crash_point

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SUFFIX = ".part"


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refusal(error: OSError) -> StoreError:
    """The store's word for an operating system error while writing."""
    if error.errno in _FULL:
        return StoreFull("the disk that holds the images is full")
    code = errno.errorcode.get(error.errno or 0, "unknown")
    return StoreUnavailable(f"the folder of images cannot be written ({code})")


def write_all(handle: int, data: Bytes) -> None:
    """Write every byte or raise OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def free_bytes(folder: Path) -> int:
    """Free space for ordinary users on the disk of a folder, in bytes; raises StoreUnavailable."""
    try:
        state = os.statvfs(folder)
    except OSError as error:
        raise refusal(error) from error
    return state.f_bavail * state.f_frsize


def open_partial(folder: Path) -> tuple[Path, int]:
    """A new partial file and its handle, locked by this process; raises StoreFull or StoreUnavailable."""
    try:
        while True:
            path = folder / f"{os.getpid()}-{secrets.token_hex(8)}{_SUFFIX}"
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            if _locked(handle) and os.fstat(handle).st_nlink == 1:
                return path, handle
            os.close(handle)  # a sweep of another process looked in before us: leave this one to it
    except OSError as error:
        raise refusal(error) from error


def sweep_partials(folder: Path) -> int:
    """Remove partial files whose writer is dead; those of living processes stay. Returns how many went."""
    removed = 0
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            if _locked(handle):
                path.unlink(missing_ok=True)
                removed += 1
        finally:
            os.close(handle)
    return removed


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class PartialWriter(ABC):
    """One blob on its way into any store: written to a partial file and hashed; a store's own writer adds `_place`.

    Args:
        folder: where the partial file lies.
    """

    def __init__(self, folder: Path) -> None:
        self._hash = hashlib.sha256()
        self._length = 0
        self._partial, self._handle = open_partial(folder)

    @property
    def path(self) -> Path:
        """The partial file, readable until `commit` or `abort`."""
        return self._partial

    def write(self, data: Bytes) -> None:
        """Add bytes; raises StoreFull when the disk is full, StoreUnavailable when writing fails."""
        try:
            write_all(self._handle, data)
        except OSError as error:
            raise refusal(error) from error
        self._hash.update(data)
        self._length += len(data)

    def commit(self) -> BlobRef:
        """Make the bytes durable under their key, then return it; the partial file is gone, whatever happens."""
        sha256 = self._hash.hexdigest()
        ref = BlobRef(key_for(sha256), sha256, self._length)
        try:
            crash_point("blob.written")
            self._place(self._partial, self._handle, ref)
        finally:
            self.abort()
        return ref

    @abstractmethod
    def _place(self, partial: Path, handle: int, ref: BlobRef) -> None:
        """Give the written bytes to the store, durably, under the key of `ref`."""

    def abort(self) -> None:
        """Drop the partial file; harmless after commit."""
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
