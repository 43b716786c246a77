"""What all verbs of the register share: nobody records their own, each recording is a version, its end has a deadline."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from overread.foundation.clock import actions as clock
from overread.foundation.history.rows import holding
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.credentials.rules import next_reminder

EXPIRY_KIND = "credentials.expiry"
LONDON = ZoneInfo("Europe/London")
HOUR_OF_REMINDERS = 8
REMINDERS = ("credential.reminder_1", "credential.reminder_2", "credential.reminder_3")


def _not_own(actor: Actor, person_id: UUID) -> None:
    """Nobody records what concerns themselves.

    Raises:
        NotAllowed: it is the actor's own.
    """
    if actor.person_id == person_id:
        raise NotAllowed("Nobody records their own credentials. Ask another manager.", code="own-credentials")


def _filled(**fields: str) -> None:
    """Refuse empty texts.

    Raises:
        BadInput: names each field that is empty.
    """
    empty = {name: "This must be filled in." for name, text in fields.items() if not text.strip()}
    if empty:
        raise BadInput("Something is missing.", errors=empty)


def _not_after(today: date, **days: date) -> None:
    """Refuse days in the future for what has happened.

    Raises:
        BadInput: names each field.
    """
    future = {name: "This day has not come yet." for name, day in days.items() if day > today}
    if future:
        raise BadInput("A day lies in the future.", errors=future)


def _add_version(model: Any, *, actor: Actor, person_id: UUID, key: UUID | None, **values: Any) -> Any:
    """Write a version of something on record about a person, and note it in the ledger.

    Args:
        key: of the thing whose version this is; None begins a new thing.
        values: its fields; valid_from is now unless given.

    Raises:
        NotAllowed: it is the actor's own.
        NotFound: the key is another person's, or nobody's.
    """
    _not_own(actor, person_id)
    if key is not None and not model.objects.filter(key=key, person_id=person_id).exists():
        raise NotFound
    at = current_unit().at
    row = model.objects.create(
        key=key or uuid.uuid4(),
        person_id=person_id,
        recorded_at=at,
        recorded_by=actor.text,
        **({"valid_from": at, "valid_to": None} | values),
    )
    name = model._meta.model_name
    facts = {"person": str(person_id), "version": str(row.id), "fields": sorted(values)}
    note(subject=(name, row.key), facts=facts)
    return row


def _end_version(model: Any, *, actor: Actor, key: UUID) -> Any:
    """End a thing: a version like the last one that holds until now.

    Raises:
        NotFound: nothing of this key holds.
        NotAllowed: it is the actor's own.
    """
    at = current_unit().at
    held = holding(model.objects.filter(key=key), at=at, known_by=at)
    if not held:
        raise NotFound
    last = held[0]
    skipped = {"id", "key", "person", "valid_to", "recorded_at", "recorded_by"}
    copied = {f.attname: getattr(last, f.attname) for f in model._meta.concrete_fields if f.name not in skipped}
    return _add_version(model, actor=actor, person_id=last.person_id, key=key, **{**copied, "valid_to": at})


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(HOUR_OF_REMINDERS), LONDON)


def _reminder_days() -> tuple[int, ...]:
    """How many days before its last day something is said to run out."""
    return tuple(thresholds.whole(name) for name in REMINDERS)


def _watch_expiry(actor: Actor, key: UUID, ends_on: date) -> None:
    """Set the next reminder of a thing that runs out; an older one of the same key moves."""
    today = timezone.localdate(current_unit().at)
    day = next_reminder(ends_on, today - timedelta(days=1), _reminder_days())
    due_at = _morning(day or today)
    clock.set_deadline(actor=actor, kind=EXPIRY_KIND, subject_id=key, due_at=max(due_at, current_unit().at))


def _watch_again(actor: Actor, key: UUID, ends_on: date, at: datetime) -> None:
    """After a reminder of a day, set the next one."""
    day = next_reminder(ends_on, timezone.localdate(at), _reminder_days())
    if day is not None:
        clock.set_deadline(actor=actor, kind=EXPIRY_KIND, subject_id=key, due_at=_morning(day))


def _stop_watching(actor: Actor, key: UUID) -> None:
    """What has ended does not run out any more."""
    clock.cancel_deadline(actor=actor, kind=EXPIRY_KIND, subject_id=key)
