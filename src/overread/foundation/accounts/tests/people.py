"""People and signed-in browsers for tests, also of other areas."""

from itertools import count
from uuid import UUID

from django.test import Client
from django.utils import timezone

from overread.foundation.accounts import actions, queries
from overread.foundation.accounts.models import Person, RoleGrant, WebSession
from overread.foundation.accounts.pins import new_pin
from overread.foundation.accounts.sessions import PROVED_KEY, SESSION_KEY
from overread.foundation.tenancy.scope import Scope, allow_openers, open_scope
from overread.foundation.work.actor import Actor

BACKEND = "overread.foundation.accounts.backends.PersonBackend"
SEED = Actor.system("test")
PASSWORD = "copper lantern meadow 48"
_numbers = count(1)

# The door of pages is open in tests without the wiring of the whole product.
allow_openers(("web",))


def make_person(*roles: str, client_id: UUID | None = None, name: str = "", pin: str = "") -> queries.PersonView:
    """A person with roles who cannot sign in by password yet; client roles are of `client_id`."""
    number = next(_numbers)
    with open_scope(Scope.provider(), opened_by="test"):
        person_id = actions.create_person(
            actor=SEED, email=f"person{number}@example.org", full_name=name or f"Test Person {number}"
        )
        for role in roles:
            actions.grant_role(actor=SEED, person_id=person_id, role=role, client_id=client_id)
        if pin:
            actions.set_pin(actor=SEED, person_id=person_id, pin=new_pin(person_id, pin))
    view = queries.person(person_id)
    assert view is not None
    return view


def enrol(person_id: UUID, *, pin: str = "") -> str:
    """Give a person the test password and an authenticator app; returns the app's secret."""
    with open_scope(Scope.provider(), opened_by="test"):
        return actions.enrol_directly(actor=SEED, person_id=person_id, password=PASSWORD, pin=pin)


def sign_in(client: Client, person_id: UUID) -> UUID:
    """Give a test browser a live session with a second factor; returns the session's id."""
    client.force_login(Person.objects.get(id=person_id), backend=BACKEND)
    with open_scope(Scope.provider(), opened_by="test"):
        session_id = actions.start_session(actor=Actor.person(person_id), person_id=person_id, mfa_method="totp")
    session = client.session
    session[SESSION_KEY] = str(session_id)
    session[PROVED_KEY] = timezone.now().timestamp()
    session.save()
    return session_id


def age_session(session_id: UUID, **fields: object) -> None:
    """Set fields of a web session, such as `seen_at`, as time would have."""
    WebSession.objects.filter(id=session_id).update(**fields)


def grant_of(person_id: UUID, role: str) -> UUID:
    """The id of a role held now."""
    grant_id: UUID = RoleGrant.objects.get(person_id=person_id, role=role, ended_at=None).id
    return grant_id
