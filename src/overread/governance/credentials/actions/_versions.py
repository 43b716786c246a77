"""What all verbs of the register share: nobody records their own, each recording is a version, duties follow."""

import uuid
from datetime import date
from typing import Any
from uuid import UUID

from overread.foundation.history.rows import holding
from overread.foundation.work.action import note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.credentials.actions.duties import FOLLOWING


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
    FOLLOWING.now(actor)
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
