"""Whether alerts are watched, and the heartbeat that says so outside (RELIABILITY 4.1, invariant 8; H20).

The worker's alert watch leaves the time of its last whole round in its turn. Every process that reads the database can
therefore see whether the watch lives: the beat goes out only when it does, and the web process raises its voice when it
does not (`site/silence.py`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from overread.edge.notify import heartbeat
from overread.foundation.clock import queries as clock
from overread.foundation.work import queries as work
from overread.foundation.work.moment import moment
from overread.site import config

WATCH = "escalation.watch"
BEAT = "escalation.beat"
EVERY_SECONDS = 60.0
LATE = timedelta(seconds=150)  # two rounds missed; with the switch's own grace an alarm follows within 3 minutes (F28)


class Watched(StrEnum):
    """Whether alerts are watched: yes, no longer, or never since this installation was made."""

    YES = "watched"
    SILENT = "silent"
    NEVER = "never"


class NotWatched(Exception):
    """No beat is sent, because the alert watch has not done its rounds; `words` say what is late."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Watch:
    """The state of the alert watch at a moment.

    Attributes:
        state: whether it does its rounds and due steps are taken.
        last_at: when it last did a whole round; None for never.
        step_late_seconds: how long the longest overdue deadline has waited; the ladder's steps are deadlines.
    """

    state: Watched
    last_at: datetime | None
    age_seconds: float | None
    step_late_seconds: float


@dataclass(frozen=True, slots=True)
class Outside:
    """The heartbeat to the outside: whether one is named, whether it was heard lately, and why not."""

    named: bool
    heard: bool
    last_at: datetime | None
    why: str


def watch(at: datetime | None = None) -> Watch:
    """Whether alerts are watched now.

    Args:
        at: the moment to judge; None for the database's clock.
    """
    at = at or moment()
    turn = work.turn(WATCH)
    last = turn.last_done_at if turn else None
    late = clock.health().oldest_due_seconds
    if last is None:
        return Watch(Watched.NEVER, None, None, late)
    age = (at - last).total_seconds()
    well = age <= LATE.total_seconds() and late <= LATE.total_seconds()
    return Watch(Watched.YES if well else Watched.SILENT, last, max(0.0, age), late)


def outside(at: datetime | None = None) -> Outside:
    """Whether the outside switch has heard of us lately.

    Args:
        at: the moment to judge; None for the database's clock.
    """
    if not config.value("OVERREAD_HEARTBEAT_URL"):
        return Outside(False, False, None, "none is named")
    at = at or moment()
    turn = work.turn(BEAT)
    last = turn.last_done_at if turn else None
    heard = last is not None and at - last <= LATE
    return Outside(True, heard, last, turn.last_error.partition("\n")[0] if turn else "")


def beat() -> None:
    """The worker's duty: tell the outside that alerts are watched, if they are.

    Raises:
        NotWatched: the watch has not done its round in time, or due steps are not taken: silence is the alarm.
        NotHeard: the switch did not hear it.
    """
    address = config.value("OVERREAD_HEARTBEAT_URL")
    if not address:
        return
    found = watch()
    if found.state is not Watched.YES:
        raise NotWatched("a due step waits" if found.step_late_seconds > LATE.total_seconds() else "no round was done")
    heartbeat.beat(address)
