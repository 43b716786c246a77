"""The pages of cases and of reception in a browser: readable, reachable, nothing refused by the content policy."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.reception import actions as reception
from overread.journey.reception import queries as reception_queries
from overread.journey.reception.rules import Arrived
from tests.browser import axe_clean, open_page, shot
from tests.world import SEED, World, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

__all__ = ["world"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_case_list_case_page_and_hold_page_are_accessible(
    world: World, client: Client, page: "Page", served: str, theme: str
) -> None:
    """Drawn with real rows in both themes, these pages pass WCAG 2.2 AA checks and report no error."""
    made = world.ready_case(priority="urgent", images=4)
    with world.scope("NORTH"):
        objects = world.objects("1.2.826.0.1.3680043.9.7.3", 2, birth_date=None)
        batch = tuple(Arrived(o) for o in objects)
        reception.take_batch(actor=SEED, client_id=world.clients["NORTH"], batch=batch)
        hold = reception_queries.held()[0]
    sign_in(client, world.people["administrator"].id)
    client.cookies["or_theme"] = theme
    places = {
        "/cases/": "cases",
        f"/cases/{made.case_id}/": "CT head",
        "/holds/": "waits for your decision",
        f"/holds/{hold.id}/": "no date of birth",
    }
    # Drawn here: the browser's handlers run in another context, which does not see this test's transaction.
    drawn = {place: client.get(place) for place in places}
    assert {answer.status_code for answer in drawn.values()} == {200}
    page.route(f"{served}/**", _answers({place: answer.content for place, answer in drawn.items()}))
    for number, (place, heading) in enumerate(places.items()):
        open_page(page, served + place)
        assert heading in page.locator("h1").inner_text()
        axe_clean(page)
        shot(page, f"journey-{number}-{theme}")


def _answers(drawn: dict[str, bytes]) -> "Callable[[Route], None]":
    """Pages as they were drawn, style sheets and scripts from the server, and nothing for panels of later stages."""

    def answer(route: "Route") -> None:
        path = "/" + route.request.url.split("/", 3)[3]
        if path.startswith("/static/"):
            route.continue_()
        else:
            route.fulfill(body=drawn.get(path, b""), content_type="text/html; charset=utf-8")

    return answer
