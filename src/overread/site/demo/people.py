"""The people of the demonstration: a provider like the model one, two clients with their users. All are invented."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from overread.foundation.accounts import actions, codes, queries
from overread.foundation.accounts.rules import Role
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.site.command_error import CommandError

SEEDING = Actor.system("demo")
DOMAIN = "larkfield.example"


@dataclass(frozen=True)
class Somebody:
    """One person: sign-in name, full name, roles, client, and the signing PIN of a reader."""

    short: str
    full_name: str
    roles: tuple[Role, ...]
    client: str = ""
    pin: str = ""

    @property
    def email(self) -> str:
        """The e-mail address with which they sign in."""
        return f"{self.short}@{DOMAIN}"


PEOPLE = (
    Somebody("imogen", "Imogen Vantry", (Role.REGISTERED_MANAGER,)),
    Somebody("odile", "Odile Marchbank", (Role.DIRECTOR,)),
    Somebody("maren", "Dr Maren Oakhollow", (Role.RADIOLOGIST, Role.CLINICAL_LEAD), pin="271828"),
    Somebody("tobias", "Dr Tobias Fennimore", (Role.RADIOLOGIST,), pin="314159"),
    Somebody("pip", "Pip Ashgrove", (Role.ADMINISTRATOR,)),
    Somebody("rowan", "Dr Rowan Thistlewood", (Role.EXTERNAL_REVIEWER,)),
    Somebody("sable", "Sable Winterbourne", (Role.INSPECTOR,)),
    Somebody("linnet", "Dr Linnet Farrow", (Role.CLIENT_USER,), client="NORTH"),
    Somebody("saffron", "Dr Saffron Ellery", (Role.CLIENT_ADMINISTRATOR,), client="WILLOW"),
)


def seed_people(folder: Path, clients: dict[str, UUID]) -> dict[str, UUID]:
    """Make the people with one random password for this demonstration, kept in a file that only its owner reads.

    Args:
        folder: of the installation.
        clients: ids by code.

    Returns:
        Ids by sign-in name.
    """
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    path = folder / "secrets" / "demo-password"
    path.touch(mode=0o600)
    path.write_text(password, encoding="utf-8")
    ids = {}
    with open_scope(Scope.everything(), opened_by="command"):
        for one in PEOPLE:
            found = queries.person_id_by_email(one.email)
            person_id = found or actions.create_person(actor=SEEDING, email=one.email, full_name=one.full_name)
            for role in one.roles:
                client_id = clients.get(one.client) if one.client else None
                actions.grant_role(actor=SEEDING, person_id=person_id, role=role, client_id=client_id)
            actions.enrol_directly(actor=SEEDING, person_id=person_id, password=password, pin=one.pin)
            ids[one.short] = person_id
    return ids


def password(folder: Path) -> str:
    """The demonstration's password."""
    return (folder / "secrets" / "demo-password").read_text(encoding="utf-8")


def sign_in_code(name: str) -> str:
    """A one-time sign-in code; only on a demonstration that is reached on loopback.

    Args:
        name: e-mail, or its part before the @.

    Raises:
        CommandError: no demonstration, nobody by that name, or every code of this half minute was used.
    """
    loopback = any(host in settings.OVERREAD_URL for host in ("//localhost", "//127.0.0.1", "//[::1]"))
    if not settings.OVERREAD_DEMO or not loopback:
        raise CommandError("sign-in codes are printed only for a demonstration on this machine")
    person_id = queries.person_id_by_email(name if "@" in name else f"{name}@{DOMAIN}")
    code = codes.next_code(person_id, timezone.now()) if person_id else None
    if code is None:
        known = ", ".join(one.short for one in PEOPLE)
        raise CommandError(f"no code for {name} now; people are {known}; a code is good for one sign-in, wait 30 s")
    return code
