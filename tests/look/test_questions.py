"""The threads of questions in a browser: asked in the living reading room, answered in the portal, readable."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from tests.browser import axe_clean, fits, shot
from tests.kinds import MRI, OUTSIDE, agreed
from tests.look.test_kinds import _claimed, enter
from tests.world import build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_question_is_asked_in_the_room_and_answered_in_the_portal(
    live_server: Any, page: "Page", tmp_path: Path
) -> None:
    """The room stays as it is while its reader asks; the client sees that the clock stands, and answers (REQ-51)."""
    use(LocalStore(tmp_path / "blobs", 0))
    world = build()
    agreed(world)
    case_id, read_id = _claimed(world, "NORTH", MRI | OUTSIDE)
    url = live_server.url
    enter(page, url, world, "reader")
    page.goto(f"{url}/read/{read_id}/")
    page.locator("[data-questions] summary").scroll_into_view_if_needed()
    page.locator("[data-questions] summary").click()
    page.get_by_label("What it is about").fill("Contrast")
    page.locator("[data-questions] textarea[name=text]").fill("Was contrast given?")
    page.locator("[data-questions] select").select_option("question")
    page.get_by_role("button", name="Ask the client").click()
    page.get_by_text("Waits for the client, clock stands").wait_for()
    assert page.url.endswith(f"/read/{read_id}/")
    axe_clean(page, exclude=("#or-viewer",))
    fits(page)
    shot(page, "questions-room-dark-1440")
    enter(page, url, world, "north", "light", 1280)
    page.goto(f"{url}/portal/")
    shot(page, "questions-portal-light-1280")
    page.get_by_role("link", name="Read and answer").click()
    page.get_by_label("Answer").fill("Yes, 80 ml of iohexol.")
    axe_clean(page)
    fits(page)
    shot(page, "questions-client-light-1280")
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("Waits for the provider").wait_for()
    enter(page, url, world, "administrator", "light", 1280)
    page.goto(f"{url}/cases/{case_id}/")
    page.get_by_text("Yes, 80 ml of iohexol.").wait_for()
    axe_clean(page)
    shot(page, "questions-case-light-1280")
    page.get_by_role("button", name="Close the question").click()
    page.get_by_text("Closed").first.wait_for()
