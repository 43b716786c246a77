"""How many connections there may be, and whose go first when there are too many.

A connection is half open until its sender is admitted. When all slots are taken, the oldest half-open connection makes
room: whoever only connects and waits cannot keep an admitted sender out (RELIABILITY F11, F12).
"""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from overread.edge.dimse.limits import Limits


@dataclass(slots=True)
class Slot:
    """One connection: its address, how to close it from outside, and the client once it is admitted."""

    number: int
    address: str
    close: Callable[[], None]
    client_id: str | None = None


class Slots:
    """The slots of one listener; safe for many threads."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._taken: dict[int, Slot] = {}
        self._by_address: Counter[str] = Counter()

    def take(self, address: str, close: Callable[[], None]) -> Slot | None:
        """A slot for a new connection, or None: close it. May close the oldest half-open connection instead."""
        with self._lock:
            victim = None
            if self._by_address[address] >= self._limits.connections_per_address:
                victim = self._oldest_half_open(address)
                if victim is None:
                    return None
            elif len(self._taken) >= self._limits.connections:
                victim = self._oldest_half_open(None)
                if victim is None:
                    return None
            if victim is not None:
                self._remove(victim)
            slot = Slot(next(self._numbers), address, close)
            self._taken[slot.number] = slot
            self._by_address[address] += 1
        if victim is not None:
            victim.close()
        return slot

    def admit(self, slot: Slot, client_id: str) -> bool:
        """Mark a connection as a client's; False if the client has as many as it may, or the slot was taken away."""
        with self._lock:
            if slot.number not in self._taken:
                return False
            held = sum(1 for other in self._taken.values() if other.client_id == client_id)
            if held >= self._limits.associations_per_client:
                return False
            slot.client_id = client_id
            return True

    def release(self, slot: Slot) -> None:
        """Give a slot back; harmless if it was taken away before."""
        with self._lock:
            self._remove(slot)

    def count(self) -> int:
        """How many slots are taken."""
        with self._lock:
            return len(self._taken)

    def _oldest_half_open(self, address: str | None) -> Slot | None:
        for slot in self._taken.values():
            if slot.client_id is None and address in (None, slot.address):
                return slot
        return None

    def _remove(self, slot: Slot) -> None:
        if self._taken.pop(slot.number, None) is None:
            return
        self._by_address[slot.address] -= 1
        if self._by_address[slot.address] <= 0:
            del self._by_address[slot.address]
