"""Bytes of stored objects for the web: metadata, frames and pictures, read in a few threads of their own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

Json = dict[str, Any]
Result = TypeVar("Result")


class NoSuchFrame(Exception):
    """The object has no such frame, or no pixels: 404."""


class NotRenderable(Exception):
    """The object cannot be drawn or decoded here: 406."""


@dataclass(frozen=True)
class Frame:
    """One frame's bytes and the transfer syntax they are in."""

    content: bytes
    transfer_syntax: str


@dataclass(frozen=True)
class Picture:
    """A drawing of an object, for a list or a page, never for reading."""

    content: bytes
    media_type: str


@dataclass(frozen=True)
class Readers:
    """The functions that open a file; each takes a local path and may block.

    Attributes:
        metadata: the object in the DICOM JSON model (PS3.18 F), without pixels and private binary values.
        frame: frame `n` (1 is the first) as stored, or from the lossless cache.
        native: frame `n` decoded to Explicit VR Little Endian.
        picture: frame `n` drawn with its own window, not larger than the number of pixels given.
    """

    metadata: Callable[[Path], Json]
    frame: Callable[[Path, int], Frame]
    native: Callable[[Path, int], Frame]
    picture: Callable[[Path, int, int], Picture]


@dataclass
class Objects:
    """Runs readers off the event loop; metadata of recently asked objects is held in memory (never on a disk).

    Args:
        readers: how files are opened.
        threads: how many at a time.
        held: how many datasets to keep; about 6 kB each.
    """

    readers: Readers
    threads: int = 4
    held: int = 6000
    _pool: ThreadPoolExecutor = field(init=False)
    _metadata: OrderedDict[tuple[str, int, int], Json] = field(init=False, default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=self.threads, thread_name_prefix="dicomweb")

    async def metadata(self, path: Path) -> Json:
        """The dataset of a file; treat it as read-only."""
        return await self._run(self._metadata_of, path)

    async def all_metadata(self, paths: list[Path]) -> list[Json]:
        """The datasets of several files, in one turn of a thread."""
        return await self._run(lambda: [self._metadata_of(path) for path in paths])

    async def frame(self, path: Path, number: int) -> Frame:
        """Frame `number`, as stored."""
        return await self._run(self.readers.frame, path, number)

    async def native(self, path: Path, number: int) -> Frame:
        """Frame `number`, decoded."""
        return await self._run(self.readers.native, path, number)

    async def picture(self, path: Path, number: int, pixels: int) -> Picture:
        """Frame `number`, drawn."""
        return await self._run(self.readers.picture, path, number, pixels)

    async def whole(self, path: Path) -> bytes:
        """The file's bytes."""
        return await self._run(path.read_bytes)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _metadata_of(self, path: Path) -> Json:
        state = path.stat()
        key = (str(path), state.st_mtime_ns, state.st_size)
        found = self._metadata.get(key)
        if found is None:
            found = self.readers.metadata(path)
            self._metadata[key] = found
            while len(self._metadata) > self.held:
                self._metadata.popitem(last=False)
        return found

    async def _run(self, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
