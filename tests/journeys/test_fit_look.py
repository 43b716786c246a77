"""The pages of readers and of equipment in a browser: readable, reachable, nothing refused by the content policy."""

import re
from typing import TYPE_CHECKING

import pytest

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.equipment import queries as equipment
from tests.browser import axe_clean, fits, open_page, shot
from tests.journeys.house import House, house
from tests.journeys.test_gates import _let_pass, _overdue
from tests.world import world

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]


def _answers(drawn: dict[str, bytes], picture: bytes) -> "Callable[[Route], None]":
    """Pages as they were drawn, the test pattern, style sheets and scripts from the server, and nothing for panels."""

    def answer(route: "Route") -> None:
        path = "/" + route.request.url.split("/", 3)[3]
        if path.startswith("/static/"):
            route.continue_()
        elif "pattern.png" in path:
            route.fulfill(body=picture, content_type="image/png")
        else:
            route.fulfill(body=drawn.get(path, b""), content_type="text/html; charset=utf-8")

    return answer


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1280)])
def test_pages_of_readers_and_equipment_are_accessible_and_fit(
    house: House, page: "Page", served: str, theme: str, width: int
) -> None:
    """Drawn with real rows in both themes and widths, these pages pass WCAG 2.2 AA checks and report no error."""
    _overdue(house)
    _let_pass(house)
    person = f"/credentials/people/{house.world.people['reader'].id}/"
    with open_scope(Scope.provider(), opened_by="test"):
        desk = next(w for w in equipment.workstations() if w.owner_id == house.world.people["reader"].id)
    places = {
        "/equipment/sit/": ("reader", "Which workstation"),
        "/equipment/check/": ("reader", "display check of today is done"),
        "/credentials/me/": ("reader", "You may read"),
        "/worklist/": ("reader", "Nothing waits"),
        "/equipment/": ("manager", "Every workstation is in order"),
        f"/equipment/{desk.id}/": ("manager", "is in order"),
        f"/equipment/displays/{desk.displays[0].id}/": ("manager", "in order"),
        "/credentials/": ("manager", "Every reader may read"),
        person: ("manager", "may read"),
        "/credentials/overrides/": ("manager", "1 gate is let pass now"),
    }
    drawn = {}
    for place, (name, _) in places.items():
        browser = house.browser(name)
        browser.cookies["or_theme"] = theme
        answer = browser.get(place)
        assert answer.status_code == 200, place
        drawn[place] = answer.content
    picture = re.search(rb'src="(/equipment/displays/[^"]+)"', drawn["/equipment/check/"])
    assert picture is not None
    pattern = house.browser("reader").get(picture.group(1).decode().replace("&amp;", "&")).content
    page.route(f"{served}/**", _answers(drawn, pattern))
    page.set_viewport_size({"width": width, "height": 900})
    for number, (place, (_, heading)) in enumerate(places.items()):
        open_page(page, served + place)
        assert heading in page.locator("h1").inner_text()
        axe_clean(page)
        fits(page)
        shot(page, f"fit-{number}-{theme}")
    open_page(page, served + "/equipment/check/")
    box = page.locator(".eq-pattern").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (672, 672), "one pixel of the pattern is one pixel of the page"
    assert box["x"] + box["width"] <= width
