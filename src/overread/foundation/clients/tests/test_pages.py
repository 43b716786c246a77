"""The pages of clients, as the registered manager and a client's administrator use them."""

import re

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import make_person, sign_in
from overread.foundation.clients import queries
from tests.world import World, world

__all__ = ["world"]


@pytest.fixture
def office(world: World, client: Client) -> Client:
    """The registered manager's browser."""
    sign_in(client, world.people["manager"].id)
    return client


def _text(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_list_says_who_cannot_work_with_us_yet(world: World, office: Client) -> None:
    """A new client has no node and nobody who signs in: the title says so, and its page says what comes next."""
    assert "2 clients send us work" in _text(office, "/clients/")
    made = office.post("/clients/new/", {"code": "WEST", "name": "Westmarch Clinic", "kind": "clinic"})
    assert made.status_code == 302
    text = _text(office, "/clients/")
    assert "1 client cannot work with us yet" in text
    assert "Westmarch Clinic" in text
    page = _text(office, made["Location"])
    assert "Westmarch Clinic cannot send images yet" in page
    assert "Nobody yet" in page
    assert office.post("/clients/new/", {"code": "WEST", "name": "Again", "kind": "clinic"}).status_code == 422
    assert "What is agreed" in page
    assert "Nothing is agreed with Westmarch Clinic yet" in _text(office, f"{made['Location']}agreement/")


def test_a_node_may_send_and_is_refused_from_the_page(world: World, office: Client) -> None:
    """A node that the manager adds is admitted, one that is refused is nobody; faults are said at the field."""
    north = world.clients["NORTH"]
    page = f"/clients/{north}/"
    assert office.post(f"{page}nodes/", {"aet": "A" * 16, "cidr": "nonsense"}).status_code == 422
    assert office.post(f"{page}nodes/", {"aet": "NORTH_MR", "cidr": "10.9.0.0/16"}).status_code == 302
    sender = queries.sender_for("NORTH_MR", "10.9.1.1")
    assert sender is not None
    assert sender.client_code == "NORTH"
    other = f"/clients/{world.clients['SOUTH']}/nodes/{sender.ae_id}/refuse/"
    assert office.post(other).status_code == 404, "a node of another client is not found under this one"
    assert office.post(f"{page}nodes/{sender.ae_id}/refuse/").status_code == 302
    assert queries.sender_for("NORTH_MR", "10.9.1.1") is None


def test_a_token_is_shown_once_and_ends_from_the_page(world: World, office: Client) -> None:
    """The token stands on the answer that made it and nowhere afterwards; ended, it opens nothing."""
    page = f"/clients/{world.clients['NORTH']}/"
    text = office.post(f"{page}tokens/", {"name": "Gateway", "scopes": ["store", "order"]}).content.decode()
    secret = re.search(r"ovr_[\w-]+", text)
    assert secret is not None
    assert queries.token_for(secret.group(), "order") is not None
    assert queries.token_for(secret.group(), "read") is None
    assert secret.group() not in _text(office, page)
    token = queries.tokens(world.clients["NORTH"])[0]
    assert office.post(f"{page}tokens/{token.id}/end/").status_code == 302
    assert queries.token_for(secret.group(), "order") is None


def test_a_closed_client_is_refused_at_the_door_and_can_come_back(world: World, office: Client) -> None:
    """Closing refuses the client's nodes at once; opening again lets them in as they stood."""
    page = f"/clients/{world.clients['NORTH']}/"
    office.post(f"{page}standing/")
    assert queries.sender_for("NORTH_CT2", "127.0.0.1") is None
    assert "no work is taken" in _text(office, page)
    office.post(f"{page}standing/")
    assert queries.sender_for("NORTH_CT2", "127.0.0.1") is not None


def test_a_clients_administrator_sees_their_own_organisation_and_no_other(world: World, client: Client) -> None:
    """They read who signs in, what may send and what is agreed; another client's agreement is not found (H06)."""
    sign_in(client, world.people["north_admin"].id)
    text = _text(client, "/organisation/")
    assert "Dr Linnet Farrow" in text
    assert "NORTH_CT2" in text
    assert "Dr Rowan Pike" not in text
    assert "SOUTH_CBCT" not in text
    assert "Northmere site team" in _text(client, f"/clients/{world.clients['NORTH']}/agreement/")
    assert client.get(f"/clients/{world.clients['SOUTH']}/agreement/").status_code == 404
    assert client.get("/clients/").status_code == 403
    client.logout()
    sign_in(client, world.people["north"].id)
    assert client.get("/organisation/").status_code == 403


def test_a_site_is_added_renamed_and_closed_and_its_past_stays(world: World, office: Client) -> None:
    """Each change needs a reason and is a version; closing a site refuses the nodes that stand at it; another's is not found."""
    north = world.clients["NORTH"]
    page = f"/clients/{north}/"
    assert office.post(f"{page}sites/", {"code": "small words", "name": "Main"}).status_code == 422
    assert office.post(f"{page}sites/", {"code": "MAIN", "name": "Main building"}).status_code == 302
    with world.scope("NORTH"):
        site = queries.sites(north)[0]
    node = {"aet": "MAIN_CT", "cidr": "10.8.0.0/16", "site_id": str(site.id)}
    assert office.post(f"{page}nodes/", node).status_code == 302
    assert queries.sender_for("MAIN_CT", "10.8.1.1").site_id == site.id  # type: ignore[union-attr]
    one = f"{page}sites/{site.id}/"
    unsaid = office.post(one, {"do": "rename", "name": "East wing"})
    assert (unsaid.status_code, "Say why" in unsaid.content.decode()) == (422, True)
    assert office.post(one, {"do": "rename", "name": "East wing", "why": "The trust renamed it"}).status_code == 302
    assert office.post(one, {"do": "close", "why": "Sold"}).status_code == 302
    assert queries.sender_for("MAIN_CT", "10.8.1.1") is None
    with world.scope("NORTH"):
        held = [(v.name, v.active, v.why) for v in queries.site_versions(north)[site.id]]
    renamed = ("East wing", True, "The trust renamed it")
    assert held == [("East wing", False, "Sold"), renamed, ("Main building", True, "")]
    assert "Main building" in _text(office, page)
    assert office.post(one, {"do": "reopen", "why": "Bought back"}).status_code == 302
    foreign = f"/clients/{world.clients['SOUTH']}/sites/{site.id}/"
    assert office.post(foreign, {"do": "close", "why": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "title"),
    [
        ("inspector", "statements"),
        ("clinical_safety_officer", "statements"),
        ("external_reviewer", "Nothing is due"),
        ("director", "statements"),
        ("", "You have no role"),
    ],
)
def test_nobody_begins_on_a_blank_page(world: World, client: Client, role: str, title: str) -> None:
    """Each role begins on a page that says what there is to do, or that there is nothing and why."""
    sign_in(client, make_person(*filter(None, [role]), name="First Day").id)
    answer = client.get("/", follow=True)
    assert answer.status_code == 200
    assert title in answer.content.decode()
