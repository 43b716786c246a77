"""Versioned rows: governed lists are written as versions and never updated in place."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models

from overread.foundation.history.rules import Version, current_of


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
