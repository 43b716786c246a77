"""What `overread init` makes besides secrets: the tables, the first manager, the enrolment link."""

import sqlite3
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.site.command_error import CommandError

COMMAND = Actor.system("command")


def migrate() -> None:
    """Bring the database up to this program's tables.

    Raises:
        CommandError: SQLite is not as safe as it must be.
    """
    with open_scope(Scope.everything(), opened_by="command"):
        call_command("migrate", verbosity=0, interactive=False)
    check_database()


def check_database() -> None:
    """Refuse to run on a SQLite that could lose an acknowledged commit.

    Raises:
        CommandError: the journal is not WAL or synchronous is not FULL.
    """
    connection = connections["default"]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if (journal, synchronous) != ("wal", 2):
        raise CommandError(
            f"SQLite {sqlite3.sqlite_version} runs with journal_mode={journal}, synchronous={synchronous}; "
            "WAL and FULL are needed. Put the data folder on a local disk."
        )


def register_manager(*, email: str, full_name: str) -> UUID:
    """Register the first person, as registered manager; nobody else exists who could."""
    from overread.foundation.accounts import actions
    from overread.foundation.accounts.rules import Role

    with open_scope(Scope.provider(), opened_by="command"):
        person_id: UUID = actions.create_person(actor=COMMAND, email=email, full_name=full_name)
        actions.grant_role(actor=COMMAND, person_id=person_id, role=Role.REGISTERED_MANAGER)
    return person_id


def person_called(email: str) -> UUID:
    """The id of a person by e-mail.

    Raises:
        CommandError: nobody has it.
    """
    from overread.foundation.accounts import queries

    found: UUID | None = queries.person_id_by_email(email)
    if found is None:
        raise CommandError(f"nobody here has the e-mail {email}")
    return found


def enrolment_address(person_id: UUID) -> str:
    """A one-time enrolment link, valid for 15 minutes, as an address to open."""
    from overread.foundation.accounts import actions

    with open_scope(Scope.provider(), opened_by="command"):
        link = actions.make_enrolment_link(actor=COMMAND, person_id=person_id)
    return f"{settings.OVERREAD_URL}{link.path}"
