"""Bytes of stored objects for the web: metadata and stored frames in a few threads, decoding in processes apart."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from overread.edge.dicomweb.decoders import Decoders, NoDecoder
from overread.journey.archive.formats import pixels
from overread.journey.archive.rules import Unreadable

Json = dict[str, Any]
Source = Path | bytes
Result = TypeVar("Result")

PICTURE_TYPE = "image/png"
BULK = "bulkdata"
MOST_WAITING: Final = 512
"""Frames that may wait for a decoder. A viewer asks for a few dozen at a time; what comes on top is told to come again."""


class NoSuchFrame(Exception):
    """The object has no such frame or value, or no pixels: 404."""


class NotRenderable(Exception):
    """The object cannot be drawn or decoded here: 406."""


class BeyondLimits(Exception):
    """Decoding it would cost more memory or time than any image needs: 422. The object itself can be fetched."""


class Busy(Exception):
    """Too many frames wait already, or no decoder can be had: 503."""


@dataclass(frozen=True)
class Frame:
    """One frame's bytes and the transfer syntax they are in."""

    content: bytes
    transfer_syntax: str


@dataclass
class Objects:
    """Opens objects off the event loop; metadata of recently asked objects is held in memory (never on a disk).

    Args:
        threads: how many objects are read at a time.
        held: how many datasets to keep, by the key of their bytes; about 6 kB each.
        decoders: the processes that decode.
        most_waiting: frames in the hands of decoders and before them; one more is told to come again.
    """

    threads: int = 4
    held: int = 6000
    decoders: Decoders = field(default_factory=lambda: Decoders(max(2, min(4, os.cpu_count() or 2))))
    most_waiting: int = MOST_WAITING
    _pool: ThreadPoolExecutor = field(init=False)
    _decoding: ThreadPoolExecutor = field(init=False)
    _waiting: int = field(init=False, default=0)
    _metadata: OrderedDict[str, Json] = field(init=False, default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=self.threads, thread_name_prefix="dicomweb")
        self._decoding = ThreadPoolExecutor(max_workers=self.decoders.count, thread_name_prefix="decoding")

    def known(self, key: str) -> Json | None:
        """The dataset of the bytes with this key, if it is held."""
        return self._metadata.get(key)

    async def metadata(self, key: str, source: Source) -> Json:
        """The object in the DICOM JSON model (PS3.18 F); treat it as read-only.

        Raises:
            NotRenderable: it is not a DICOM object.
        """
        self.decoders.warm()  # whoever asks for a header will ask for its pixels
        return await self._run(self._read_metadata, key, source)

    async def frame(self, source: Source, number: int, *, lossless_copy: bool) -> Frame:
        """Frame `number` (1 is the first) as stored, or as a lossless copy where one can be made.

        Raises:
            NoSuchFrame: there is none.
            BeyondLimits: it asks for more memory or time than an image needs.
            Busy: it cannot be decoded now.
        """
        if lossless_copy:
            try:
                return Frame(*await self._decoded(self.decoders.htj2k, source, number))
            except NotRenderable:
                pass  # no copy can be made of it: it goes out as it is
        return await self._run(_frame, source, number)

    async def native(self, source: Source, number: int) -> Frame:
        """Frame `number`, decoded to Explicit VR Little Endian. Raises as `frame`, and NotRenderable."""
        return Frame(*await self._decoded(self.decoders.native, source, number))

    async def picture(self, source: Source, number: int | None, side: int) -> bytes:
        """A PNG of a frame with its own window, at most `side` pixels wide and high. Raises as `native`."""
        return await self._decoded(self.decoders.thumbnail, source, number, side)

    async def bulk(self, source: Source, tag: int) -> bytes:
        """A value that the metadata gave by reference. Raises NoSuchFrame."""
        return await self._run(_bulk, source, tag)

    async def whole(self, source: Source) -> bytes:
        """All bytes."""
        return source if isinstance(source, bytes) else await self._run(source.read_bytes)

    def close(self) -> None:
        """Let threads and processes go."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._decoding.shutdown(wait=False, cancel_futures=True)
        self.decoders.close()

    def _read_metadata(self, key: str, source: Source) -> Json:
        try:
            found = pixels.dicom_json(source, bulk_data=BULK)
        except Unreadable:
            raise NotRenderable from None
        self._metadata[key] = found
        while len(self._metadata) > self.held:
            self._metadata.popitem(last=False)
        return found

    async def _decoded(self, work: Callable[..., Result], *arguments: object) -> Result:
        if self._waiting >= self.most_waiting:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._decoding, work, *arguments)
        except pixels.TooLarge:
            raise BeyondLimits from None
        except pixels.DecodeError:
            raise NotRenderable from None
        except (pixels.FrameError, Unreadable):
            raise NoSuchFrame from None
        except NoDecoder:
            raise Busy from None
        finally:
            self._waiting -= 1

    async def _run(self, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)


def _frame(source: Source, number: int) -> Frame:
    try:
        return Frame(*pixels.frame_bytes(source, number))
    except (pixels.FrameError, Unreadable):
        raise NoSuchFrame from None


def _bulk(source: Source, tag: int) -> bytes:
    try:
        return pixels.bulk_value(source, tag)
    except (pixels.FrameError, Unreadable):
        raise NoSuchFrame from None
