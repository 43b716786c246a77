"""Verbs of the register: workstations and displays, as versions."""

import uuid
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.history.rows import holding
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.equipment.actions.duties import FOLLOWING
from overread.governance.equipment.models import Display, Workstation


def _filled(**fields: str) -> None:
    empty = {name: "This must be filled in." for name, text in fields.items() if not text.strip()}
    if empty:
        raise BadInput("Something is missing.", errors=empty)


def _held(model: Any, key: UUID) -> Any:
    at = current_unit().at
    rows = holding(model.objects.filter(key=key), at=at, known_by=at)
    if not rows:
        raise NotFound
    return rows[0]


def _write(table: Any, actor: Actor, key: UUID | None, **values: Any) -> UUID:
    at = current_unit().at
    if key is not None:
        _held(table, key)
    row = table.objects.create(
        key=key or uuid.uuid4(),
        recorded_at=at,
        recorded_by=actor.text,
        **({"valid_from": at, "valid_to": None} | values),
    )
    note(subject=(table._meta.model_name, row.key), facts={"version": str(row.id), "fields": sorted(values)})
    FOLLOWING.now(actor)
    return UUID(str(row.key))


def _end(model: Any, actor: Actor, key: UUID) -> None:
    last = _held(model, key)
    skipped = {"id", "key", "valid_to", "recorded_at", "recorded_by"}
    copied = {f.attname: getattr(last, f.attname) for f in model._meta.concrete_fields if f.name not in skipped}
    _write(model, actor, key, **{**copied, "valid_to": current_unit().at})


@action("equipment.record_workstation")
def record_workstation(
    *, actor: Actor, name: str, place: str = "", owner_id: UUID | None = None, key: UUID | None = None
) -> UUID:
    """Register a place to read at, or change what is on record of it (REQ-24).

    Args:
        name, place: what people call it, and where it stands.
        owner_id: the reader who alone sits there; None for everybody.
        key: of the workstation that is changed.

    Raises:
        BadInput: it has no name, or another one has it, or the owner is nobody of ours.
    """
    _filled(name=name)
    at = current_unit().at
    others = holding(Workstation.objects.all(), at=at, known_by=at)
    if any(w.name.casefold() == name.strip().casefold() and w.key != key for w in others):
        raise BadInput("Another workstation has this name.", errors={"name": "Another workstation has this name."})
    owner = accounts.person(owner_id) if owner_id else None
    if owner_id and (owner is None or owner.is_client_side):
        raise BadInput("The owner is nobody of this provider.", errors={"owner": "Choose one of our readers."})
    return _write(Workstation, actor, key, name=name.strip()[:80], place=place.strip()[:120], owner_id=owner_id)


@action("equipment.record_display")
def record_display(
    *,
    actor: Actor,
    workstation_id: UUID,
    make: str,
    model: str,
    serial: str,
    width_px: int,
    height_px: int,
    sensor: str = "",
    diagnostic: bool = True,
    key: UUID | None = None,
) -> UUID:
    """Register a display of a workstation, or change what is on record of it (REQ-60).

    Raises:
        NotFound: there is no such workstation, or no such display.
        BadInput: a field is empty, or a size that cannot be.
    """
    _filled(make=make, model=model, serial=serial)
    _held(Workstation, workstation_id)
    sizes = {name: size for name, size in (("width_px", width_px), ("height_px", height_px))}
    wrong = {name: "Between 320 and 20,000 pixels." for name, size in sizes.items() if not 320 <= size <= 20_000}
    if wrong:
        raise BadInput("That is no size of a display.", errors=wrong)
    return _write(
        Display,
        actor,
        key,
        workstation_id=workstation_id,
        make=make.strip()[:60],
        model=model.strip()[:60],
        serial=serial.strip()[:60],
        sensor=sensor.strip()[:60],
        diagnostic=diagnostic,
        **sizes,
    )


@action("equipment.end_workstation")
def end_workstation(*, actor: Actor, key: UUID) -> None:
    """Take a workstation out of use; all that was recorded stays readable.

    Raises:
        NotFound: it is not in use.
    """
    _end(Workstation, actor, key)


@action("equipment.end_display")
def end_display(*, actor: Actor, key: UUID) -> None:
    """Take a display out of use; its tests stay readable.

    Raises:
        NotFound: it is not in use.
    """
    _end(Display, actor, key)
