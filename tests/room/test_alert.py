"""An alert in two keystrokes from the reading room, wherever the focus is (REQ-42, H07)."""

from __future__ import annotations

import pytest

from tests.browser import axe_clean
from tests.room.service import MARKS, Desk, Service, context, drawing, room, served, until

__all__ = ["context", "drawing", "room", "served"]
pytestmark = MARKS


def _raised(room: Desk) -> str:
    panel = room.page.locator("[data-alert-panel]")
    until(lambda: "Alert raised" in panel.inner_text(), "the alert")
    return str(panel.inner_text())


@pytest.mark.parametrize("place", ["images", "editor"])
def test_an_alert_takes_two_keystrokes(served: Service, room: Desk, place: str) -> None:
    """Alt A and 1 raise a critical alert with the focus in the images or in the report; the focus goes back."""
    room.claim(served.case())
    room.page.wait_for_selector("[data-alert-panel]")
    if place == "images":
        room.over_images("Alt+a", "1")
    else:
        room.page.locator("#section-findings").focus()
        room.page.keyboard.press("Alt+a")
        room.page.keyboard.press("1")
    _raised(room)
    where = "document.activeElement.id"
    wanted = "or-viewer" if place == "images" else "section-findings"
    until(lambda: room.page.evaluate(where) == wanted, "the focus to come back")
    assert room.page.locator("#section-findings").input_value() == ""


def test_another_key_raises_nothing_and_says_so(served: Service, room: Desk) -> None:
    """After Alt A any key but 1 to 4 leaves, raises nothing, and the page says that."""
    room.claim(served.case())
    room.page.wait_for_selector("[data-alert-panel]")
    room.page.keyboard.press("Alt+a")
    room.page.keyboard.press("x")
    assert "No alert was raised" in room.page.locator("#or-said").inner_text()
    assert "Alert raised" not in room.page.locator("[data-alert-panel]").inner_text()


def test_the_room_is_readable_by_everybody_and_lists_its_keys(served: Service, room: Desk) -> None:
    """At 1440 and 1280, dark and light, the room breaks no accessibility rule; ? lists the keys."""
    room.claim(served.case())
    room.page.wait_for_selector("[data-alert-panel]")
    for theme in ("dark", "light"):
        room.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
        for width in (1440, 1280):
            room.page.set_viewport_size({"width": width, "height": 900})
            axe_clean(room.page, exclude=("#or-viewer",))
    room.page.locator("#or-read-side").focus()
    room.page.keyboard.press("?")
    told = room.page.locator("#or-keys").inner_text()
    assert "Alert: then 1 critical" in told
    assert "Next image not shown yet" in told
