"""Whose turn it is in a thread of questions, and when somebody is reminded: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Party(StrEnum):
    """The two sides of a thread."""

    CLIENT = "client"
    PROVIDER = "provider"


class QueryState(StrEnum):
    """Where a query stands."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class QueryFacts:
    """What decides about the clock.

    Attributes:
        waits_for_client: it is open, and the client's turn.
        reason: the agreed reason for which the clock may stand; "" when it runs on.
        paused_from: when this query stopped the clock, if it did.
    """

    waits_for_client: bool
    reason: str
    paused_from: datetime | None


def must_stand(queries: Iterable[QueryFacts]) -> str:
    """The reason for which the clock must stand because of these queries, or "" (REQ-51)."""
    return next((q.reason for q in queries if q.waits_for_client and q.reason), "")


def may_resume(queries: Iterable[QueryFacts], paused_from: datetime | None) -> bool:
    """Whether an answer lets the clock run on: a query stopped it, and none needs it to stand any longer.

    Args:
        queries: all of the case.
        paused_from: when the pause began that is open now; None when there is none.
    """
    known = list(queries)
    ours = paused_from is not None and any(q.paused_from == paused_from for q in known)
    return ours and not must_stand(known)


def remind_at(at: datetime, wait: timedelta) -> datetime:
    """When the side whose turn it is is reminded; the reminders go on until it answers."""
    return at + wait


def call_due(reminders: int, most: int) -> bool:
    """Whether reminders have had their chance, so that a person must telephone.

    Args:
        reminders: how many were sent.
        most: after how many a person telephones.
    """
    return reminders >= most
