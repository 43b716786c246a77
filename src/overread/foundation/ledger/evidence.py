"""The registry of evidence: named facts that an inspector may see, computed from rows as at and known by a date.

Each area answers for itself in its `evidence.py`; governance/inspection asks them all and knows none of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Asked:
    """What is asked: a period, and from where it is looked at.

    Attributes:
        from_at, to_at: the period, from the one until before the other.
        as_at: the moment at which things are judged; what happened later has not happened.
        known_by: what was recorded later is not known.
    """

    from_at: datetime
    to_at: datetime
    as_at: datetime
    known_by: datetime

    @property
    def until(self) -> datetime:
        """The last moment that counts for rows that are recorded as they happen and never changed."""
        return min(self.as_at, self.known_by)


@dataclass(frozen=True)
class Found:
    """What an area answers.

    Attributes:
        headline: the fact in a few words, such as "12 of 13 in the agreed time".
        columns: heads of the rows.
        rows: the rows behind the headline, each as long as `columns`, in an order that is always the same. Patients
            appear by case number only.
        gaps: what is missing or overdue, each in words.
        newest, oldest: moments of the newest and the oldest row.
        good: what good looks like, shown where there are no rows.
    """

    headline: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    gaps: tuple[str, ...] = ()
    newest: datetime | None = None
    oldest: datetime | None = None
    good: str = ""


@dataclass(frozen=True)
class Fact:
    """A registered fact: its name, what it is called, which topics and regulations it speaks to, who answers.

    `first` puts it on the first page of a pack: what was done about the last inspection's findings.
    """

    name: str
    title: str
    topics: tuple[str, ...]
    regulations: tuple[str, ...]
    ask: Callable[[Asked], Found]
    first: bool = False


EVIDENCE: dict[str, Fact] = {}


def evidence(
    name: str, *, title: str, topics: tuple[str, ...], regulations: tuple[str, ...], first: bool = False
) -> Callable[[Callable[[Asked], Found]], Callable[[Asked], Found]]:
    """Register a fact under its name, such as "case.turnaround".

    Args:
        name: "area.fact", unique in the house.
        title: what pages and packs call it.
        topics: at least one key of the topics of governance/inspection/rules (REQ-01).
        regulations: at least one regulation of the 2014 regulations, such as "17" (REQ-01).
        first: whether it belongs on the first page of a pack.

    Raises:
        ValueError: the name is taken, or it names no topic or no regulation.
    """

    def register(function: Callable[[Asked], Found]) -> Callable[[Asked], Found]:
        known = EVIDENCE.get(name)
        if known is not None and known.ask.__module__ != function.__module__:
            raise ValueError(f"Evidence {name} exists already in {known.ask.__module__}.")
        if not topics or not regulations:
            raise ValueError(f"Evidence {name} must name at least one topic and one regulation (REQ-01).")
        EVIDENCE[name] = Fact(name, title, topics, regulations, function, first)
        return function

    return register


class Spread(TypedDict):
    """The newest and the oldest of some moments."""

    newest: datetime | None
    oldest: datetime | None


def spread(moments: Iterable[object]) -> Spread:
    """The newest and the oldest of some moments, as arguments of `Found`."""
    held = [m for m in moments if isinstance(m, datetime)]
    return {"newest": max(held, default=None), "oldest": min(held, default=None)}
