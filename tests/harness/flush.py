"""Lets tests that really commit empty the tables afterwards, although some tables refuse removal.

The product's triggers stay on during every test; only Django's flush between tests sets them aside.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.operations import BaseDatabaseOperations


def _empty_sqlite(connection: Any, statements: Sequence[str]) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            cursor.execute(statement)
        for _, sql in triggers:
            cursor.execute(sql)


def _empty_postgres(connection: Any, statements: Sequence[str]) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT event_object_table FROM information_schema.triggers WHERE trigger_schema = 'public' "
            "UNION SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
        )
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        for statement in statements:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _execute_sql_flush(self: BaseDatabaseOperations, sql_list: Sequence[str]) -> None:
    connection = connections[self.connection.alias]
    if connection.vendor == "postgresql":
        _empty_postgres(connection, sql_list)
    else:
        _empty_sqlite(connection, sql_list)


def set_triggers_aside_when_emptying() -> None:
    """Replace Django's flush by one that keeps the triggers but is not stopped by them."""
    BaseDatabaseOperations.execute_sql_flush = _execute_sql_flush  # type: ignore[method-assign]
