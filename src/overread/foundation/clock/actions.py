"""Verbs of the clock. Deadlines are set and cancelled inside the actions of those who own the time."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from overread.foundation.clock.events import DeadlineFired
from overread.foundation.clock.models import BankHoliday, Deadline
from overread.foundation.clock.refusals import NobodyReacts, NotDue
from overread.foundation.clock.rules import DeadlineState, Nation, try_again_seconds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.moment import moment
from overread.foundation.work.reactions import publish, registered
from overread.foundation.work.refusals import BadInput, Conflict

LIVE = (DeadlineState.WAITING, DeadlineState.STUCK)


def _live(kind: str, subject_id: UUID) -> QuerySet[Deadline]:
    return Deadline.objects.filter(kind=kind, subject_id=subject_id, state__in=LIVE)


def _move(kind: str, subject_id: UUID, due_at: datetime, at: datetime) -> tuple[UUID, datetime] | None:
    """Move the live deadline, if there is one; its id and its former due time."""
    row = _live(kind, subject_id).select_for_update().first()
    if row is None:
        return None
    _live(kind, subject_id).filter(pk=row.pk).update(
        due_at=due_at, next_try_at=due_at, state=DeadlineState.WAITING, failures=0, last_error="", set_at=at
    )
    return row.pk, row.due_at


def _add(row: Deadline) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # somebody set the same one at the same moment
        return False
    return True


@action("clock.set_deadline")
def set_deadline(
    *,
    actor: Actor,
    kind: str,
    subject_id: UUID,
    due_at: datetime,
    client_id: UUID | None = None,
    case_id: UUID | None = None,
) -> UUID:
    """Set a deadline, or move the live one of the same kind and subject.

    Args:
        kind: "area.word"; reactions choose by it.
        subject_id: the row that it is about.
        due_at: when, timezone-aware. A time in the past fires at once.
        client_id: whose scope is opened to fire it; None for the provider's.
        case_id: the case whose timeline shows it.

    Returns:
        The deadline's id.

    Raises:
        ValueError: the due time has no offset.
    """
    if due_at.tzinfo is None:
        raise ValueError("A deadline needs a due time with an offset.")
    at = moment()
    facts: dict[str, str] = {"kind": kind, "subject_id": str(subject_id), "due_at": due_at.isoformat()}
    for _ in range(5):
        moved = _move(kind, subject_id, due_at, at)
        if moved is not None:
            facts["moved_from"] = moved[1].isoformat()
            note(subject=("deadline", moved[0]), client_id=client_id, case_id=case_id, facts=facts)
            return moved[0]
        row = Deadline(
            kind=kind,
            subject_id=subject_id,
            client_id=client_id,
            case_id=case_id,
            due_at=due_at,
            next_try_at=due_at,
            set_at=at,
        )
        if _add(row):
            note(subject=("deadline", row.pk), client_id=client_id, case_id=case_id, facts=facts)
            return row.pk
    raise Conflict("Others keep setting the same deadline. Try again.", code="deadline-busy")


@action("clock.cancel_deadline")
def cancel_deadline(*, actor: Actor, kind: str, subject_id: UUID) -> bool:
    """Cancel the live deadline of a kind and subject, a stuck one too.

    Returns:
        Whether there was one.
    """
    row = _live(kind, subject_id).select_for_update().first()
    if row is None:
        note(subject=(kind, subject_id), words="nothing-to-cancel")
        return False
    cancelled = _live(kind, subject_id).filter(pk=row.pk).update(state=DeadlineState.CANCELLED)
    facts = {"kind": kind, "subject_id": str(subject_id), "due_at": row.due_at.isoformat()}
    note(subject=("deadline", row.pk), client_id=row.client_id, case_id=row.case_id, facts=facts)
    return bool(cancelled)


@action("clock.fire_deadline")
def fire_deadline(*, actor: Actor, deadline_id: UUID, at: datetime) -> None:
    """Fire one deadline: mark it and let everybody react, in one transaction.

    Args:
        deadline_id: which.
        at: the present, by the database's clock.

    Raises:
        NotDue: it is not waiting any more, is not due, or another process is firing it now.
        NobodyReacts: no reaction is wired for its kind.
    """
    due = Deadline.objects.filter(pk=deadline_id, state=DeadlineState.WAITING, next_try_at__lte=at)
    row = due.select_for_update(skip_locked=True).first()
    if row is None or not due.update(state=DeadlineState.FIRED, fired_at=at):
        raise NotDue
    event = DeadlineFired(
        kind=row.kind, subject_id=row.subject_id, due_at=row.due_at, client_id=row.client_id, case_id=row.case_id
    )
    if not any(reaction.wants(event) for reaction in registered()):
        raise NobodyReacts(row.kind)
    facts = {
        "kind": row.kind,
        "subject_id": str(row.subject_id),
        "due_at": row.due_at.isoformat(),
        "late_ms": max(0, (at - row.due_at) // timedelta(milliseconds=1)),
    }
    note(subject=("deadline", row.pk), client_id=row.client_id, case_id=row.case_id, facts=facts)
    publish(event)


@action("clock.record_failure")
def record_failure(*, actor: Actor, deadline_id: UUID, at: datetime, error: str) -> DeadlineState:
    """Firing failed and was undone: try again soon, or after the third time put it into the visible list.

    Args:
        error: what failed and where, without data (work/failures.describe).

    Raises:
        NotDue: it is not waiting any more.
    """
    waiting = Deadline.objects.filter(pk=deadline_id, state=DeadlineState.WAITING)
    row = waiting.select_for_update().first()
    if row is None:
        raise NotDue
    failures = row.failures + 1
    wait = try_again_seconds(failures)
    state = DeadlineState.STUCK if wait is None else DeadlineState.WAITING
    waiting.update(failures=failures, last_error=error, state=state, next_try_at=at + timedelta(seconds=wait or 0.0))
    facts: dict[str, str | int] = {"kind": row.kind, "subject_id": str(row.subject_id), "failures": failures}
    note(subject=("deadline", row.pk), client_id=row.client_id, case_id=row.case_id, words=state.value, facts=facts)
    return state


@action("clock.retry_deadline")
def retry_deadline(*, actor: Actor, deadline_id: UUID) -> None:
    """Let a stuck deadline fire again at once; what follows is still dated at its due time.

    Raises:
        Conflict: it is not stuck any more.
    """
    row = Deadline.objects.filter(pk=deadline_id, state=DeadlineState.STUCK).select_for_update().first()
    if row is None:
        raise Conflict("This deadline is no longer in the list. Look at the list anew.", code="deadline-not-stuck")
    again = Deadline.objects.filter(pk=deadline_id, state=DeadlineState.STUCK)
    again.update(state=DeadlineState.WAITING, failures=0, next_try_at=moment())
    note(subject=("deadline", row.pk), client_id=row.client_id, case_id=row.case_id, facts={"kind": row.kind})


def _day_facts(nation: Nation, day: date) -> dict[str, str]:
    return {"nation": nation.value, "day": day.isoformat()}


@action("clock.add_bank_holiday")
def add_bank_holiday(*, actor: Actor, nation: Nation, day: date, name: str) -> None:
    """Enter a day on which a nation does not work, or give it another name. Deadlines already set do not move.

    Raises:
        BadInput: the name is empty.
    """
    if not name.strip():
        raise BadInput("A bank holiday needs a name.", errors={"name": "Enter the name of the holiday."})
    BankHoliday.objects.update_or_create(nation=nation.value, day=day, defaults={"name": name.strip()[:120]})
    note(subject=("bank_holiday", f"{nation.value}:{day.isoformat()}"), facts=_day_facts(nation, day))


@action("clock.remove_bank_holiday")
def remove_bank_holiday(*, actor: Actor, nation: Nation, day: date) -> None:
    """Take a day off the table. Deadlines already set do not move.

    Raises:
        Conflict: it is not in the table.
    """
    if not BankHoliday.objects.filter(nation=nation.value, day=day).delete()[0]:
        raise Conflict("This day is not in the table of bank holidays.", code="no-such-holiday")
    note(subject=("bank_holiday", f"{nation.value}:{day.isoformat()}"), facts=_day_facts(nation, day))
