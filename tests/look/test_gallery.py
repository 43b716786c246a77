"""The parts in a real browser: both themes, two widths, keys, menus, ticking. Pages of areas have their own tests."""

from typing import TYPE_CHECKING

import pytest

from tests.browser import axe_clean, fits, open_page, set_theme, shot

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
GALLERY = "/ui/gallery/"


@pytest.mark.parametrize("width", [1440, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "?room=1"])
def test_the_parts_are_readable_by_everybody(served: str, page: "Page", theme: str, width: int, query: str) -> None:
    """Every part passes the accessibility rules in light and dark, and no page scrolls sideways at 1280 or 1440."""
    set_theme(page, served, theme)
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, served + GALLERY + query)
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    axe_clean(page)
    fits(page)
    shot(page, f"gallery{'-room' if query else ''}-{theme}-{width}")


def test_a_telephone_and_200_percent_lose_nothing(served: str, page: "Page") -> None:
    """At 640 and 390 px, which is 1280 at 200 % and a telephone, the page still fits and passes."""
    for width in (640, 390):
        page.set_viewport_size({"width": width, "height": 800})
        open_page(page, served + GALLERY)
        fits(page)
        axe_clean(page)
        shot(page, f"gallery-light-{width}")


def test_the_theme_switch_is_kept_by_the_server(served: str, page: "Page") -> None:
    """The chosen colours are there at once on the next page, without a flash, because the server draws them."""
    open_page(page, served + GALLERY)
    assert page.locator("html").get_attribute("data-bs-theme") == "light"
    page.locator(".or-me").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    html = page.request.get(served + GALLERY).text()
    assert '<html lang="en-GB" data-bs-theme="dark"' in html


def test_the_system_decides_until_somebody_chooses(served: str, dark_page: "Page") -> None:
    """Without a choice the page follows the system's colours from the first paint."""
    open_page(dark_page, served + GALLERY)
    assert dark_page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_question_mark_lists_the_keys_and_escape_leads_back(served: str, page: "Page") -> None:
    """The list of keys opens by ?, names the page's keys and closes by Esc; in a text field ? is only a letter."""
    open_page(page, served + GALLERY)
    page.keyboard.press("?")
    dialog = page.locator("#or-keys")
    assert dialog.is_visible()
    assert "Find a patient, accession or case" in dialog.inner_text()
    axe_clean(page)
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.locator("#id_nhs_number").press("?")
    assert not dialog.is_visible()
    assert page.locator("#id_nhs_number").input_value() == "?"


def test_control_k_opens_the_search_from_anywhere(served: str, page: "Page") -> None:
    """Ctrl K finds the search also while somebody writes, and puts the cursor into it."""
    open_page(page, served + GALLERY)
    page.locator("#id_question").click()
    page.keyboard.press("Control+k")
    assert page.locator("#or-search-q").evaluate("e => e === document.activeElement")
    axe_clean(page)


def test_lists_are_walked_by_keyboard(served: str, page: "Page") -> None:
    """J and K move the mark through a list and stop at its ends; the mark is told to screen readers."""
    open_page(page, served + GALLERY)
    marked = page.locator("[data-row].is-sel")
    page.keyboard.press("j")
    assert marked.get_attribute("data-row") == "3"
    page.keyboard.press("j")
    assert marked.get_attribute("data-row") == "3"
    page.keyboard.press("k")
    assert marked.get_attribute("data-row") == "2"
    assert marked.get_attribute("aria-current") == "true"


def test_the_bell_opens_closes_and_gives_the_focus_back(served: str, page: "Page") -> None:
    """What needs the person is one key away; Esc closes it and the focus is where it was."""
    open_page(page, served + GALLERY)
    bell = page.locator("summary.or-bell")
    bell.focus()
    page.keyboard.press("Enter")
    assert page.get_by_text("Nobody has taken it").is_visible()
    axe_clean(page)
    page.keyboard.press("Escape")
    assert not page.get_by_text("Nobody has taken it").is_visible()
    assert bell.evaluate("e => e === document.activeElement")


def test_two_tabs_on_one_case_are_told(served: str, page: "Page") -> None:
    """Whoever opens the same case in a second tab is told in both, before anything is overwritten."""
    lock = "document.body.dataset.tabLock = 'read-1'; import('/static/ui/js/tab-lock.js').then(m => m.startTabLock())"
    open_page(page, served + GALLERY)
    page.evaluate(lock)
    second = page.context.new_page()
    open_page(second, served + GALLERY)
    second.evaluate(lock)
    for tab in (page, second):
        told = tab.get_by_text("This is open in another tab as well")
        told.wait_for(timeout=5000)
        assert told.is_visible()


def test_printing_leaves_the_shell_out_and_the_patient_in(served: str, page: "Page") -> None:
    """On paper there is no menu and no button, and the patient's name stays."""
    open_page(page, served + GALLERY)
    page.emulate_media(media="print")
    assert not page.locator(".or-nav").is_visible()
    assert not page.locator(".or-top").is_visible()
    assert page.locator(".or-pt-name").first.is_visible()
