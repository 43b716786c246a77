"""Everything of one kind on record about all readers, as at a day and as known by a day, as entries of a file."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from overread.foundation.clients import queries as clients
from overread.foundation.history.rows import holding
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.rules import tidy
from overread.governance.credentials.queries.due import last_day_of
from overread.governance.credentials.queries.register import KINDS
from overread.governance.credentials.rules import COLUMNS


def _values(row: Any, codes: dict[Any, str]) -> dict[str, Any]:
    made = {
        "for_client": lambda: codes.get(row.for_client_id, ""),
        "regions": lambda: ", ".join(row.regions),
        "ends_on": lambda: last_day_of(row.valid_to),
    }
    what = next(what for what, (_, model) in KINDS.items() if isinstance(row, model))
    return {
        field.name: tidy(field, made[field.name]() if field.name in made else getattr(row, field.column))
        for field in COLUMNS[what]
    }


def things(what: str, *, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """What holds of one kind, reader by reader, in the order in which it was recorded.

    Args:
        what: a key of `COLUMNS`.
        at, known_by: now, unless given.
    """
    now = timezone.now()
    rows = holding(KINDS[what][1].objects.all(), at=at or now, known_by=known_by or now)
    codes = {client.id: client.code for client in clients.clients_all()} if what == "privilege" else {}
    found = [
        Entry(r.key, r.pk, 0, _values(r, codes), r.valid_from, r.valid_to, r.recorded_at, r.recorded_by, "")
        for r in rows
    ]
    return sorted(found, key=lambda entry: (str(entry["person"]), entry.recorded_at))
