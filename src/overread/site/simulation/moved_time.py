"""A clock that is moved by hand, for one process that nobody else shares."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

from overread.foundation.work.database import is_sqlite


class MovedTime:
    """The present of the simulation. It moves forward only."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def read(self) -> datetime:
        """The present; each reading is a microsecond later, so that no two things happen at the same moment."""
        self.now += timedelta(microseconds=1)
        return self.now

    def go_to(self, moment: datetime) -> None:
        """Let time pass until a moment; nothing happens when it has passed already."""
        self.now = max(self.now, moment)


@contextmanager
def moved_time(start: datetime) -> Iterator[MovedTime]:
    """Let this process live at another time: everything asks django.utils.timezone.now, and on SQLite so does the clock
    by which deadlines and jobs are judged.

    Raises:
        RuntimeError: the database has a clock of its own, which cannot be moved.
    """
    if not is_sqlite():
        raise RuntimeError("The simulation needs SQLite: PostgreSQL judges due times by a clock of its own.")
    clock, before = MovedTime(start), timezone.now
    timezone.now = clock.read
    try:
        yield clock
    finally:
        timezone.now = before
