"""The pages of thresholds and of the critical-results policy in a real browser."""

from typing import TYPE_CHECKING, Any

import pytest

from overread.site.wiring import wire
from tests.browser import axe_clean, fits, open_page, set_theme, shot
from tests.look.test_pages import _enter
from tests.world import build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_pages_of_policy_are_readable(live_server: Any, page: "Page") -> None:
    """Thresholds and the critical-results policy pass the accessibility rules in both themes and widths."""
    wire()
    world = build()
    for theme, width in (("light", 1440), ("dark", 1280)):
        page.set_viewport_size({"width": width, "height": 900})
        _enter(page, live_server.url, world, "manager")
        set_theme(page, live_server.url, theme)
        for path in ("/thresholds/", "/policies/critical-results/"):
            open_page(page, live_server.url + path)
            axe_clean(page)
            fits(page)
            shot(page, f"policy-{path.strip('/').replace('/', '-')}-{theme}")
