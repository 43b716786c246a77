"""Time that passes: what was arranged happens in order, and whatever falls due in between is done by the product itself."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from overread.foundation.clock import queries as clock_queries
from overread.foundation.clock import sweeper
from overread.foundation.work.running import drain
from overread.site.simulation.moved_time import MovedTime

MOST_ROUNDS = 100_000


class Agenda:
    """What people will do, by time. The product's own deadlines and jobs need no entry."""

    def __init__(self, clock: MovedTime) -> None:
        self.clock = clock
        self._entries: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()

    def at(self, moment: datetime, do: Callable[[], None]) -> None:
        """Arrange something for a moment; one that has passed means at once."""
        heapq.heappush(self._entries, (moment, next(self._numbers), do))

    def run(self, until: datetime) -> None:
        """Let time pass until a moment."""
        while self._entries and self._entries[0][0] < until:
            moment, _, do = heapq.heappop(self._entries)
            self._pass_time(moment)
            do()
        self._pass_time(until)

    def _pass_time(self, moment: datetime) -> None:
        """Do the product's own work up to a moment: jobs at once, each deadline at its time.

        Raises:
            RuntimeError: it never comes to rest.
        """
        for _ in range(MOST_ROUNDS):
            drain()
            due = clock_queries.next_due()
            if due is None or due > moment:
                self.clock.go_to(moment)
                drain()
                return
            self.clock.go_to(due)
            sweeper.fire_due()
        raise RuntimeError("The house does not come to rest: something falls due again and again.")
