"""What people see of the systems of clients: the token's scopes, who sent a referral, who answered, who opened a report."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.journey.referral import queries
from tests.browser import axe_clean, fits, open_page, set_theme, shot
from tests.interface.system import make_token, system
from tests.interface.test_referrals import HEAD
from tests.isolation.test_routes import _objects
from tests.world import build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_people_see_what_a_system_did(live_server: Any, page: "Page", tmp_path: Path) -> None:
    """Client's page, timeline and thread name the client and its machine; both themes are readable and fit the window."""
    use(LocalStore(tmp_path / "blobs", 0))
    world = build()
    objects = _objects(world)
    ris = system(world, scopes="order,report")
    make_token(world, scopes="store", name="Old gateway", expires_at=timezone.now() - timedelta(days=2))
    taken = ris.post("referrals", HEAD, status=201)
    said = {"text": "Contrast was given, 100 ml.", "name": "Ida Marsh", "role": "Radiographer"}
    ris.post(f"questions/{objects['question_id']}/answers", said, status=201)
    ris.get(f"reports/{objects['report_id']}")
    with world.scope("NORTH"):
        thread = queries.query(objects["question_id"])
    assert thread
    pages = {
        "client": (f"/clients/{world.clients['NORTH']}/", "Send and follow referrals and answer questions"),
        "timeline": (f"/cases/{taken['case_id']}/", "Northmere General, RIS (its system)"),
        "answered": (f"/cases/{thread.case_id}/", "Question 1: the client wrote"),
        "questions": (f"/cases/{thread.case_id}/", "Ida Marsh, Radiographer (through RIS)"),
    }
    browser = Client()
    sign_in(browser, world.people["manager"].id)
    value = browser.cookies[settings.SESSION_COOKIE_NAME].value
    for theme, width in (("light", 1440), ("dark", 1280)):
        page.set_viewport_size({"width": width, "height": 900})
        page.context.clear_cookies()
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
        set_theme(page, live_server.url, theme)
        for name, (path, words) in pages.items():
            open_page(page, live_server.url + path)
            page.get_by_text(words).first.wait_for()
            axe_clean(page)
            fits(page)
            shot(page, f"system-{name}-{theme}")
