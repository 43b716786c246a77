"""What the pages say of an alert is what may be done with it, and how it ended."""

from django.test import Client
from django.urls import reverse

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.allocation import actions as allocation
from overread.journey.escalation import actions
from tests.world import World, world

__all__ = ["world"]
REASON = "The finding was known and is being treated already."


def _page(world: World, name: str, address: str) -> str:
    browser = Client()
    sign_in(browser, world.people[name].id)
    return browser.get(address).content.decode()


def test_who_raised_an_alert_is_told_that_it_cannot_be_taken_back(world: World) -> None:
    """The room says so before an alert is raised; its page tells the reader who may close it, and offers that to others only."""
    ready = world.ready_case("NORTH")
    with world.scope("NORTH"):
        allocation.claim(actor=world.actor("reader"), read_id=ready.read_id)
        alert = actions.raise_alert(
            actor=world.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed"
        )
    assert "cannot be taken back" in _page(world, "reader", reverse("escalation:raise", args=[ready.read_id]))
    page = _page(world, "reader", reverse("escalation:detail", args=[alert]))
    assert "It cannot be taken back" in page
    assert "Close without an acknowledgement" not in page
    assert "Close without an acknowledgement" in _page(world, "manager", reverse("escalation:detail", args=[alert]))


def test_an_alert_closed_with_a_reason_is_nowhere_called_taken(world: World) -> None:
    """Closed without an acknowledgement: list, page, room and the client's page say that, and never that somebody took it (H08)."""
    ready = world.ready_case("NORTH")
    with world.scope("NORTH"):
        allocation.claim(actor=world.actor("reader"), read_id=ready.read_id)
        alert = actions.raise_alert(
            actor=world.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed"
        )
        actions.override(
            actor=world.actor("manager"), alert_id=alert, name="Rosalind Thackeray", role="Manager", reason=REASON
        )
    detail = reverse("escalation:detail", args=[alert])
    pages = {
        "list": _page(world, "manager", reverse("escalation:list")),
        "page": _page(world, "manager", detail),
        "room": _page(world, "reader", reverse("escalation:raise", args=[ready.read_id])),
        "client": _page(world, "north", reverse("escalation:portal", args=[alert])),
    }
    for place, html in pages.items():
        assert "without an acknowledgement" in html, place
        assert "taken by" not in html, place
        assert "Alert taken" not in html, place
