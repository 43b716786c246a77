"""Blobs in a local folder, written so that an acknowledged blob survives a power cut.

Order of a write (RELIABILITY 0.7, PERFORMANCE 6): bytes to a partial file on the same file system, fsync of the file,
link() to the final name, fsync of its folder and, once per process, of the folder that holds that one. There is no switch that
leaves a sync out. A partial file is held under flock by its writer, so a sweep removes only what the dead left.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from overread.foundation.blobs.blob import (
    CHUNK,
    BlobMissing,
    BlobRef,
    Bytes,
    StoreBroken,
    StoreFull,
    sha256_of,
)
from overread.foundation.blobs.crash import crash_point
from overread.foundation.blobs.partial import PartialWriter, free_bytes, refusal, sweep_partials, sync_folder

RESERVE_BYTES = 512 * 1024 * 1024
_CHECK_SPACE_EVERY = 64 * 1024 * 1024


class LocalWriter(PartialWriter):
    """One blob on its way into a LocalStore; made by `LocalStore.writer`."""

    def __init__(self, store: "LocalStore", expected: int) -> None:
        self._store = store
        self._next_check = _CHECK_SPACE_EVERY
        store.demand_space(expected)
        super().__init__(store.incoming)

    def write(self, data: Bytes) -> None:
        """Add bytes; raises StoreFull when the reserve is touched, StoreUnavailable when writing fails."""
        if self._length >= self._next_check:
            self._next_check = self._length + _CHECK_SPACE_EVERY
            self._store.demand_space(0)
        super().write(data)

    def _place(self, partial: Path, handle: int, ref: BlobRef) -> None:
        """Sync, link to the final name, sync the folder. Raises StoreBroken if a sync fails: the process must stop."""
        self._store.sync_file(handle)
        crash_point("blob.synced")
        self._store.place(partial, ref)


class LocalStore:
    """Blobs under `root`: `root/sha256/ab/cd/<hex>`, partial files in `root/incoming`.

    `reserve_bytes` of free space are kept for reading and signing: below it new blobs are refused with StoreFull.
    """

    def __init__(self, root: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        self.root = root
        self.reserve_bytes = reserve_bytes
        self.incoming = root / "incoming"
        self._durable: set[Path] = set()
        self._broken = False
        try:
            self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            for number in range(256):
                (root / "sha256" / f"{number:02x}").mkdir(parents=True, exist_ok=True, mode=0o700)
            sync_folder(root / "sha256")
            sync_folder(root)
            sync_folder(root.parent)
        except OSError as error:
            raise refusal(error) from error

    # --- writing ---------------------------------------------------------------------------------------------------

    def writer(self, expected: int = 0) -> LocalWriter:
        """Begin a blob of about `expected` bytes; raises StoreFull, StoreUnavailable or StoreBroken."""
        if self._broken:
            raise StoreBroken("an earlier sync failed; restart this process")
        return LocalWriter(self, expected)

    def put(self, data: Bytes) -> BlobRef:
        """Store bytes that are already in memory."""
        with self.writer(len(data)) as writer:
            writer.write(data)
            return writer.commit()

    def demand_space(self, expected: int) -> None:
        """Raise StoreFull unless `expected` more bytes leave the reserve untouched."""
        if free_bytes(self.root) < self.reserve_bytes + expected:
            raise StoreFull("free space is down to the reserve that reading and signing need")

    def sync_file(self, handle: int) -> None:
        """fsync; a failure marks the store broken for this process, since it cannot be repeated with meaning."""
        try:
            os.fsync(handle)
        except OSError as error:
            self._broken = True
            raise StoreBroken("the disk refused to make an image durable") from error

    def place(self, partial: Path, ref: BlobRef) -> None:
        """Give a synced partial file its final name without ever overwriting a healthy one, and sync the folder."""
        final = self.root / ref.key
        folder = final.parent
        try:
            folder.mkdir(exist_ok=True, mode=0o700)
            try:
                os.link(partial, final)
            except FileExistsError:
                self._meet_twin(partial, final, ref)
            crash_point("blob.linked")
        except OSError as error:
            raise refusal(error) from error
        self._sync_folder(folder)
        if folder not in self._durable:  # once per process, whoever made the folder
            self._sync_folder(folder.parent)
            self._durable.add(folder)
        crash_point("blob.folder_synced")

    def _meet_twin(self, partial: Path, final: Path, ref: BlobRef) -> None:
        """The name is taken, by the same bytes or by a rotten copy: our synced bytes take the name in one step.

        So a removal that goes on meanwhile (`remove`) can never take away what this write acknowledges.
        """
        os.replace(partial, final)

    def _sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.sync_file(handle)
        finally:
            os.close(handle)

    def remove(self, key: str, *, unless_newer_than: float) -> bool:
        """Remove a blob whose case is closed, unless the same bytes were stored again since; raises BadKey.

        A second write of the same bytes gives the name to its own file, so a file that was set aside and turns out to be
        a newer one goes back under its name: nothing that was acknowledged after the decision is lost (H02).

        Args:
            key: which.
            unless_newer_than: seconds since the epoch; a file written later stays.

        Returns:
            Whether it is gone.
        """
        final = self.root / self._checked(key)
        aside = self.incoming / f"{final.name}.removing"
        try:
            if final.stat().st_mtime > unless_newer_than:
                return False
            os.rename(final, aside)
        except FileNotFoundError:
            return True
        newer = aside.stat().st_mtime > unless_newer_than
        if newer and not final.exists():
            os.rename(aside, final)
        else:
            aside.unlink()
        self._sync_folder(final.parent)
        return not newer

    def sweep(self) -> int:
        """Remove partial files whose writer is dead; those of living processes are locked and stay."""
        return sweep_partials(self.incoming)

    # --- reading ---------------------------------------------------------------------------------------------------

    def open(self, key: str) -> BinaryIO:
        """A readable, seekable binary file; raises BlobMissing or BadKey."""
        try:
            return (self.root / self._checked(key)).open("rb")
        except FileNotFoundError as error:
            raise BlobMissing(key) from error

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; raises BlobMissing or BadKey."""
        with self.open(key) as blob:
            return os.pread(blob.fileno(), length, offset)

    def path(self, key: str) -> Path | None:
        """The file of the blob; raises BlobMissing or BadKey."""
        path = self.root / self._checked(key)
        if not path.is_file():
            raise BlobMissing(key)
        return path

    def exists(self, key: str) -> bool:
        """Whether a blob has this key."""
        return (self.root / self._checked(key)).is_file()

    def verify(self, key: str) -> bool:
        """Read every byte again and compare with the key; raises BlobMissing."""
        digest = hashlib.sha256()
        with self.open(key) as blob:
            while chunk := blob.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest() == sha256_of(key)

    def list(self) -> Iterator[str]:
        """Every key, in the order of the keys."""
        top = self.root / "sha256"
        for first in sorted(top.iterdir()):
            for second in sorted(first.iterdir()):
                for blob in sorted(second.iterdir()):
                    yield f"sha256/{first.name}/{second.name}/{blob.name}"

    @staticmethod
    def _checked(key: str) -> str:
        sha256_of(key)
        return key
