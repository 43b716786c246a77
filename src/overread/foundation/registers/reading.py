"""Entries of a register as frozen values: what holds at a time, as known by a time, and all versions of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.foundation.registers.rows import RegisterRow
from overread.foundation.registers.rules import Field, tidy


@dataclass(frozen=True)
class Entry:
    """One version of one entry.

    Attributes:
        key: the entry; `version` is this version of it.
        number: for people, with the register's prefix.
        values: by name of the column.
        valid_from, valid_to: when it holds.
        recorded_at, recorded_by: when and by whom ("person:ID" or "system:NAME") it was written.
        why: the reason that was given.
    """

    key: UUID
    version: UUID
    number: int
    values: Mapping[str, Any]
    valid_from: datetime
    valid_to: datetime | None
    recorded_at: datetime
    recorded_by: str
    why: str

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def entry_of(row: Any, fields: Iterable[Field]) -> Entry:
    """A row as a value."""
    values = {f.name: tidy(f, getattr(row, f.column)) for f in fields}
    return Entry(
        row.key, row.pk, row.number, values, row.valid_from, row.valid_to, row.recorded_at, row.recorded_by, row.why
    )


def entries(
    model: type[RegisterRow],
    fields: Sequence[Field],
    *,
    at: datetime | None = None,
    known_by: datetime | None = None,
    **only: Any,
) -> list[Entry]:
    """The entries that hold at a time, as known by a time, by number.

    Args:
        only: conditions on columns that never change between versions of an entry, such as the person.
    """
    now = timezone.now()
    rows = holding(model.objects.filter(**only), at=at or now, known_by=known_by or now)
    return sorted((entry_of(row, fields) for row in rows), key=lambda e: e.number)


def entry(model: type[RegisterRow], fields: Sequence[Field], key: UUID) -> Entry | None:
    """The version of an entry that holds now; None when there is none, or it has ended."""
    found = entries(model, fields, key=key)
    return found[0] if found else None


def versions(model: type[RegisterRow], fields: Sequence[Field], key: UUID) -> list[Entry]:
    """All versions of an entry in the order in which they were recorded."""
    rows = model.objects.filter(key=key).order_by("recorded_at", "id")
    return [entry_of(row, fields) for row in rows]
