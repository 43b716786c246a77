"""Migration operations: the second wall between clients, and rows that may not change.

`EnableRLS` gives a table a row-level security policy on PostgreSQL and does nothing on SQLite, where the query
doors stand alone. `RefuseChange` makes the database itself refuse UPDATE or DELETE, on both.
"""

from typing import Any

from django.db.migrations.operations.base import Operation

# PostgreSQL may evaluate both sides of OR, so the list is read from a setting that is not '*' only.
POLICY = """
ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
CREATE POLICY client_scope ON "{table}" USING (
    current_setting('overread.scope', true) = '*'
    OR client_id = ANY (
        string_to_array(nullif(nullif(current_setting('overread.scope', true), ''), '*'), ',')::uuid[]
    )
);
"""
POLICY_AWAY = """
DROP POLICY client_scope ON "{table}";
ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;
"""


class _Sql(Operation):
    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not change."""


class EnableRLS(_Sql):
    """Row-level security on a table with a client_id column.

    Args:
        table: the table's name in the database.
    """

    def __init__(self, table: str) -> None:
        self.table = table

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create the policy on PostgreSQL."""
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(POLICY.format(table=self.table).replace("%", "%%"), None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the policy."""
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(POLICY_AWAY.format(table=self.table), None)

    def describe(self) -> str:
        """Shown by migrate."""
        return f"Row-level security on {self.table}"


class RefuseChange(_Sql):
    """The database refuses to change or remove rows of a table.

    Args:
        table: the table's name.
        update: refuse UPDATE.
        delete: refuse DELETE.
        when: an SQL condition on OLD that limits the refusal, such as "OLD.signed_at IS NOT NULL".
        unless: an SQL condition on OLD and NEW under which an UPDATE is allowed after all.
    """

    def __init__(
        self, table: str, *, update: bool = True, delete: bool = True, when: str = "", unless: str = ""
    ) -> None:
        self.table, self.update, self.delete, self.when, self.unless = table, update, delete, when, unless

    def deconstruct(self) -> Any:
        """How migrations write this operation down."""
        options = {"update": self.update, "delete": self.delete, "when": self.when, "unless": self.unless}
        return (type(self).__name__, [self.table], options)

    def _verbs(self) -> list[str]:
        return [verb for verb, wanted in (("UPDATE", self.update), ("DELETE", self.delete)) if wanted]

    def _condition(self, verb: str) -> str:
        parts = [f"({self.when})"] if self.when else []
        if self.unless and verb == "UPDATE":
            parts.append(f"NOT ({self.unless})")
        return " AND ".join(parts)

    def _create(self, vendor: str, verb: str) -> str:
        name = f"{self.table}_refuse_{verb.lower()}"
        condition = self._condition(verb)
        message = f"{self.table}: {verb} is refused, these rows never change"
        when = f" WHEN ({condition})" if condition else ""
        if vendor == "sqlite":
            return (
                f'CREATE TRIGGER {name} BEFORE {verb} ON "{self.table}" FOR EACH ROW{when} '
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{message}'; END $$; "
            f'CREATE TRIGGER {name} BEFORE {verb} ON "{self.table}" FOR EACH ROW{when} EXECUTE FUNCTION {name}();'
        )

    def _statements(self, vendor: str) -> list[str]:
        found = [self._create(vendor, verb) for verb in self._verbs()]
        if vendor == "postgresql" and self.delete:
            name = f"{self.table}_refuse_truncate"
            found.append(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN RAISE EXCEPTION '{self.table}: TRUNCATE is refused'; END $$; "
                f'CREATE TRIGGER {name} BEFORE TRUNCATE ON "{self.table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}();'
            )
        return found

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create the triggers."""
        for statement in self._statements(schema_editor.connection.vendor):
            schema_editor.execute(statement.replace("%", "%%"), None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the triggers."""
        postgres = schema_editor.connection.vendor == "postgresql"
        names = [f"{self.table}_refuse_{verb.lower()}" for verb in self._verbs()]
        if postgres and self.delete:
            names.append(f"{self.table}_refuse_truncate")
        for name in names:
            schema_editor.execute(f'DROP TRIGGER {name} ON "{self.table}"' if postgres else f"DROP TRIGGER {name}")
            if postgres:
                schema_editor.execute(f"DROP FUNCTION {name}()")

    def describe(self) -> str:
        """Shown by migrate."""
        return f"Refuse {' and '.join(self._verbs())} on {self.table}"


class AllowChange(RefuseChange):
    """Take a refusal away, as long as a migration changes the table; RefuseChange puts it back after that.

    SQLite makes a table anew to add a column, and loses its triggers without a word; so a migration that alters a
    guarded table begins with this and ends with the same refusal.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the triggers."""
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create them again."""
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Shown by migrate."""
        return f"Allow {' and '.join(self._verbs())} on {self.table}"
