"""Verbs of the clock. Deadlines are set and cancelled inside the actions of those who own the time."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from overread.foundation.clock.addressees import directory
from overread.foundation.clock.events import DeadlineFired, DigestDue
from overread.foundation.clock.kinds import duty_kind
from overread.foundation.clock.models import BankHoliday, CalendarFeed, Deadline, Duty, DutyNotice
from overread.foundation.clock.refusals import NobodyReacts, NotDue
from overread.foundation.clock.rules import (
    DeadlineState,
    DutyStep,
    Nation,
    StepKind,
    feed_hash,
    first_step,
    step_after,
    to_be_told,
    try_again_seconds,
)
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.thresholds import current
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.moment import moment
from overread.foundation.work.reactions import publish, registered
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound

LIVE = (DeadlineState.WAITING, DeadlineState.STUCK)
DUTY_KIND, DIGEST_KIND = "clock.duty", "clock.digest"
GATHER = timedelta(minutes=2)  # what falls due together goes into one mail
CHASED_AGAIN = timedelta(hours=1)


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


# --- duties -------------------------------------------------------------------------------------------------------


def _plan(actor: Actor, duty_id: UUID, step: DutyStep, client_id: UUID | None) -> None:
    Duty.objects.filter(pk=duty_id).update(next_step=step.kind, next_step_at=step.at, next_days=step.days)
    set_deadline(actor=actor, kind=DUTY_KIND, subject_id=duty_id, due_at=step.at, client_id=client_id)


def _begin(actor: Actor, kind: str, wanted: WantedDuty, at: datetime) -> UUID:
    step = first_step(wanted.due_at, duty_kind(kind).reminders(), at)
    row = Duty.objects.create(
        kind=kind,
        subject_id=wanted.subject_id,
        owner_id=wanted.owner_id,
        title=wanted.cut().title,
        due_at=wanted.due_at,
        client_id=wanted.client_id,
        set_at=at,
        next_step=step.kind,
        next_step_at=step.at,
        next_days=step.days,
    )
    set_deadline(actor=actor, kind=DUTY_KIND, subject_id=row.pk, due_at=step.at, client_id=wanted.client_id)
    return row.pk


def _adjust(actor: Actor, row: Duty, wanted: WantedDuty, at: datetime) -> None:
    """Change a live duty; a new due time, or a new owner, begins its telling anew."""
    again = (row.due_at, row.owner_id) != (wanted.due_at, wanted.owner_id)
    Duty.objects.filter(pk=row.pk).update(
        owner_id=wanted.owner_id, title=wanted.cut().title, due_at=wanted.due_at, client_id=wanted.client_id
    )
    if again:
        _plan(actor, row.pk, first_step(wanted.due_at, duty_kind(row.kind).reminders(), at), wanted.client_id)


def _end(actor: Actor, row: Duty, at: datetime) -> None:
    Duty.objects.filter(pk=row.pk).update(ended_at=at)
    cancel_deadline(actor=actor, kind=DUTY_KIND, subject_id=row.pk)


def _says(row: Duty) -> WantedDuty:
    return WantedDuty(row.subject_id, row.owner_id, row.title, row.due_at, row.client_id)


@action("clock.keep_duties")
def keep_duties(
    *,
    actor: Actor,
    kind: str,
    wanted: Iterable[WantedDuty],
    owner_id: UUID | None = None,
    subject_ids: Sequence[UUID] | None = None,
) -> int:
    """Make the live duties of a kind exactly these: set what is new, move what changed, end the rest.

    Args:
        kind: "area.word", registered by site/wiring.py.
        wanted: all that there should be.
        owner_id: compare with the duties of this person only.
        subject_ids: compare with the duties about these subjects only.

    Returns:
        How many were set, moved or ended. Doing it again changes nothing.
    """
    at = moment()
    live = Duty.objects.filter(kind=kind, ended_at=None).select_for_update()
    live = live.filter(owner_id=owner_id) if owner_id else live
    live = live.filter(subject_id__in=subject_ids) if subject_ids is not None else live
    held = {row.subject_id: row for row in live}
    changed = []
    for one in wanted:
        row = held.pop(one.subject_id, None)
        if row is None:
            changed.append(_begin(actor, kind, one, at))
        elif _says(row) != one.cut():
            _adjust(actor, row, one, at)
            changed.append(row.pk)
    for row in held.values():
        _end(actor, row, at)
        changed.append(row.pk)
    note(subject=("duties", kind), facts={"kind": kind, "changed": [str(pk) for pk in changed]})
    return len(changed)


@action("clock.take_duty_step")
def take_duty_step(*, actor: Actor, duty_id: UUID, at: datetime) -> tuple[UUID, ...]:
    """Tell whom the duty's step tells, and plan the next one; a duty that was done meanwhile is left alone.

    Args:
        at: when the step was due.

    Returns:
        The people told; nobody when the duty has ended, or when there is nobody to tell.
    """
    row = Duty.objects.filter(pk=duty_id, ended_at=None).select_for_update().first()
    if row is None:
        note(subject=("duty", duty_id), words="ended-meanwhile")
        return ()
    people = directory()
    owner = people.person(row.owner_id) if row.owner_id else None
    step = DutyStep(at, StepKind(row.next_step), row.next_days)
    told = to_be_told(step.kind, str(owner.id) if owner else "", [str(m.id) for m in people.managers()])
    for person_id in told:
        DutyNotice.objects.create(duty=row, person_id=person_id, step=step.kind, at=moment())
        _ask_for_digest(actor, UUID(person_id))
    to_manager = current.duration("clock.to_manager")
    after = step_after(step, row.due_at, duty_kind(row.kind).reminders(), moment(), to_manager=to_manager)
    _plan(actor, row.pk, after, row.client_id)
    facts = {"kind": row.kind, "step": step.kind.value, "days": step.days, "told": list(told)}
    note(subject=("duty", row.pk), client_id=row.client_id, words="" if told else "nobody-to-tell", facts=facts)
    return tuple(UUID(one) for one in told)


@action("clock.chase_duty")
def chase_duty(*, actor: Actor, duty_id: UUID) -> None:
    """Tell the owner of a duty again now, because a person asks for it; its own steps go on as planned.

    Raises:
        NotFound: the duty is done, or there is none.
        Conflict: nobody has it, or they were told less than an hour ago.
    """
    row = Duty.objects.filter(pk=duty_id, ended_at=None).select_for_update().first()
    if row is None:
        raise NotFound
    owner = directory().person(row.owner_id) if row.owner_id else None
    if owner is None:
        raise Conflict("Nobody has this duty now, so nobody can be told. Give it to somebody on its own page.")
    if DutyNotice.objects.filter(duty=row, person_id=owner.id, at__gt=moment() - CHASED_AGAIN).exists():
        raise Conflict(f"{owner.full_name} was told less than an hour ago.")
    DutyNotice.objects.create(duty=row, person_id=owner.id, step=StepKind.CHASED, at=moment())
    _ask_for_digest(actor, owner.id)
    note(subject=("duty", row.pk), client_id=row.client_id, words="chased", facts={"told": str(owner.id)})


def _ask_for_digest(actor: Actor, person_id: UUID) -> None:
    if not _live(DIGEST_KIND, person_id).exists():
        set_deadline(actor=actor, kind=DIGEST_KIND, subject_id=person_id, due_at=moment() + GATHER)


@action("clock.ask_digest")
def ask_digest(*, actor: Actor, person_id: UUID) -> None:
    """Have a mail sent to a person about all of which they have not been told yet."""
    publish(DigestDue(person_id=person_id))
    note(subject=("person", person_id))


@action("clock.record_digest")
def record_digest(*, actor: Actor, person_id: UUID, notice_ids: Sequence[UUID], result: str, detail: str) -> None:
    """Write what came of the mail that told a person of these duties.

    Args:
        result: "accepted", "sent" or "refused", as the mail server said.
        detail: its words, without data.
    """
    rows = DutyNotice.objects.filter(pk__in=notice_ids, person_id=person_id, mailed_at=None)
    rows.update(mailed_at=moment(), result=result, detail=detail[:300])
    note(subject=("person", person_id), facts={"notices": [str(n) for n in notice_ids], "result": result})


# --- the calendar of a person -------------------------------------------------------------------------------------


@action("clock.make_feed")
def make_feed(*, actor: Actor, person_id: UUID) -> str:
    """Give a person a secret address for their calendar; an earlier one stops working at once.

    Returns:
        The secret part, shown once and kept nowhere.

    Raises:
        NotAllowed: it is not the actor's own.
    """
    _own(actor, person_id)
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.filter(person_id=person_id, ended_at=None).update(ended_at=moment())
    row = CalendarFeed.objects.create(person_id=person_id, sha256=feed_hash(token), made_at=moment())
    note(subject=("calendar_feed", row.pk), facts={"person": str(person_id)})
    return token


@action("clock.end_feed")
def end_feed(*, actor: Actor, person_id: UUID) -> None:
    """Make a person's calendar address useless.

    Raises:
        NotAllowed: it is not the actor's own.
    """
    _own(actor, person_id)
    CalendarFeed.objects.filter(person_id=person_id, ended_at=None).update(ended_at=moment())
    note(subject=("person", person_id), words="feed-ended")


def _own(actor: Actor, person_id: UUID) -> None:
    if actor.person_id != person_id:
        raise NotAllowed("Only the person themselves makes and ends the address of their calendar.")
