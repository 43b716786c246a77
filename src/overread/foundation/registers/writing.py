"""What the verbs of every register share: a version is added, never changed; an entry ends by a version that says so."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.registers.models import Series
from overread.foundation.registers.reading import Entry, entries, entry, entry_of
from overread.foundation.registers.rows import RegisterRow
from overread.foundation.registers.rules import Field, changed_names, checked
from overread.foundation.work.action import note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.foundation.work.unit import current_unit

WHY = 500


def _turn(name: str) -> Series:
    """The register's row of numbers, locked: one writer after the other."""
    found = Series.objects.filter(register=name).select_for_update().first()
    if found is None:
        Series.objects.get_or_create(register=name)
        found = Series.objects.select_for_update().get(register=name)
    return found


def _next_number(turn: Series) -> int:
    Series.objects.filter(pk=turn.pk).update(last=turn.last + 1)
    return turn.last + 1


def _held(model: type[RegisterRow], fields: Sequence[Field], key: UUID) -> Entry:
    at = current_unit().at
    found = entries(model, fields, at=at, known_by=at, key=key)
    if not found:
        raise NotFound("This entry does not exist, or has ended. Look at the register anew.")
    return found[0]


def _columns(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    return {f.column: list(values[f.name]) if isinstance(values[f.name], tuple) else values[f.name] for f in fields}


BASE = frozenset({"id", "key", "number", "valid_from", "valid_to", "recorded_at", "recorded_by", "why"})


def _carried(model: type[RegisterRow], fields: Sequence[Field], key: UUID | None) -> dict[str, Any]:
    """Columns of an entry that are no fields of the register, such as its document: a version keeps them."""
    if key is None:
        return {}
    last = model.objects.filter(key=key).order_by("-recorded_at", "-id").first()
    left_out = BASE | {f.column for f in fields}
    return {c.attname: getattr(last, c.attname) for c in model._meta.concrete_fields if c.attname not in left_out}


def _write(model: type[RegisterRow], actor: Actor, **columns: Any) -> Any:
    at = current_unit().at
    return model.objects.create(
        recorded_at=at, recorded_by=actor.text, **({"valid_from": at, "valid_to": None} | columns)
    )


def _reason(why: str) -> str:
    if len(why.strip()) > WHY:
        raise BadInput("The reason is too long.", errors={"why": f"At most {WHY} characters."})
    return why.strip()


def taken(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept.

    Raises:
        BadInput: names each column that cannot be taken.
    """
    tidied, faults = checked(fields, values, current_unit().at)
    if faults:
        raise BadInput("Something is missing or cannot be taken.", errors=faults)
    return tidied


def add_version(
    model: type[RegisterRow],
    fields: Sequence[Field],
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
    reason_needed: bool = True,
    again: bool = False,
    **more: Any,
) -> Entry:
    """Write a version of an entry, or a new entry, and note it in the ledger. Only inside an action.

    Args:
        model, fields: the register.
        values: by name of the column, all of them.
        key: the entry; None begins one.
        why: the reason; a change of an entry needs one.
        valid_from: since when it holds; now unless given, never in the future.
        seen: the version that the writer looked at; another one holds meanwhile: refused.
        reason_needed: False where the verb itself says why.
        again: True where a version that says the same is wanted, such as a second review on one day.
        more: columns that are no fields of the register.

    Returns:
        The entry as it stands now.

    Raises:
        BadInput: a value cannot be taken, nothing was changed, or the reason is missing.
        NotFound: nothing of this key holds.
        Conflict: somebody changed it meanwhile.
    """
    name, at = model._meta.label_lower, current_unit().at
    tidied = taken(fields, values)
    if valid_from is not None and valid_from > at:
        raise BadInput("This cannot hold from a future day.", errors={"valid_from": "This day has not come yet."})
    turn = _turn(name)
    changed: Sequence[str] = [f.name for f in fields]
    if key is None:
        number = _next_number(turn)
    else:
        before = _held(model, fields, key)
        if seen is not None and seen != before.version:
            raise Conflict("Somebody changed this entry meanwhile. Open it again and look.", code="entry-changed")
        number = before.number
        changed = changed_names(fields, before.values, tidied)
        if not changed and not more and not again:
            raise BadInput("Nothing was changed.", code="unchanged")
        if reason_needed and not why.strip():
            raise BadInput("A change needs its reason.", errors={"why": "Say in a few words why this changes."})
    since = {"valid_from": valid_from} if valid_from else {}
    columns = _carried(model, fields, key) | _columns(fields, tidied) | since | more
    row = _write(model, actor, key=key or uuid.uuid4(), number=number, why=_reason(why), **columns)
    facts = {"version": str(row.pk), "number": number, "fields": sorted([*changed, *more])}
    note(subject=(name, row.key), words="revised" if key else "begun", facts=facts)
    return entry_of(row, fields)


def end_entry(model: type[RegisterRow], fields: Sequence[Field], *, actor: Actor, key: UUID, why: str) -> Entry:
    """End an entry: a version like the last one that held until now. It stays readable for every earlier day.

    Raises:
        NotFound: nothing of this key holds.
        BadInput: the reason is missing.
    """
    at = current_unit().at
    _turn(model._meta.label_lower)
    if not why.strip():
        raise BadInput("An end needs its reason.", errors={"why": "Say in a few words why this ends."})
    _held(model, fields, key)
    last = model.objects.filter(key=key, recorded_at__lte=at).order_by("-recorded_at", "-id").first()
    skipped = {"id", "key", "valid_to", "recorded_at", "recorded_by", "why"}
    copied = {f.attname: getattr(last, f.attname) for f in model._meta.concrete_fields if f.name not in skipped}
    row = _write(model, actor, key=key, **{**copied, "valid_to": at, "why": _reason(why)})
    note(subject=(model._meta.label_lower, key), words="ended", facts={"version": str(row.pk)})
    return entry_of(row, fields)


def add_judged(
    model: type[RegisterRow],
    fields: Sequence[Field],
    faults: Callable[[Mapping[str, Any] | None, Mapping[str, Any]], Mapping[str, str]],
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None,
    **version: Any,
) -> Entry:
    """Add a version after the register's own judgement of it, of what stood before and of what shall stand.

    Args:
        faults: what is wrong, by field, of (values before or None, values after).
        version: `why`, `valid_from` and `seen`, as for add_version.

    Raises:
        BadInput: a value cannot be taken, or the register finds a fault.
        NotFound, Conflict: as add_version.
    """
    held = entry(model, fields, key) if key else None
    found = faults(held.values if held else None, taken(fields, values))
    if found:
        raise BadInput("Something is not right yet.", errors=dict(found))
    return add_version(model, fields, actor=actor, values=values, key=key, **version)
