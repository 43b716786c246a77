"""The shell of the product: where a role begins, who may search, what the bell says. Parts: foundation/ui/tests."""

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.ui import slots
from overread.journey.escalation import actions as escalation
from overread.site.wiring import wire
from tests.world import World, world

__all__ = ["world"]


@pytest.fixture(autouse=True)
def joined():
    before = slots.use(slots.Registry())
    wire()
    yield
    slots.use(before)


def _browser(world: World, name: str) -> Client:
    browser = Client()
    sign_in(browser, world.people[name].id)
    return browser


@pytest.mark.django_db
def test_nobody_sees_bell_or_search_without_signing_in() -> None:
    """Root, bell and search lead a stranger to the sign-in page and say nothing."""
    for answer in (Client().get("/"), Client().get("/ui/live/"), Client().post("/find/", {"q": "Quill"})):
        assert answer.status_code == 302
        assert "/sign-in/" in answer["Location"]


def test_the_search_finds_cases_of_the_own_scope_only(world: World) -> None:
    """Staff find a case by name, case number and accession; the text is not taken from an address; clients do not search."""
    ready = world.ready_case("NORTH")
    reader = _browser(world, "reader")
    for text in ("Quillf", ready.number):
        html = reader.post("/find/", {"q": text}, headers={"hx-request": "true"}).content.decode()
        assert ready.number in html
        assert "<html" not in html
    assert reader.get("/find/?q=Quillf").status_code == 405
    assert "at least 3" in reader.post("/find/", {"q": "Qu"}, headers={"hx-request": "true"}).content.decode()
    assert _browser(world, "north").post("/find/", {"q": "Quillf"}).status_code == 403


def test_the_search_shows_what_was_typed_as_text(world: World) -> None:
    """Markup in the search box stays text."""
    html = _browser(world, "reader").post("/find/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_an_open_alert_rings_for_those_who_must_see_it(world: World) -> None:
    """The bell and the clock of the manager name an open alert; a client's user sees neither."""
    ready = world.ready_case("NORTH", priority="emergency")
    with world.scope("NORTH"):
        escalation.raise_alert(actor=world.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed")
    html = _browser(world, "manager").get("/ui/live/").content.decode()
    assert "1 thing needs you" in html
    assert html.count("or-due is-inline") == 2
    assert "Quillfeather" not in html
    html = _browser(world, "south").get("/ui/live/").content.decode()
    assert "Nothing needs you now" in html


def test_an_unattended_page_does_not_keep_a_session_awake(world: World) -> None:
    """What a page asks while nobody touches it, and says so, lets the session lock; the same asked by hand does not."""
    from datetime import timedelta

    from django.utils import timezone

    from overread.foundation.accounts.models import WebSession
    from overread.foundation.accounts.tests.people import age_session

    browser = Client()
    session_id = sign_in(browser, world.people["reader"].id)
    long_ago = timezone.now() - timedelta(minutes=10)
    age_session(session_id, seen_at=long_ago)
    browser.get("/account/", headers={"X-Nobody-There": "1"})
    assert WebSession.objects.get(id=session_id).seen_at == long_ago
    browser.get("/account/")
    assert WebSession.objects.get(id=session_id).seen_at > long_ago


def test_looking_for_news_does_not_keep_a_session_awake(world: World) -> None:
    """A page left open asks for the bell again and again, and the session still locks after its idle time."""
    from datetime import timedelta

    from django.utils import timezone

    from overread.foundation.accounts.models import WebSession
    from overread.foundation.accounts.tests.people import age_session

    browser = Client()
    session_id = sign_in(browser, world.people["manager"].id)
    long_ago = timezone.now() - timedelta(minutes=10)
    age_session(session_id, seen_at=long_ago)
    assert browser.get("/ui/live/").status_code == 200
    assert WebSession.objects.get(id=session_id).seen_at == long_ago
    browser.get("/account/")
    assert WebSession.objects.get(id=session_id).seen_at > long_ago
