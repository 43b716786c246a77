"""The pages of inspection in a real browser, and the printed pack by an outside validator."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.running import drain
from overread.governance.inspection import actions
from overread.governance.inspection.rules import period_of
from overread.site.wiring import wire
from tests.browser import axe_clean, fits, open_page, set_theme, shot
from tests.look.test_pages import _enter
from tests.world import build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_five_questions_are_readable(live_server: Any, page: "Page", tmp_path: Path) -> None:
    """Overview, rows and packs pass the accessibility rules in both themes and widths; a number opens its rows."""
    wire()
    use(LocalStore(tmp_path / "blobs", 0))
    world = build()
    world.ready_case("NORTH", priority="emergency")
    world.ready_case("SOUTH")
    with open_scope(Scope.provider(), opened_by="test"):
        actions.ask_pack(actor=world.actor("manager"), period=period_of({}, timezone.now()), edition="saf-34")
        drain()
    for theme, width in (("light", 1440), ("dark", 1280)):
        page.set_viewport_size({"width": width, "height": 900})
        _enter(page, live_server.url, world, "manager")
        set_theme(page, live_server.url, theme)
        for path in (
            "/inspection/?question=responsive",
            "/inspection/facts/case.work/",
            "/inspection/?framework=sector-2026",
        ):
            open_page(page, live_server.url + path)
            axe_clean(page)
            fits(page)
            shot(page, f"inspection-{path.strip('/').replace('/', '-').replace('?', '-')}-{theme}")
    open_page(page, live_server.url + "/inspection/?question=responsive")
    page.get_by_role("link", name="Cases taken: 2 cases").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Cases taken: 2 cases"
    assert page.locator("tbody tr").count() == 2
