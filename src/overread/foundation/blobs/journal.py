"""The journal of received objects: written and synced before a sender is told "stored", read by the indexer.

Each process appends to segments of its own, `<nanoseconds>-<pid>-<random>.journal`, held under flock while it lives.
A line is `v1 CRC32 LENGTH JSON\n`: CRC-32 in 8 hexadecimal digits, length of the JSON in bytes. A line that is torn
by a crash fails its check and was never acknowledged. Several threads share one fsync (group commit).
"""

import fcntl
import json
import logging
import os
import secrets
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from overread.foundation.blobs.blob import StoreBroken
from overread.foundation.blobs.crash import crash_point
from overread.foundation.blobs.partial import refusal, sync_folder, write_all

SEGMENT_BYTES = 32 * 1024 * 1024
SUFFIX = ".journal"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One object that was received and stored: who sent it, which bytes, what it says it is.

    `source` is "dimse", "stow" or "upload"; `receipt_id` names the association, request or upload; `received_at` is
    an aware time. `calling_aet` and `sender_id` are empty where the source has none. UIDs are text from outside.
    """

    client_id: str
    source: str
    receipt_id: str
    sha256: str
    length: int
    key: str
    sop_class: str
    sop_instance: str
    study: str
    series: str
    transfer_syntax: str
    received_at: datetime
    calling_aet: str = ""
    peer: str = ""
    sender_id: str = ""


_FIELDS = {field.name for field in fields(Received)}


def encode(record: Received) -> bytes:
    """A record as one framed line; raises ValueError for a time without zone."""
    if record.received_at.tzinfo is None:
        raise ValueError("received_at needs a time zone")
    values = asdict(record) | {"received_at": record.received_at.isoformat()}
    body = json.dumps(values, separators=(",", ":"), sort_keys=True).encode()
    return b"v1 %08x %08d %s\n" % (zlib.crc32(body), len(body), body)


def decode(line: bytes) -> Received | None:
    """The record in a framed line, or None if the line is torn or damaged."""
    if not line.endswith(b"\n") or not line.startswith(b"v1 ") or len(line) < 22:
        return None
    body = line[21:-1]
    try:
        if len(body) != int(line[12:20]) or zlib.crc32(body) != int(line[3:11], 16):
            return None
        values = json.loads(body)
        values["received_at"] = datetime.fromisoformat(values["received_at"])
        return Received(**{name: value for name, value in values.items() if name in _FIELDS})
    except (ValueError, KeyError, TypeError):
        return None


class Journal:
    """Append-only journal of this process in `folder`; safe for many threads, one object per process."""

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._turn = threading.Condition()
        self._handle = -1
        self._size = 0
        self._written = 0
        self._synced = 0
        self._syncing = False
        self._broken = False
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sync_folder(folder.parent)

    def append(self, record: Received) -> None:
        """Write the record and return once it is durable.

        Raises StoreFull or StoreUnavailable if it could not be written, StoreBroken if a sync failed; in each case
        the object must not be acknowledged.
        """
        line = encode(record)
        with self._turn:
            ticket = self._write(line)
        crash_point("journal.written")
        self._wait_until_durable(ticket)
        crash_point("journal.synced")

    def close(self) -> None:
        """Release the segment: readers then see it as finished. A later append opens a new one."""
        with self._turn:
            while self._syncing:
                self._turn.wait()
            self._close_segment()

    def _write(self, line: bytes) -> int:
        while self._syncing and self._size >= self._segment_bytes:
            self._turn.wait()
        if self._broken:
            raise StoreBroken("an earlier sync of the journal failed; restart this process")
        try:
            if self._size >= self._segment_bytes and self._written == self._synced:
                self._close_segment()
            if self._handle < 0:
                self._open_segment()
            write_all(self._handle, line)
        except OSError as error:
            self._drop_torn_line()
            raise refusal(error) from error
        self._size += len(line)
        self._written += 1
        return self._written

    def _drop_torn_line(self) -> None:
        """After a failed write, cut back to the last whole line so that the next record starts on its own."""
        if self._handle < 0:
            return
        try:
            os.ftruncate(self._handle, self._size)
        except OSError:
            self._broken = True

    def _open_segment(self) -> None:
        while self._handle < 0:
            path = self._folder / f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_nlink == 0:  # a reader took the new file for a finished, empty one
                    os.close(handle)
                    continue
                sync_folder(self._folder)
            except OSError:
                os.close(handle)
                raise
            self._handle, self._size = handle, 0

    def _close_segment(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle, self._size = -1, 0

    def _wait_until_durable(self, ticket: int) -> None:
        """Lead one fsync for everybody who has written so far, or wait for the thread that leads."""
        while True:
            with self._turn:
                while self._syncing and self._synced < ticket:
                    self._turn.wait()
                if self._synced >= ticket:
                    return
                if self._broken:
                    raise StoreBroken("a sync of the journal failed; restart this process")
                self._syncing = True
                reach, handle = self._written, self._handle
            self._lead_sync(reach, handle)

    def _lead_sync(self, reach: int, handle: int) -> None:
        failed: OSError | None = None
        try:
            os.fsync(handle)
        except OSError as error:
            failed = error
        with self._turn:
            self._syncing = False
            if failed is None:
                self._synced = max(self._synced, reach)
            else:
                self._broken = True
            self._turn.notify_all()
        if failed is not None:
            raise StoreBroken("the disk refused to make the journal durable") from failed


class Reader:
    """Reads the segments of every process in `folder`; used by the indexer, which keeps the offsets it has done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def segments(self) -> list[str]:
        """Names of all segments, oldest first."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.glob(f"*{SUFFIX}"))

    def pending(self, segment: str, offset: int = 0) -> Iterator[tuple[Received, int]]:
        """Each record from byte `offset` on, with the offset to continue from once it is indexed.

        Stops before a torn last line, which a living writer may still complete. A damaged line followed by a whole
        one is passed over and logged: its object was never acknowledged, or the check of the store will name it.
        """
        try:
            with self._path(segment).open("rb") as lines:
                lines.seek(offset)
                skipped = 0
                for line in lines:
                    offset += len(line)
                    record = decode(line)
                    if record is None:
                        skipped += 1
                        continue
                    if skipped:
                        _log.error("damaged lines of the journal were passed over", extra={"skipped": skipped})
                        skipped = 0
                    yield record, offset
        except FileNotFoundError:
            return

    def is_live(self, segment: str) -> bool:
        """Whether the process that writes this segment still holds it."""
        try:
            handle = os.open(self._path(segment), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def orphans(self) -> list[str]:
        """Segments that no living process writes to: finished, or left by a process that died."""
        return [segment for segment in self.segments() if not self.is_live(segment)]

    def size(self, segment: str) -> int:
        """Length of a segment in bytes; 0 if it is gone. Equal to a kept offset: nothing new."""
        try:
            return self._path(segment).stat().st_size
        except FileNotFoundError:
            return 0

    def remove(self, segment: str, offset: int) -> bool:
        """Remove a segment that is indexed up to `offset`, unless a process still writes to it or records follow."""
        path = self._path(segment)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if next(self.pending(segment, offset), None) is not None:
                return False
            path.unlink()
            return True
        except BlockingIOError:
            return False
        finally:
            os.close(handle)

    def _path(self, segment: str) -> Path:
        if Path(segment).name != segment or not segment.endswith(SUFFIX):
            raise ValueError("not the name of a journal segment")
        return self._folder / segment
