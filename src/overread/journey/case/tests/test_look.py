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
    page.route(f"{served}/**", _answers(client))
    places = {
        "cases": "/cases/",
        "case": f"/cases/{made.case_id}/",
        "holds": "/holds/",
        "hold": f"/holds/{hold.id}/",
    }
    for name, place in places.items():
        open_page(page, served + place)
        axe_clean(page)
        shot(page, f"journey-{name}-{theme}")


def _answers(client: Client) -> "Callable[[Route], None]":
    """Pages and panels come from the signed-in test client, style sheets and scripts from the server."""

    def answer(route: "Route") -> None:
        path = "/" + route.request.url.split("/", 3)[3]
        if path.startswith("/static/"):
            route.continue_()
            return
        drawn = client.get(path, headers={"hx-request": "true"} if "hx-request" in route.request.headers else {})
        headers = {name: value for name, value in drawn.items() if name.lower() != "content-length"}
        route.fulfill(status=drawn.status_code, body=drawn.content, headers=headers)

    return answer
