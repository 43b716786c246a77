"""Answers that may be used again for a moment, so that 500 frames do not ask the database 500 times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
MOST = 2048


class Recent(Generic[Answer]):
    """Keeps answers for `seconds`; callers that ask for the same thing at the same time share one question.

    A failure is not kept. At most MOST answers are held; the oldest go first.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._held: dict[Hashable, tuple[float, asyncio.Task[Answer]]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer for `key`, asked for now unless a fresh one is held."""
        held = self._held.get(key)
        if held is None or held[0] <= self._clock() or held[1].cancelled():
            self._make_room()
            held = (self._clock() + self._seconds, asyncio.ensure_future(_run(ask)))
            self._held[key] = held
        try:
            # Shielded: a caller that hangs up must not cancel the answer that others wait for.
            return await asyncio.shield(held[1])
        except BaseException:
            if held[1].done() and self._held.get(key) is held:
                del self._held[key]
            raise

    def _make_room(self) -> None:
        now = self._clock()
        for key in [key for key, (until, _) in self._held.items() if until <= now]:
            del self._held[key]
        while len(self._held) >= MOST:
            del self._held[next(iter(self._held))]


async def _run(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    return await ask()
