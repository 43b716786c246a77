"""After all migrations, the database still refuses every change that a migration ever said it refuses.

SQLite makes a table anew to alter it, and loses its triggers without a word; a migration that forgets to put them back
fails here. So does a guard on rows of versions that was never made.
"""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from overread.foundation.history.rows import VersionedRow
from overread.foundation.tenancy.rls import AllowChange, EnableRLS, RefuseChange


def _operations() -> list[Any]:
    """Every operation of this program's migrations, in the order in which a new installation runs them."""
    loader = MigrationLoader(None)
    plan: list[Any] = []
    for leaf in sorted(loader.graph.leaf_nodes()):
        plan += [node for node in loader.graph.forwards_plan(leaf) if node not in plan]
    return [operation for node in plan for operation in loader.graph.nodes[node].operations]


def _guards() -> dict[str, str]:
    """What the migrations promise: name of each trigger -> the statement that makes it."""
    vendor = connection.vendor
    found: dict[str, str] = {}
    for one in _operations():
        if not isinstance(one, RefuseChange):
            continue
        names = [f"{one.table}_refuse_{verb.lower()}" for verb in one._verbs()]
        if vendor == "postgresql" and one.delete:
            names.append(f"{one.table}_refuse_truncate")
        for name, statement in zip(names, one._statements(vendor), strict=True):
            if isinstance(one, AllowChange):
                found.pop(name, None)
            else:
                found[name] = statement
    return found


def _triggers() -> dict[str, str]:
    """What the database has: name -> its definition."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal")
        return dict(cursor.fetchall())


@pytest.mark.django_db
def test_a_migrated_database_refuses_what_its_migrations_say() -> None:
    """From an empty database to the newest, no guard of a table was lost on the way, and each still says the same."""
    promised, present = _guards(), _triggers()
    assert len(promised) > 40
    assert sorted(promised) == sorted(present)
    if connection.vendor == "sqlite":
        assert {name: present[name] for name in promised} == promised


@pytest.mark.django_db
def test_the_second_wall_stands_on_every_table_that_was_given_it() -> None:
    """On PostgreSQL, each table that a migration gives row-level security still forces it, with its one policy."""
    tables = {one.table for one in _operations() if isinstance(one, EnableRLS)}
    assert len(tables) > 20
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'client_scope'")
        with_policy = {row[0] for row in cursor.fetchall()}
    assert tables - forced == set()
    assert tables - with_policy == set()


@pytest.mark.django_db
def test_rows_of_versions_are_never_changed_in_place() -> None:
    """Every table whose rows are versions refuses UPDATE and DELETE in the database itself (DESIGN 3, history)."""
    versioned = [m for m in apps.get_models() if issubclass(m, VersionedRow)]
    assert versioned
    present = _triggers()
    open_ = [
        f"{model._meta.db_table}: {verb}"
        for model in versioned
        for verb in ("update", "delete")
        if f"{model._meta.db_table}_refuse_{verb}" not in present
    ]
    assert open_ == []
