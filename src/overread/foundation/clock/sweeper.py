"""The sweep that fires due deadlines; a duty of every worker, safe in any number of processes."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from overread.foundation.clock.actions import fire_deadline, record_failure
from overread.foundation.clock.kinds import kind as kind_of
from overread.foundation.clock.models import Deadline
from overread.foundation.clock.refusals import NotDue
from overread.foundation.clock.rules import DeadlineState
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current
from overread.foundation.work.actor import Actor
from overread.foundation.work.failures import describe
from overread.foundation.work.moment import moment

log = logging.getLogger("overread.clock")
CLOCK = Actor.system("clock")


def _due(at: datetime, limit: int) -> Iterable[tuple[UUID, UUID | None]]:
    rows = Deadline.objects.filter(state=DeadlineState.WAITING, next_try_at__lte=at).order_by("next_try_at", "set_at")
    return list(rows.values_list("id", "client_id")[:limit])


def _still_waits(deadline_id: UUID, at: datetime) -> bool:
    """A look before taking a write lock, for when several processes work through the same list."""
    return Deadline.objects.filter(pk=deadline_id, state=DeadlineState.WAITING, next_try_at__lte=at).exists()


def _record(deadline_id: UUID, at: datetime, error: Exception) -> None:
    with suppress(NotDue):
        state = record_failure(actor=CLOCK, deadline_id=deadline_id, at=at, error=describe(error))
        level = logging.ERROR if state is DeadlineState.STUCK else logging.WARNING
        extra = {"deadline_id": str(deadline_id), "state": state.value, "error": describe(error)}
        log.log(level, "deadline could not be fired", extra=extra)


def _fire(deadline_id: UUID, client_id: UUID | None, at: datetime) -> bool:
    scope = Scope.client(client_id) if client_id else Scope.provider()
    with open_scope(scope, opened_by="worker"):
        try:
            fire_deadline(actor=CLOCK, deadline_id=deadline_id, at=at)
        except NotDue:
            return False
        except Exception as error:
            _record(deadline_id, at, error)
            return False
    return True


def fire_due(at: datetime | None = None, limit: int = 100) -> int:
    """Fire deadlines that are due, one transaction each, the longest overdue first.

    A deadline whose reaction fails is undone, tried again twice, and then stuck; the others go on.

    Args:
        at: the present; None for the database's clock. A later time fires what will be due then.
        limit: how many at most in this round.

    Returns:
        How many were fired; call again while it is not 0.
    """
    at = at or moment()
    fired = 0
    for deadline_id, client_id in _due(at, limit):
        if _still_waits(deadline_id, at) and _fire(deadline_id, client_id, at):
            fired += 1
    return fired


def watch(at: datetime | None = None) -> None:
    """Say so in the log when something is still due long after its time: firing is late, or fails."""
    at = at or moment()
    usual = current.duration("clock.alarm_after")
    for deadline_id, kind, due_at in Deadline.objects.filter(
        state=DeadlineState.WAITING, failures=0, next_try_at__lte=at - usual
    ).values_list("id", "kind", "due_at")[:20]:
        if at - due_at > (kind_of(kind).alarm_after or usual):
            seconds = (at - due_at).total_seconds()
            log.error("deadline late", extra={"deadline_id": str(deadline_id), "kind": kind, "seconds": seconds})


def forget_ended(limit: int = 1000) -> bool:
    """Remove deadlines that were fired or cancelled long ago; the ledger keeps what happened.

    Returns:
        Whether there may be more.
    """
    before = moment() - current.duration("clock.ended_kept")
    ended = Deadline.objects.filter(
        state__in=[DeadlineState.FIRED, DeadlineState.CANCELLED],
        due_at__lt=before,
        set_at__lt=before,
    )
    ids = list(ended.values_list("pk", flat=True)[:limit])
    return bool(ids) and Deadline.objects.filter(pk__in=ids).delete()[0] == limit
