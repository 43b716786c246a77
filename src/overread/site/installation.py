"""What `overread init` makes besides secrets: the tables, the first manager, the enrolment link."""

from uuid import UUID

from django.conf import settings
from django.core.management import call_command

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import database
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
    words, kept = database.durability()
    if database.is_sqlite() and not kept:
        raise CommandError(f"{words}; WAL and FULL are needed. Put the data folder on a local disk.")


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
