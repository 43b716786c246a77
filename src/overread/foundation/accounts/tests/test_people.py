"""People, roles and what they may see."""

from uuid import UUID, uuid4

import pytest
from django.test import Client as Browser
from django.utils import timezone

from overread.foundation.accounts import actions, entitlement, queries
from overread.foundation.accounts.models import Person
from overread.foundation.accounts.rules import Role
from overread.foundation.accounts.tests.people import SEED, grant_of, make_person, sign_in
from overread.foundation.clients.models import Client
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def _office():
    """The provider's scope, as a page of people opens it."""
    with open_scope(Scope.provider(), opened_by="test"):
        yield


@pytest.fixture
def two_clients(monkeypatch):
    """Clients NORTH and SOUTH."""
    rows = [Client.objects.create(code=c, name=c.title(), added_at=timezone.now()) for c in ("NORTH", "SOUTH")]
    monkeypatch.setattr(entitlement, "_sources", [lambda: [(r.id, r.code, r.name) for r in rows]])
    return rows


@pytest.mark.usefixtures("_office")
def test_an_email_names_one_account() -> None:
    """The same e-mail in other capitals is refused, and finds the account."""
    person_id = actions.create_person(actor=SEED, email="Maren.Oak@Example.org", full_name="Maren Oak")
    with pytest.raises(BadInput) as refused:
        actions.create_person(actor=SEED, email="maren.oak@EXAMPLE.org ", full_name="Somebody Else")
    assert "email" in refused.value.errors
    assert queries.person_by_email("MAREN.OAK@example.ORG").id == person_id


@pytest.mark.usefixtures("_office")
def test_a_manager_cannot_grant_revoke_or_close_themselves() -> None:
    """A registered manager can neither give nor take their own roles, nor close or re-enrol their own account."""
    me = make_person(Role.REGISTERED_MANAGER)
    make_person(Role.REGISTERED_MANAGER)
    actor = Actor.person(me.id)
    with pytest.raises(NotAllowed):
        actions.grant_role(actor=actor, person_id=me.id, role=Role.RADIOLOGIST)
    with pytest.raises(NotAllowed):
        actions.revoke_role(actor=actor, grant_id=grant_of(me.id, Role.REGISTERED_MANAGER))
    with pytest.raises(NotAllowed):
        actions.deactivate(actor=actor, person_id=me.id)
    with pytest.raises(NotAllowed):
        actions.make_enrolment_link(actor=actor, person_id=me.id)
    assert queries.person(me.id).roles == {Role.REGISTERED_MANAGER}


@pytest.mark.usefixtures("_office")
@pytest.mark.parametrize("role", [r for r in Role if r is not Role.REGISTERED_MANAGER])
def test_other_roles_change_nobody(role: Role, two_clients) -> None:
    """No role but the registered manager's makes accounts, gives or takes roles, closes accounts or makes links."""
    client_id = two_clients[0].id if role in {"client_user", "client_administrator", "gateway"} else None
    actor = Actor.person(make_person(role, client_id=client_id).id)
    other = make_person(Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        actions.create_person(actor=actor, email="new@example.org", full_name="New")
    with pytest.raises(NotAllowed):
        actions.grant_role(actor=actor, person_id=other.id, role=Role.RADIOLOGIST)
    with pytest.raises(NotAllowed):
        actions.revoke_role(actor=actor, grant_id=grant_of(other.id, Role.ADMINISTRATOR))
    with pytest.raises(NotAllowed):
        actions.deactivate(actor=actor, person_id=other.id)
    with pytest.raises(NotAllowed):
        actions.make_enrolment_link(actor=actor, person_id=other.id)


@pytest.mark.usefixtures("_office")
def test_the_last_manager_stays() -> None:
    """The only registered manager cannot be closed or lose the role, not even by the command line."""
    only = make_person(Role.REGISTERED_MANAGER)
    with pytest.raises(Conflict):
        actions.deactivate(actor=SEED, person_id=only.id)
    with pytest.raises(Conflict):
        actions.revoke_role(actor=SEED, grant_id=grant_of(only.id, Role.REGISTERED_MANAGER))


def test_scopes_follow_roles(two_clients) -> None:
    """Clinical staff see all active clients, client people their own, an outsider nothing.

    An inspector's numbers are counted over all clients; no permission of theirs opens a case.
    """
    north, south = two_clients
    radiologist, inspector = make_person(Role.RADIOLOGIST), make_person(Role.INSPECTOR)
    guest, outsider = make_person(Role.CLIENT_USER, client_id=north.id), make_person()
    assert queries.scope_of(radiologist.id) == Scope.clients([north.id, south.id])
    assert queries.scope_of(guest.id) == Scope.client(north.id)
    assert queries.scope_of(inspector.id) == Scope.clients([north.id, south.id])
    assert queries.permissions_of(inspector) == {"inspection.see"}
    assert queries.scope_of(outsider.id) == Scope.clients(())
    assert queries.scope_of(uuid4()) == Scope.clients(())


def test_permissions_are_asked_of_django(two_clients) -> None:
    """`user.has_perm` answers by the roles held now, and no longer once the role is taken or the account closed."""
    view = make_person(Role.RADIOLOGIST)
    person = Person.objects.get(id=view.id)
    assert person.has_perm("report.sign")
    assert not person.has_perm("people.manage")
    with open_scope(Scope.provider(), opened_by="test"):
        actions.revoke_role(actor=SEED, grant_id=grant_of(view.id, Role.RADIOLOGIST))
    assert not person.has_perm("report.sign")


def test_an_outsider_sees_nothing(two_clients) -> None:
    """A person without any role who signs in gets 403 from pages of work and an empty scope."""
    browser, outsider = Browser(), make_person()
    sign_in(browser, outsider.id)
    assert browser.get("/people/").status_code == 403
    assert queries.person(outsider.id).client_ids == frozenset()


def test_the_next_click_is_without_the_role() -> None:
    """A role that is taken is gone on the person's next request, in a browser that stays signed in."""
    browser, manager = Browser(), make_person(Role.REGISTERED_MANAGER)
    make_person(Role.REGISTERED_MANAGER)
    sign_in(browser, manager.id)
    assert browser.get("/people/").status_code == 200
    with open_scope(Scope.provider(), opened_by="test"):
        actions.revoke_role(actor=SEED, grant_id=grant_of(manager.id, Role.REGISTERED_MANAGER))
    assert browser.get("/people/").status_code == 403


def test_the_manager_invites_grants_and_closes_by_pages(two_clients) -> None:
    """The manager's pages make an account with its link, give and take a role, close and open the account."""
    browser, manager = Browser(), make_person(Role.REGISTERED_MANAGER)
    sign_in(browser, manager.id)
    answer = browser.post(
        "/people/invite/",
        {
            "full_name": "Dr Pip Alder",
            "email": "pip@example.org",
            "role": "client_user",
            "client": str(two_clients[0].id),
        },
    )
    assert answer.status_code == 200
    assert b"/enrol/" in answer.content
    pip = queries.person_by_email("pip@example.org")
    assert pip.roles == {"client_user"}
    assert pip.client_ids == {two_clients[0].id}
    page = f"/people/{pip.id}/"
    assert b"never for both" in browser.post(page + "grant/", {"role": "radiologist", "client": ""}).content
    assert browser.post(f"{page}revoke/{grant_of(pip.id, 'client_user')}/").status_code == 302
    assert queries.person(pip.id).roles == frozenset()
    assert browser.post(page + "standing/", {"to": "closed"}).status_code == 302
    assert not queries.person(pip.id).active
    assert browser.post(page + "standing/", {"to": "open"}).status_code == 302
    assert b"Dr Pip Alder" in browser.get("/people/").content
    assert browser.get(page).status_code == 200
    assert browser.get(f"/people/{uuid4()}/").status_code == 404


def test_a_list_of_people_asks_for_the_clients_once(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """However many people a list has, which clients are active is asked once for all of them."""
    asked: list[int] = []
    known = (uuid4(), "NORTH", "Northmere")

    def active() -> tuple[tuple[UUID, str, str], ...]:
        asked.append(1)
        return (known,)

    for _ in range(3):
        make_person("radiologist")
    monkeypatch.setattr(queries, "active_clients", active)
    views = [view for view in queries.people() if "radiologist" in view.roles]
    assert [view.client_ids for view in views] == [frozenset({known[0]})] * 3
    assert len(asked) == 1
