"""The registers as a registered manager sees them: readable by everybody in both themes, nothing sideways."""

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from overread.foundation.accounts.tests.people import make_person, sign_in
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.people import queries as people
from overread.governance.policies import queries as policies
from overread.governance.risks import queries as risks
from overread.governance.training import queries as training
from overread.site.demo.governance import seed_governance
from overread.site.demo.people import PEOPLE
from tests.browser import axe_clean, fits, open_page, set_theme, shot
from tests.world import join_house

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def _pages(ids: dict[str, Any]) -> dict[str, str]:
    with open_scope(Scope.provider(), opened_by="test"):
        risk = risks.risks()[1].key
        draft = policies.waiting()[0].key
        policy = next(iter(policies.in_force()))
        certificate = training.certificates()[0].key
        paper = people.papers()[0].key
    return {
        "risks": "/risks/",
        "risk": f"/risks/{risk}/",
        "risk-change": f"/risks/{risk}/change/",
        "risk-history": f"/risks/{risk}/history/",
        "import": "/risks/import/",
        "policies": "/policies/",
        "policy": f"/policies/{policy}/",
        "draft": f"/policies/{draft}/",
        "reading": "/policies/mine/",
        "training": "/training/",
        "year": "/training/year/",
        "person": f"/training/people/{ids['pip']}/",
        "own-training": "/training/mine/",
        "certificates": "/training/certificates/",
        "certificate": f"/training/certificates/{certificate}/",
        "staff": "/staff/",
        "file": f"/staff/{ids['pip']}/",
        "paper": f"/staff/papers/{paper}/",
    }


def test_the_registers_are_readable(live_server: Any, page: "Page") -> None:
    """Every page of the registers passes the accessibility rules in both themes and does not scroll sideways."""
    join_house()
    ids = {one.short: make_person(*one.roles, name=one.full_name).id for one in PEOPLE if not one.client}
    seed_governance(ids)
    browser = Client()
    sign_in(browser, ids["imogen"])
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    for theme, width in (("light", 1440), ("dark", 1280)):
        page.set_viewport_size({"width": width, "height": 900})
        set_theme(page, live_server.url, theme)
        for name, path in _pages(ids).items():
            open_page(page, live_server.url + path)
            axe_clean(page)
            fits(page)
            shot(page, f"register-{name}-{theme}")
