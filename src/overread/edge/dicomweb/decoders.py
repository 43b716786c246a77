"""A few processes that decode pixels, so that a frame made to kill its reader kills none but them (RELIABILITY 0.6, F41).

Each lives long and decodes one frame at a time (`decoding_child.py`). One that dies, lies about its answer or
outstays its time is killed and replaced. A frame whose process was killed from outside is tried once more; one that
broke its limits is refused with a reason, and the next frame decodes.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

from overread.edge.dicomweb.decoding_child import HEAD, MOST_HEAD
from overread.journey.archive.formats.pixels import DecodeError, FrameError, TooLarge

Source = Path | bytes
Made = tuple[bytes, str]

_PIPE_BYTES: Final = 1 << 20
_MOST_ANSWER: Final = 450_000_000  # 50 million samples of 32 bits, and room; more is a lie
_FRAMES_OF_A_LIFE: Final = 10_000  # then a fresh process: no leak of a decoder lasts
_FOUND_BROKEN: Final = {"large": TooLarge, "undecodable": DecodeError, "no-frame": FrameError, "unread": FrameError}
_QUIET: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
_PLACES: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # where Python finds itself; no secret is handed on


class NoDecoder(Exception):
    """No process could be started, or was killed twice over one frame: for the moment nothing can be decoded."""


@dataclass(frozen=True)
class Limits:
    """What one frame may use.

    Attributes:
        memory_bytes: address space of the process, libraries included, on top of the object itself.
        cpu_seconds: of processor time.
        wall_seconds: until the process is killed, whatever it does.
    """

    memory_bytes: int = 1_500_000_000
    cpu_seconds: int = 30
    wall_seconds: float = 60.0


class _Died(Exception):
    """The process has gone; `by` is the signal that ended it, 0 if none did."""

    def __init__(self, by: int) -> None:
        super().__init__(by)
        self.by = by


class _Late(Exception):
    """The process did not answer in time."""


class _Child:
    """One process and its two pipes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.process = subprocess.Popen(
            [sys.executable, "-m", "overread.edge.dicomweb.decoding_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_QUIET | {name: os.environ[name] for name in _PLACES if name in os.environ},
            cwd="/",
            start_new_session=True,
            bufsize=0,
        )
        self.pid = self.process.pid
        self.frames = 0
        self._ready = False
        self.end = weakref.finalize(self, _end, self.process)
        self._to, self._from = (cast(IO[bytes], pipe).fileno() for pipe in (self.process.stdin, self.process.stdout))
        for pipe in (self._to, self._from):
            os.set_blocking(pipe, False)
            if hasattr(fcntl, "F_SETPIPE_SZ"):
                with contextlib.suppress(OSError):  # a user's pipes may be rationed; the default size is slower only
                    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def work(self, asked: dict[str, Any], source: Source) -> Made:
        """One frame. Raises what the frame deserves, or _Died, or _Late."""
        until = time.monotonic() + self._limits.wall_seconds
        if not self._ready:
            self._read(HEAD.size, until)
            self._ready = True
        self.frames += 1
        request = asked | {
            "path": None if isinstance(source, bytes) else str(source),
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": self._limits.cpu_seconds,
        }
        head = json.dumps(request).encode()
        self._write(HEAD.pack(len(head)) + head, until)
        if isinstance(source, bytes):
            self._write(source, until)
        return self._answer(until)

    def _answer(self, until: float) -> Made:
        (size,) = HEAD.unpack(self._read(HEAD.size, until))
        if size > MOST_HEAD:
            raise _Died(0)
        try:
            head = json.loads(self._read(size, until))
            state, syntax, length = str(head["state"]), str(head["syntax"]), int(head["length"])
        except (ValueError, KeyError, TypeError):
            raise _Died(0) from None
        if not 0 <= length <= _MOST_ANSWER:
            raise _Died(0)
        content = self._read(length, until)
        if state != "done":
            raise _FOUND_BROKEN.get(state, DecodeError)("The frame cannot be decoded.")
        return content, syntax

    def _read(self, length: int, until: float) -> bytes:
        room = memoryview(bytearray(length))
        got = 0
        while got < length:
            try:
                count = os.readv(self._from, [room[got:]])
            except BlockingIOError:
                self._wait(self._from, select.POLLIN, until)
                continue
            if count == 0:
                raise _Died(self._signal())
            got += count
        return bytes(room)

    def _write(self, content: bytes, until: float) -> None:
        left = memoryview(content)
        while left:
            try:
                left = left[os.write(self._to, left) :]
            except BlockingIOError:
                self._wait(self._to, select.POLLOUT, until)
            except BrokenPipeError:
                raise _Died(self._signal()) from None

    def _wait(self, pipe: int, what: int, until: float) -> None:
        asking = select.poll()
        asking.register(pipe, what)
        if not asking.poll(max(0.0, until - time.monotonic()) * 1000):
            raise _Late

    def _signal(self) -> int:
        return max(0, -self.process.wait())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


class Decoders:
    """Decodes frames elsewhere; safe to call from as many threads as there are processes.

    Args:
        count: how many processes; they are started when first needed, or by `warm`.
        limits: what one frame may use.
    """

    def __init__(self, count: int = 2, limits: Limits | None = None) -> None:
        self.count = count
        self._limits = limits or Limits()
        self._places = threading.BoundedSemaphore(count)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: list[_Child] = []
        self._closed = False

    @property
    def busy(self) -> list[int]:
        """The processes that have a frame in hand."""
        with self._lock:
            return [child.pid for child in self._busy]

    def warm(self) -> None:
        """Start what is missing, without waiting until it is ready."""
        with self._lock:
            while not self._closed and len(self._idle) + len(self._busy) < self.count:
                self._idle.append(_Child(self._limits))

    def htj2k(self, source: Source, number: int) -> Made:
        """As `formats.pixels.htj2k`; also TooLarge for a frame that broke its limits, and NoDecoder."""
        return self._decoded({"work": "htj2k", "number": number}, source)

    def native(self, source: Source, number: int) -> Made:
        """As `formats.pixels.native`; also TooLarge for a frame that broke its limits, and NoDecoder."""
        return self._decoded({"work": "native", "number": number}, source)

    def thumbnail(self, source: Source, number: int | None, side: int) -> bytes:
        """As `formats.pixels.thumbnail`; also TooLarge for a frame that broke its limits, and NoDecoder."""
        return self._decoded({"work": "thumbnail", "number": number, "side": side}, source)[0]

    def close(self) -> None:
        """End the processes; a frame in hand is lost."""
        with self._lock:
            self._closed = True
            children, self._idle = [*self._idle, *self._busy], []
        for child in children:
            child.end()

    def _decoded(self, asked: dict[str, Any], source: Source) -> Made:
        asked["length"] = len(source) if isinstance(source, bytes) else source.stat().st_size
        for _ in range(2):
            try:
                with self._borrowed() as child:
                    return child.work(asked, source)
            except _Late:
                raise TooLarge("The frame was not decoded in time.") from None
            except _Died as death:
                if death.by == signal.SIGXCPU:
                    raise TooLarge("The frame needs more time than an image may.") from None
                if death.by != signal.SIGKILL:
                    raise DecodeError("The frame broke its decoder.") from None
        raise NoDecoder

    @contextlib.contextmanager
    def _borrowed(self) -> Iterator[_Child]:
        """A process for one frame; it comes back only if it answered."""
        with self._places:
            child = self._taken()
            whole = False
            try:
                yield child
                whole = True
            except FrameError:
                whole = True
                raise
            finally:
                with self._lock:
                    self._busy.remove(child)
                    keep = whole and child.frames < _FRAMES_OF_A_LIFE and not self._closed
                    if keep:
                        self._idle.append(child)
                if not keep:
                    child.end()

    def _taken(self) -> _Child:
        with self._lock:
            if self._closed:
                raise NoDecoder
            child = None
            while self._idle and child is None:
                candidate = self._idle.pop()
                if candidate.process.poll() is None:
                    child = candidate
                else:
                    candidate.end()
            try:
                child = child or _Child(self._limits)
            except OSError:
                raise NoDecoder from None
            self._busy.append(child)
            return child
