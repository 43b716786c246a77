"""Frames counted by person, series and minute: the first is in the ledger before it is sent, the sum when the minute is over.

If the service dies, an inspector still finds who had frames of which series in which minute; what is lost at most is how
many they were in the minutes not yet summed (DESIGN.md 3, "Reads of images and reports"). A sum that cannot be written
is kept and tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from overread.edge.dicomweb.access import Access, NotRecorded, Resolver, StudyRef

MINUTE: Final = timedelta(minutes=1)
_LEEWAY_SECONDS: Final = 1.0


@dataclass
class _Sum:
    """One person, one series, one minute."""

    access: Access
    study: StudyRef
    series: str
    minute: datetime
    begun: asyncio.Task[None] | None = None
    frames: int = 0


@dataclass
class FrameMinutes:
    """Counts the frames that leave by one door.

    Args:
        resolver: writes the entries.
        now: the time of day; tests move it.
    """

    resolver: Resolver
    now: Callable[[], datetime]
    _sums: dict[tuple[object, ...], _Sum] = field(init=False, default_factory=dict)
    _later: asyncio.TimerHandle | None = field(init=False, default=None)
    _writing: set[asyncio.Task[None]] = field(init=False, default_factory=set)

    async def begin(self, access: Access, study: StudyRef, series: str) -> Callable[[int], None]:
        """Record that frames of this series are about to be sent in this minute.

        Returns:
            What to call with each number of frames sent.

        Raises:
            NotRecorded: the entry could not be written, so nothing may be sent.
        """
        minute = self.now().replace(second=0, microsecond=0)
        key = (access.caller, access.case_id, study.client_id, study.uid, series, minute)
        found = self._sums.get(key)
        if found is None:
            found = self._sums[key] = _Sum(access, study, series, minute)
            found.begun = asyncio.ensure_future(_now(self.resolver, found))
            self._flush_before(minute)
        if found.begun is not None:
            try:
                # Shielded: a caller that hangs up must not cancel the entry that others wait for.
                await asyncio.shield(found.begun)
            except BaseException:
                if self._sums.get(key) is found and (found.begun is None or found.begun.done()):
                    self._sums.pop(key, None)
                raise
            found.begun = None

        def sent(frames: int) -> None:
            found.frames += frames
            self._sums.setdefault(
                key, found
            )  # the minute may have been written meanwhile: the rest is a sum of its own
            self._wake()

        return sent

    async def flush(self, before: datetime | None = None) -> None:
        """Write the sums of minutes that began before a moment; of all minutes if None is given."""
        for key, found in list(self._sums.items()):
            if (before is not None and found.minute >= before) or found.begun is not None:
                continue
            frames, found.frames = found.frames, 0
            if not frames:
                self._sums.pop(key, None)
                continue
            try:
                await self.resolver.frames(found.access, found.study, found.series, found.minute, frames)
            except NotRecorded:
                found.frames += frames
                return
            if not found.frames:
                self._sums.pop(key, None)

    def _flush_before(self, minute: datetime) -> None:
        task = asyncio.ensure_future(self.flush(before=minute))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def _wake(self) -> None:
        """See to it that this minute's sums are written soon after its end, also if no other frame is asked for."""
        loop = asyncio.get_running_loop()
        if self._later is not None and not self._later.cancelled() and self._later.when() > loop.time():
            return
        now = self.now()
        rest = (now.replace(second=0, microsecond=0) + MINUTE - now).total_seconds()
        self._later = loop.call_later(rest + _LEEWAY_SECONDS, self._minute_over)

    def _minute_over(self) -> None:
        self._later = None
        self._flush_before(self.now().replace(second=0, microsecond=0))
        if self._sums:
            self._wake()


async def _now(resolver: Resolver, found: _Sum) -> None:
    await resolver.opened(found.access, found.study, found.series, since=found.minute)
