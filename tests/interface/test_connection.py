"""The door of the interface: who is let in, how often, and how a refusal is said."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.clients import actions as clients
from overread.foundation.clients import queries
from overread.foundation.interface import door
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from tests.interface.system import SEED, System, make_token, system
from tests.world import World, world

__all__ = ["world"]


def test_a_token_is_told_whose_it_is(world: World) -> None:
    """The client, the machine's name, the scopes and the end of the token; the clock to compare with; nothing is kept."""
    ends = timezone.now() + timedelta(days=30)
    asked = System(make_token(world, scopes="order,report", name="RIS", expires_at=ends)).ask("GET", "me")
    said = asked.json()
    assert (said["client"], said["token"], said["scopes"]) == ("NORTH", "RIS", ["order", "report"])
    assert datetime.fromisoformat(said["expires_at"]) == ends.replace(microsecond=ends.microsecond // 1000 * 1000)
    assert said["requests_per_minute"] == thresholds.whole("interface.requests")
    assert asked.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer nothing", "Bearer \u00e9"])
def test_without_a_token_that_is_known_nothing_is_said(world: World, header: str) -> None:
    """401 as a problem that says what to send, whatever stands in its place."""
    answer = system(world).ask("GET", "me", Authorization=header)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Authorization: Bearer" in answer.json()["detail"]


def test_a_revoked_token_ends_at_the_next_request(world: World) -> None:
    """Tokens are looked up on every request: revoked, expired, or of a client that is closed, it is refused at once."""
    machine = system(world)
    assert machine.get("me")["client"] == "NORTH"
    line = queries.tokens(world.clients["NORTH"])[0]
    with open_scope(Scope.everything(), opened_by="test"):
        clients.revoke_token(actor=SEED, token_id=line.id)
    assert machine.ask("GET", "me").status_code == 401
    past = System(make_token(world, expires_at=timezone.now() - timedelta(seconds=1)))
    assert past.ask("GET", "me").status_code == 401
    other = system(world)
    with open_scope(Scope.everything(), opened_by="test"):
        clients.close_client(actor=SEED, client_id=world.clients["NORTH"])
    assert other.ask("GET", "me").status_code == 401


def test_a_token_of_another_scope_is_told_which_it_needs(world: World) -> None:
    """403 names the scopes that would do."""
    said = system(world, scopes="store").ask("GET", "changes")
    assert said.status_code == 403
    assert "order or report" in said.json()["detail"]


def test_a_session_opens_nothing(world: World) -> None:
    """People use the pages: the manager's own session is not taken for a token."""
    browser = Client()
    sign_in(browser, world.people["manager"].id)
    assert browser.get("/api/v1/me").status_code == 401


def test_too_many_requests_are_told_when_to_go_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 with Retry-After after as many requests as the threshold says; another token goes on; the next minute is new."""
    monkeypatch.setattr(door, "_rate", door._Rate())
    monkeypatch.setattr(thresholds, "whole", lambda name: 3)
    at = datetime(2026, 3, 2, 9, 0, 15, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: at)
    machine, other = system(world), system(world)
    assert [machine.ask("GET", "me").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = machine.ask("GET", "me")
    assert refused.headers["Retry-After"] == "46"
    assert "46 seconds" in refused.json()["detail"]
    assert other.ask("GET", "me").status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: at + timedelta(seconds=46))
    assert machine.ask("GET", "me").status_code == 200


def test_what_no_operation_answers_is_a_problem_too(world: World) -> None:
    """An unknown address, a wrong method, a slash too many: each is JSON with its status, never a page."""
    machine = system(world)
    for method, path, status in (("GET", "nothing", 404), ("DELETE", "me", 405), ("GET", "me/", 404), ("GET", "", 404)):
        answer = machine.ask(method, path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), path
        assert answer.json()["status"] == status
    assert machine.ask("DELETE", "me").headers["Allow"] == "GET"


def test_the_description_is_open_and_says_nothing_of_anybody(world: World) -> None:
    """OpenAPI at the promised address, without a token."""
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Overread"
    assert "NORTH" not in str(answer.json()["paths"].get("/api/v1/me", {}).get("description", ""))


def test_the_clients_page_shows_when_a_token_ends(world: World) -> None:
    """A token with a last day shows it; one whose day has passed shows as ended, like one that was revoked."""
    for name, days in (("New RIS", 30), ("Old RIS", -2)):
        make_token(world, name=name, expires_at=timezone.now() + timedelta(days=days))
    browser = Client()
    sign_in(browser, world.people["manager"].id)
    text = browser.get(f"/clients/{world.clients['NORTH']}/").content.decode()
    assert text.count(", until ") == 2
    assert "End the token of New RIS" in text
    assert "End the token of Old RIS" not in text
