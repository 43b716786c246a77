"""Workstations and displays as entries of a file, as at a day and as known by a day."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.rules import tidy
from overread.governance.equipment.models import Display, Workstation
from overread.governance.equipment.rules import COLUMNS


def things(what: str, *, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """What holds of one kind: workstations by name, displays by workstation and serial number.

    Args:
        what: a key of `COLUMNS`.
        at, known_by: now, unless given.
    """
    now = timezone.now()
    at, known_by = at or now, known_by or now
    desks = holding(Workstation.objects.all(), at=at, known_by=known_by)
    named = {desk.key: desk.name for desk in desks}
    rows = desks if what == "workstation" else holding(Display.objects.all(), at=at, known_by=known_by)
    found = [_entry(what, row, named) for row in rows if what == "workstation" or row.workstation_id in named]
    keys = ("name",) if what == "workstation" else ("workstation", "serial")
    return sorted(found, key=lambda entry: tuple(str(entry[key]).casefold() for key in keys))


def _entry(what: str, row: Any, named: dict[Any, str]) -> Entry:
    values = {
        field.name: tidy(
            field, named[row.workstation_id] if field.name == "workstation" else getattr(row, field.column)
        )
        for field in COLUMNS[what]
    }
    return Entry(row.key, row.pk, 0, values, row.valid_from, row.valid_to, row.recorded_at, row.recorded_by, "")
