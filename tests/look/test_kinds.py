"""The editors of each kind of work in a browser: by keyboard, readable, saved as written."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.journey.allocation import actions as allocation
from overread.journey.reporting import queries as reports
from tests.browser import axe_clean, fits, set_theme, shot
from tests.kinds import DENTAL, MRI, OUTSIDE, agreed, ready
from tests.signing import CBCT_SECTIONS, VOLUME
from tests.world import World, build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def enter(page: "Page", url: str, world: World, name: str, theme: str = "dark", width: int = 1440) -> None:
    """Be somebody, in a theme and at a width."""
    browser = Client()
    sign_in(browser, world.people[name].id)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
    set_theme(page, url, theme)
    page.set_viewport_size({"width": width, "height": 900})


def _saved(page: "Page") -> None:
    page.locator("#report-saved", has_text=re.compile("^saved ")).wait_for()


def _claimed(world: World, code: str, fields: dict[str, str]) -> tuple[UUID, UUID]:
    case_id, read_id = ready(world, fields, code)
    with world.scope(code):
        allocation.claim(actor=world.actor("reader"), read_id=read_id)
    return case_id, read_id


def _readable_in_both_themes(page: "Page", url: str, world: World, read_id: UUID) -> None:
    axe_clean(page, exclude=("#or-viewer",))
    fits(page)
    shot(page, "cbct-filled-dark-1440")
    enter(page, url, world, "reader", "light", 1280)
    page.reload()
    page.wait_for_selector("[data-chart]")
    assert page.locator(".or-region input[value=seen]:checked").count() == 8
    axe_clean(page, exclude=("#or-viewer",))
    fits(page)
    page.locator(".or-region").first.scroll_into_view_if_needed()
    shot(page, "cbct-filled-light-1280")
    page.goto(f"{url}/read/{read_id}/sign/")
    shot(page, "cbct-sign-light-1280")


def test_a_dental_report_is_written_by_keyboard_alone(live_server: Any, page: "Page", tmp_path: Path) -> None:
    """Chart, whole volume and text are reached, answered and saved with the keyboard; what is saved passes the checks."""
    use(LocalStore(tmp_path / "blobs", 0))
    world = build()
    _, read_id = _claimed(world, "SOUTH", DENTAL)
    enter(page, live_server.url, world, "reader")
    page.goto(f"{live_server.url}/read/{read_id}/")
    page.wait_for_selector("[data-chart]")
    asked = page.locator("[data-tooth='36']")
    assert asked.get_attribute("aria-label") == "Tooth 36, asked about, nothing written"
    page.locator("#or-read-side").focus()
    page.keyboard.press("Alt+5")
    assert page.evaluate("document.activeElement.dataset.tooth") == "18"
    page.keyboard.press("ArrowDown")
    for _ in range(13):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.tooth") == "36"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("missing, implant planned. Ridge 7.6 mm wide, 13.4 mm high above the canal")
    shot(page, "cbct-chart-dark-1440")
    page.keyboard.press("Enter")
    assert page.locator("#section-teeth").input_value() == CBCT_SECTIONS["teeth"]
    assert page.evaluate("document.activeElement.dataset.tooth") == "36"
    assert "implant planned" in str(asked.get_attribute("aria-label"))
    for region in page.locator(".or-region").all()[:-1]:
        region.locator("input[type=radio]").first.focus()
        page.keyboard.press("Space")
    page.locator(".or-region input[type=radio]").last.focus()
    page.keyboard.press("Space")
    assert page.locator("#section-volume").input_value() == VOLUME
    for name in ("quality", "findings", "conclusion", "recommendation"):
        page.locator(f"#section-{name}").fill(CBCT_SECTIONS[name])
    _saved(page)
    page.wait_for_selector("text=Read once more and sign")
    with world.scope("SOUTH"):
        draft = reports.draft(read_id, world.people["reader"].id)
    assert draft is not None
    assert draft.sections["volume"] == VOLUME
    _readable_in_both_themes(page, live_server.url, world, read_id)


def test_a_second_opinion_shows_the_report_in_question_beside_its_editor(
    live_server: Any, page: "Page", tmp_path: Path
) -> None:
    """The words of the outside report stand beside the editor, and the agreement is graded before anything is signed."""
    use(LocalStore(tmp_path / "blobs", 0))
    world = build()
    agreed(world)
    _, read_id = _claimed(world, "NORTH", MRI | OUTSIDE)
    enter(page, live_server.url, world, "reader")
    page.goto(f"{live_server.url}/read/{read_id}/")
    page.wait_for_selector("#section-grade")
    page.wait_for_selector("[data-original]")
    assert "most likely a low-grade glioma" in page.locator("[data-original]").inner_text()
    assert page.locator("#section-original").input_value() == "Dr Peregrine Holt, Westmoor Hospital, 02 Mar 2026."
    assert page.get_by_text("Say how far you agree with the report in question.").is_visible()
    page.locator("#section-grade").select_option(index=3)
    _saved(page)
    page.wait_for_selector("text=You do not agree in full")
    axe_clean(page, exclude=("#or-viewer",))
    fits(page)
    shot(page, "opinion-dark-1440")
    enter(page, live_server.url, world, "reader", "light", 1280)
    page.reload()
    page.wait_for_selector("[data-original]")
    axe_clean(page, exclude=("#or-viewer",))
    fits(page)
    shot(page, "opinion-light-1280")
