"""Versioned rows: governed lists are written as versions and never updated in place."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections, models

from overread.foundation.history.rules import Version, current_of
from overread.foundation.tenancy.scope import current_scope


class VersionedRow(models.Model):
    """One version of a governed thing.

    `key` is the thing, `id` the version. A version says when it holds (valid_from, valid_to) and when and by whom it
    was recorded. What holds at a time, as known by a time, is the version recorded last among those recorded by then
    that began by then - unless it has ended (DESIGN 3, history). Combine with PatientRow or ProviderRow.
    """

    key = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        abstract = True


@cache
def _reading(model: Any, alias: str) -> tuple[str, list[tuple[str, list[Any]]]]:
    """The statement's columns of a model, and how each value is read: made once."""
    connection = connections[alias]
    fields = []
    for field in model._meta.concrete_fields:
        column = field.get_col(model._meta.db_table)
        read = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
        fields.append((field.attname, [(convert, column) for convert in read]))
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    return f'SELECT {columns} FROM "{model._meta.db_table}"', fields  # noqa: S608  names of our own models


def holding_of_people(model: Any, person_ids: Iterable[UUID], *, at: datetime, known_by: datetime) -> list[Any]:
    """`holding` of the provider's rows about some people, with a statement that is not built anew each time.

    Seven registers are asked so at every signing, claim and opening (H12).

    Args:
        model: a ProviderRow and VersionedRow with a `person`.
        person_ids: whom the rows are about.
        at, known_by: as of `holding`.
    """
    current_scope()
    people = sorted(set(person_ids))
    if not people:
        return []
    connection = connections["default"]
    select, fields = _reading(model, "default")
    whom = model._meta.get_field("person")
    values = [whom.get_db_prep_value(p, connection) for p in people]
    moments = [model._meta.get_field("recorded_at").get_db_prep_value(t, connection) for t in (known_by, at)]
    marks = ", ".join(["%s"] * len(people))
    where = f'"{whom.column}" IN ({marks}) AND "recorded_at" <= %s AND "valid_from" <= %s'
    with connection.cursor() as cursor:
        cursor.execute(f'{select} WHERE {where} ORDER BY "recorded_at", "id"', [*values, *moments])
        found = cursor.fetchall()
    rows = []
    for one in found:
        read = []
        for value, (_, converters) in zip(one, fields, strict=True):
            for convert, column in converters:
                value = convert(value, column, connection)
            read.append(value)
        rows.append(model.from_db("default", [name for name, _ in fields], read))
    versions = [Version(r.key, r.valid_from, r.valid_to, r.recorded_at, r) for r in rows]
    return [v.row for v in current_of(versions, at=at, known_by=known_by)]


def holding(rows: Any, *, at: datetime, known_by: datetime) -> list[Any]:
    """The versions that hold at a time, as known by a time: at most one per key.

    Args:
        rows: a queryset of a VersionedRow, filtered as wanted by unversioned fields only.
        at: the moment asked about.
        known_by: what was recorded later is left out.
    """
    found = rows.filter(recorded_at__lte=known_by, valid_from__lte=at).order_by("recorded_at", "id")
    versions = [Version(r.key, r.valid_from, r.valid_to, r.recorded_at, r) for r in found]
    return [v.row for v in current_of(versions, at=at, known_by=known_by)]
