"""Pages of the product with rows behind them, as their people see them: readable by everybody, nothing sideways."""

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.escalation import actions as escalation
from overread.site.wiring import wire
from tests.browser import axe_clean, fits, open_page, set_theme, shot
from tests.world import World, build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def _enter(page: "Page", url: str, world: World, name: str) -> None:
    browser = Client()
    sign_in(browser, world.people[name].id)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def test_the_first_pages_of_each_role_are_readable(live_server: Any, page: "Page") -> None:
    """Worklist, case, alert, homes, forms and portal pass the accessibility rules in both themes and do not scroll sideways."""
    wire()
    world = build()
    ready = world.ready_case("NORTH", priority="emergency", question="Fall, on apixaban. Bleed?")
    with world.scope("NORTH"):
        alert = escalation.raise_alert(
            actor=world.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed", side="left"
        )
    visits = {
        "reader": ["/worklist/", f"/cases/{ready.case_id}/"],
        "manager": ["/manager/", f"/alerts/{alert}/", "/referrals/new/"],
        "administrator": ["/today/", "/holds/", "/matching/"],
        "north": ["/portal/", "/send/"],
    }
    for theme, width in (("light", 1440), ("dark", 1280)):
        page.set_viewport_size({"width": width, "height": 900})
        for name, paths in visits.items():
            _enter(page, live_server.url, world, name)
            set_theme(page, live_server.url, theme)
            for path in paths:
                open_page(page, live_server.url + path)
                axe_clean(page)
                fits(page)
                shot(page, f"{name}-{path.strip('/').split('/')[0]}-{theme}")
