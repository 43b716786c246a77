"""The pages on which agreements are changed: readable in both themes, nothing sideways, with a change under way."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.clients import actions as clients
from overread.journey.agreement import actions, queries
from overread.journey.agreement.rules import terms_of
from tests.browser import axe_clean, fits, open_page, set_theme, shot
from tests.world import SEED, build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_the_pages_of_a_change_are_readable(live_server: Any, page: "Page") -> None:
    """Form, difference, waiting change, history and the client's sites pass the accessibility rules in both themes."""
    world = build()
    north = world.clients["NORTH"]
    with world.scope("NORTH"):
        held = terms_of(queries.terms_for(north))
        mail_last = replace(held, ladder=tuple(replace(r, order=3 - r.order) for r in held.ladder), retention_years=10)
        asked = {"actor": world.actor("administrator"), "client_id": north, "reason": "Agreed by letter"}
        first = actions.propose(**asked, terms=mail_last)
        actions.approve(actor=world.actor("manager"), proposal_id=first)
        key = actions.propose(**asked, terms=held)
        site = clients.add_site(actor=SEED, client_id=north, code="MAIN", name="Main building")
        clients.rename_site(actor=SEED, client_id=north, site_id=site, name="East wing", why="The trust renamed it")
    browser = Client()
    sign_in(browser, world.people["manager"].id)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    paths = {
        "list": "/agreements/",
        "detail": f"/clients/{north}/agreement/",
        "history": f"/clients/{north}/agreement/history/",
        "proposal": f"/agreements/changes/{key}/",
        "sites": f"/clients/{north}/",
        "change": f"/clients/{north}/agreement/change/",
    }
    for theme, width in (("light", 1440), ("dark", 1280)):
        page.set_viewport_size({"width": width, "height": 900})
        set_theme(page, live_server.url, theme)
        for name, path in paths.items():
            open_page(page, live_server.url + path)
            axe_clean(page)
            fits(page)
            shot(page, f"agreement-{name}-{theme}")
        page.get_by_label("Why it changes").fill("Agreed by telephone")
        page.get_by_label("Routine, minutes", exact=True).fill("720")
        page.get_by_role("button", name="Show what changes").click()
        page.get_by_text(re.compile("What this change alters")).wait_for()
        assert "12 h" in page.locator("[data-difference]").inner_text()
        axe_clean(page)
        fits(page)
        shot(page, f"agreement-looked-{theme}")
