"""Writes entries. Only foundation/work/action.py may call this, inside the action's transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connections

from overread.foundation.ledger.models import Entry

# Every action writes here, most of them several times in one transaction: the statement is made once.
_FIELDS: tuple[Any, ...] = tuple(
    Entry._meta.get_field(name)
    for name in ("key", "client_id", "at", "actor", "verb", "subject_type", "subject_id", "case_id", "facts")
)
_COLUMNS = ", ".join(f'"{field.column}"' for field in _FIELDS)
_INSERT = f'INSERT INTO "{Entry._meta.db_table}" ({_COLUMNS}) VALUES ({", ".join(["%s"] * len(_FIELDS))})'  # noqa: S608


def write(
    *,
    at: datetime,
    actor: str,
    verb: str,
    subject: tuple[str, str],
    client_id: UUID | None,
    case_id: UUID | None,
    facts: dict[str, object],
) -> UUID:
    """Add one entry and return its key.

    Args:
        at: when it was done.
        actor: "person:<id>" or "system:<name>".
        verb: the action's name, such as "report.sign".
        subject: kind and id of what it was done to.
        client_id: whose chain it belongs to; None for the provider's.
        case_id: the case whose timeline shows it, if any.
        facts: ids, field names, hashes and counts as JSON values.
    """
    key = uuid4()
    values = (key, client_id, at, actor, verb, subject[0], subject[1], case_id, facts)
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [f.get_db_prep_save(v, connection) for f, v in zip(_FIELDS, values, strict=True)])
    return key
