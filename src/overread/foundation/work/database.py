"""What the database promises, and how long one writer leaves it to the others."""

import sqlite3
import time

from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def durability() -> tuple[str, bool]:
    """Whether the database keeps every commit that it has confirmed, also through a power cut (DESIGN 3).

    Returns:
        What the database says of itself, in words for an operator, and whether that is safe enough.

    Raises:
        django.db.utils.DatabaseError: the database does not answer.
    """
    connection = connections["default"]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
            synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
            words = f"SQLite {sqlite3.sqlite_version} runs with journal_mode={journal}, synchronous={synchronous}"
            return words, (journal, synchronous) == ("wal", 2)
        cursor.execute("SHOW synchronous_commit")
        row = cursor.fetchone()
    commit = row[0] if row else "unknown"
    return f"PostgreSQL runs with synchronous_commit={commit}", commit != "off"


def is_sqlite() -> bool:
    """Whether this installation keeps its rows in SQLite."""
    return connections["default"].vendor == "sqlite"


def has_tables_of_this_program() -> bool:
    """Whether every migration of this program has been applied."""
    executor = MigrationExecutor(connections["default"])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def give_way(seconds: float) -> None:
    """Leave the database to other writers between two commits; `seconds` is the pause."""
    time.sleep(seconds)
