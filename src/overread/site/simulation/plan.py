"""What will happen in a quarter, decided by a seed before it begins: the same seed, the same quarter. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

WEEKS: Final = 13
KINDS: Final = ("ct", "mr", "cbct", "second-opinion", "review")
WEIGHTS: Final = (10, 6, 4, 3, 1)
PRIORITIES: Final = ("routine", "urgent", "emergency")
PRIORITY_WEIGHTS: Final = (14, 4, 1)


def start_before(today: date, weeks: int = WEEKS) -> date:
    """The Monday so long ago that a quarter from it is over on the day before today, or a little earlier."""
    earliest = today - timedelta(weeks=weeks)
    return earliest - timedelta(days=earliest.weekday())


@dataclass(frozen=True)
class Arrival:
    """A referral with its images.

    Attributes:
        at: when both are there.
        kind: one of KINDS.
        priority: one of PRIORITIES.
        critical: the reader will find something that must be acted on.
        reader: "maren" or "tobias", who is at work then.
        read_minutes: from arrival to signature.
    """

    number: int
    at: datetime
    kind: str
    priority: str
    critical: bool
    reader: str
    read_minutes: int


@dataclass(frozen=True)
class Leave:
    """Somebody is away, first and last day."""

    who: str
    first: date
    last: date


@dataclass(frozen=True)
class Plan:
    """A whole quarter."""

    seed: int
    first: date
    last: date
    leaves: tuple[Leave, ...]
    arrivals: tuple[Arrival, ...]

    def away(self, who: str, day: date) -> bool:
        """Whether somebody is on leave on a day."""
        return any(one.who == who and one.first <= day <= one.last for one in self.leaves)


def weekdays(first: date, last: date) -> Iterator[date]:
    """The days from Monday to Friday."""
    day = first
    while day <= last:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def plan_of(seed: int, *, start: date, per_day: int = 3, weeks: int = WEEKS) -> Plan:
    """The quarter of a seed.

    Args:
        seed: any number.
        start: its first day.
        per_day: most arrivals on a weekday; at least one comes.
        weeks: how long it lasts.
    """
    chance = Random(seed)  # noqa: S311 a plan that anybody can make again is what is wanted
    last = start + timedelta(weeks=weeks, days=-1)
    away_from = start + timedelta(weeks=chance.randint(3, max(3, weeks - 3)))
    leaves = (Leave("tobias", away_from, away_from + timedelta(days=6)),) if weeks > 4 else ()
    plan = Plan(seed, start, last, leaves, ())
    arrivals: list[Arrival] = []
    for day in weekdays(start, last):
        for _ in range(chance.randint(1, per_day)):
            arrivals.append(_arrival(chance, plan, day, len(arrivals) + 1))
    ordered = tuple(sorted(arrivals, key=lambda a: (a.at, a.number)))
    return Plan(seed, start, last, leaves, ordered)


def _arrival(chance: Random, plan: Plan, day: date, number: int) -> Arrival:
    priority = chance.choices(PRIORITIES, PRIORITY_WEIGHTS)[0]
    kind = chance.choices(KINDS, WEIGHTS)[0]
    reader = chance.choice(("maren", "tobias"))
    if plan.away(reader, day):
        reader = "maren" if reader == "tobias" else "tobias"
    minutes = {"routine": (120, 900), "urgent": (30, 150), "emergency": (10, 40)}[priority]
    return Arrival(
        number=number,
        at=datetime.combine(day, time(8), UTC) + timedelta(minutes=chance.randint(0, 8 * 60)),
        kind=kind,
        priority=priority,
        critical=kind in {"ct", "mr"} and chance.random() < 0.12,
        reader=reader,
        read_minutes=chance.randint(*minutes),
    )
