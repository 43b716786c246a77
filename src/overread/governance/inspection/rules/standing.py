"""How a statement stands: does not apply, nothing on record, out of date, with gaps, or in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

OLD_DAYS = 365
"""Newest evidence older than this is listed (REQ-01: 12 months)."""


@dataclass(frozen=True)
class Held:
    """What one fact says: how many rows, gaps, newest row."""

    count: int
    gaps: int
    newest: datetime | None


@dataclass(frozen=True)
class Standing:
    """A state of the pages and its words."""

    state: str
    words: str
    gap: bool


def standing(excused: str, held: Sequence[Held], at: datetime) -> Standing:
    """How a statement stands by the facts that speak to it.

    Args:
        excused: why it does not apply; empty when it does.
        held: the facts of its topics.
        at: the moment at which it is judged.
    """
    if excused:
        return Standing("idle", "does not apply", False)
    gaps = sum(h.gaps for h in held)
    if not sum(h.count for h in held):
        return Standing("urg", "nothing on record", True)
    newest = max((h.newest for h in held if h.newest), default=None)
    if newest is not None and at - newest > timedelta(days=OLD_DAYS):
        return Standing("warn", "newest is over 12 months old", True)
    if gaps:
        return Standing("warn", f"{gaps} gap{'s' if gaps != 1 else ''}", True)
    return Standing("ok", "in order", False)
