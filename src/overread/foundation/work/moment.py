"""The time by which leases and due times are judged: the database's clock where machines share one (F16).

On PostgreSQL many machines work on the same rows, so each host's own clock is not to be trusted; on SQLite there is
one machine, and its clock is the database's.
"""

from datetime import datetime

from django.db import connections
from django.utils import timezone

SKEW_SECONDS = 5.0


def moment(using: str = "default") -> datetime:
    """The present, timezone-aware, by the clock of the database."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def skew_seconds(using: str = "default") -> float:
    """How far this host's clock is ahead of the database's, in seconds; negative when behind."""
    before = timezone.now()
    found = moment(using)
    middle = before + (timezone.now() - before) / 2
    return (middle - found).total_seconds()
