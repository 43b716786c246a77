"""Periodic duties: what the worker does again and again besides jobs. Registered in site/wiring.py.

A duty is either done by every worker (it must then be safe to do twice at once, and should look before it writes),
or by one worker of all machines at a time, under a turn (`alone=True`).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from overread.foundation.work.failures import describe
from overread.foundation.work.models import Turn
from overread.foundation.work.moment import moment

log = logging.getLogger("overread.work")
TURN_LEASE_SECONDS = 300.0
LONGEST_PAUSE_SECONDS = 60.0
ALARM_AFTER = 3


@dataclass(frozen=True, slots=True)
class Duty:
    """What is done, and how often.

    Attributes:
        name: unique, for people and for the turn's row.
        every_seconds: pause between two rounds that found nothing to do.
        do: takes no arguments; returns something true when there is more to do at once.
        alone: whether only one worker of all machines may do it at a time.
    """

    name: str
    every_seconds: float
    do: Callable[[], Any]
    alone: bool = False


_duties: dict[str, Duty] = {}


def register_duty(name: str, every_seconds: float, do: Callable[[], Any], *, alone: bool = False) -> None:
    """Give the worker a periodic duty; see Duty for the arguments.

    Raises:
        ValueError: another duty has this name, or the pause is not positive.
    """
    if every_seconds <= 0:
        raise ValueError(f"The duty {name!r} needs a pause.")
    duty = Duty(name, every_seconds, do, alone)
    if _duties.setdefault(name, duty).do is not do:
        raise ValueError(f"Two duties are named {name!r}.")


def registered_duties() -> tuple[Duty, ...]:
    """All duties, by name."""
    return tuple(_duties[name] for name in sorted(_duties))


def pause_after(duty: Duty, failures: int) -> float:
    """Seconds until the next round; longer after failures in a row, so that a broken duty does not spin."""
    return duty.every_seconds if not failures else min(duty.every_seconds * 2.0**failures, LONGEST_PAUSE_SECONDS)


def _take_turn(duty: Duty) -> Any:
    """The turn's token, or None when it is not due or somebody else has it."""
    at = moment()
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    if Turn.objects.filter(pk=duty.name).exclude(free & Q(next_at__lte=at)).exists():
        return None
    token = uuid4()
    with transaction.atomic():
        Turn.objects.get_or_create(pk=duty.name, defaults={"next_at": at})
        taken = Turn.objects.filter(free, pk=duty.name, next_at__lte=at)
        lease = at + timedelta(seconds=TURN_LEASE_SECONDS)
        return token if taken.update(lease_token=token, lease_until=lease) else None


def _end_turn(duty: Duty, token: Any, *, more: bool, error: str = "") -> None:
    at = moment()
    row = Turn.objects.filter(pk=duty.name, lease_token=token)
    failures = 0 if not error else (row.values_list("failures", flat=True).first() or 0) + 1
    wait = 0.0 if more else pause_after(duty, failures)
    changes: dict[str, Any] = {"next_at": at + timedelta(seconds=wait), "lease_token": None, "lease_until": None}
    done = {"last_done_at": at} if not error else {}
    row.update(**changes, **done, failures=failures, last_error=error)


def do_duty(duty: Duty) -> bool:
    """One round of a duty.

    Returns:
        Whether there is more to do at once. What the duty raises is raised, after the turn has been given back.
    """
    if not duty.alone:
        return bool(duty.do())
    token = _take_turn(duty)
    if token is None:
        return False
    try:
        more = bool(duty.do())
    except Exception as error:
        _end_turn(duty, token, more=False, error=describe(error))
        raise
    _end_turn(duty, token, more=more)
    return more
