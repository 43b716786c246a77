"""Every page that each role can reach, walked through in a real browser: readable, within its window, silent, by keyboard.

The pages are taken from the URL conf by way of the table of tests/isolation/test_routes.py, which has a row for every route: a
new page is swept without anybody remembering it. What is not a page, or is looked at elsewhere, stands in NOT_SWEPT with
the reason. The reading room with its images is looked at in tests/room.
"""

import os
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from overread.foundation.accounts.rules import Role
from overread.foundation.accounts.tests.people import sign_in
from tests.browser import axe_clean, fits, open_page, set_theme, shot
from tests.isolation.api_rows import API_ROWS
from tests.isolation.test_routes import OPEN, OWN, ROUTES, ROWS, Route
from tests.look.seeded import Seeded, seed
from tests.signing import Post, post
from tests.world import join_house

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["post"]
PART = "a part of another page, looked at with it"
FILE = "a file or data, not a page"
ELSEWHERE = "needs a session in another state; looked at in foundation/accounts/tests/test_browser.py"
ROOM = "needs images and the viewer; looked at in tests/room"

# A route that answers GET and is not swept, with the reason.
NOT_SWEPT = {
    "accounts:locked": ELSEWHERE,
    "accounts:secure": ELSEWHERE,
    "mfa_authenticate": ELSEWHERE,
    "mfa_login_webauthn": FILE,
    "accounts:add_app": "asks for a fresh proof of presence; looked at in foundation/accounts/tests/test_browser.py",
    "case:export": FILE,
    "ui:gallery": "shown in demonstrations only; looked at in tests/look/test_gallery.py",
    "referral:document": FILE,
    "referral:document_for_reader": FILE,
    "referral:reading_panel": PART,
    "allocation:why": PART,
    "reading:room": ROOM,
    "reading:coverage": PART,
    "reading:key_images": PART,
    "reading:picture": FILE,
    "reporting:editor": PART,
    "reporting:pdf": FILE,
    "reporting:case_panel": PART,
    "reporting:original": PART,
    "referral:case_questions": PART,
    "referral:reading_questions": PART,
    "people:file": "asks who the person is, not only for a permission; looked at in tests/look/test_registers.py",
    "policies:read": "needs an edition in force; looked at in tests/look/test_registers.py",
    "case:turnaround": PART,
    "equipment:pattern": FILE,
    "escalation:raise": PART,
    "escalation:case_panel": PART,
    "delivery:report_panel": PART,
    "delivery:case_panel": PART,
    "delivery:portal_pdf": FILE,
    "viewer:viewer": ROOM,
    "viewer:viewer_again": ROOM,
    "viewer:app_config": FILE,
    "viewer:config": FILE,
    "duties:calendar": FILE,
    "inspection:pack": FILE,
    "risks:export": FILE,
    "ui:favicon": FILE,
    "health:metrics": FILE,
    "health:healthz": FILE,
    "health:readyz": FILE,
    "policies:duty": "leads from a duty to its page, which is swept",
    "training:duty": "leads from a duty to its page, which is swept",
    "training:document": FILE,
    "credentials:thing": "leads from a duty to its page, which is swept",
    "credentials:certificate": FILE,
    "papers:document": FILE,
    "reporting:under_override": PART,
    "shell:home": "leads to the first page of the role, which is swept",
    "shell:live": PART,
}
REGISTER = "drawn by foundation/registers as the same page of the risks, which is swept"
NOT_SWEPT |= {
    f"{area}:{page}": FILE if page == "export" else REGISTER
    for area in ("training", "policies", "complaints", "findings", "improvements", "incidents", "papers", "posts")
    for page in ("entry", "history", "change", "end", "export")
    if f"{area}:{page}" in ROWS
}
IMPORT = "the same page as the import of the risks, which is swept"
NOT_SWEPT |= {
    name: FILE if name.endswith("export") else IMPORT
    for name in ROWS
    if name.count(":") > 1 and name.startswith(("credentials:", "equipment:"))
}
REVIEWED = "needs a review or a bundle; asked in journey/review/tests/test_review.py"
NOT_SWEPT |= dict.fromkeys(
    ("review:one", "review:profile", "review:draw", "review:bundle", "review:outside_one"), REVIEWED
)
NOT_SWEPT |= {f"appointments:{page}": REGISTER for page in ("entry", "history", "change", "end")}
NOT_SWEPT |= {"appointments:export": FILE, "review:outside_images": FILE}
NOT_SWEPT |= {
    name: "data for programs, asked with a token; tests/interface" for name, row in API_ROWS.items() if row[0] == "GET"
}
# A page of one person alone, whatever the roles of others.
OWN_ONLY = {"reporting:sign": "reader"}
NOBODY = "nobody"
# Who walks: everybody with a role of their own. In three groups, so that the walks can run side by side.
WALKERS = {
    "reading": ("reader", "reader2", "safeguarding", "ig"),
    "office": ("manager", "administrator", "director"),
    "guests": (NOBODY, "north", "north_admin", "safety", "reviewer", "inspector", "outsider"),
}

# Not seen without a fault yet, and long: asked for by name (make sweep), and counted as NOT RUN elsewhere.
LONG_WALKS = ("reading", "office")

FIND_STOPS = """() => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const seen = new Set();
  window.orStops = [];
  for (const one of document.querySelectorAll(wanted)) {
    if (one.disabled || one.tabIndex < 0 || one.closest('dialog:not([open]), [inert], template')) continue;
    if (!one.checkVisibility({checkVisibilityCSS: true})) continue;
    if (one.type === 'radio') {
      const group = one.form ? [...one.form.elements].filter(e => e.name === one.name) : [one];
      const first = group.find(e => e.checked) || group[0];
      if (one !== first) continue;
    }
    window.orStops.push(one);
  }
  window.orRested = new Map(window.orStops.map(one => [one, getComputedStyle(one).boxShadow + getComputedStyle(one).borderColor]));
  window.orReached = new Set();
  window.orUnseen = new Set();
  document.addEventListener('focusin', event => {
    const one = event.target, style = getComputedStyle(one);
    window.orReached.add(one);
    const drawn = e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0; };
    const label = one.labels && one.labels[0];
    const changed = window.orRested.has(one) && window.orRested.get(one) !== style.boxShadow + style.borderColor;
    if (!drawn(one) && !changed && !(label && drawn(label)) && one.id !== 'main') window.orUnseen.add(one);
  });
  return window.orStops.length;
}"""
MISSED = (
    """() => [...window.orStops].filter(one => !window.orReached.has(one)).map(one => one.outerHTML.slice(0, 160))"""
)
UNSEEN = """() => [...window.orUnseen].map(one => one.outerHTML.slice(0, 160))"""
SHAPE = """() => [...document.querySelectorAll('#main *')].map(e => e.tagName + '.' + e.className).join('|')"""


@pytest.fixture(autouse=True)
def _joined() -> None:
    """The house is joined before the channels of the test take the place of the real ones."""
    join_house()


def _pages() -> list[Route]:
    """Pages in the order of the walk: first those of one person alone, whose claim does not wait for a long walk."""
    found = [r for r in ROUTES if ROWS[r.name][0] == "GET" and r.name not in NOT_SWEPT]
    return sorted(found, key=lambda r: r.name not in OWN_ONLY)


def _may(seeded: Seeded, name: str, route: Route) -> bool:
    kind = ROWS[route.name][1]
    if name == NOBODY:
        return kind == OPEN
    if OWN_ONLY.get(route.name, name) != name:
        return False
    return kind == OWN or (kind != OPEN and seeded.people[name].may(kind))


def _enter(page: "Page", url: str, seeded: Seeded, name: str) -> None:
    page.context.clear_cookies()
    if name != NOBODY:
        browser = Client()
        sign_in(browser, seeded.people[name].id)
        cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def by_keyboard(page: "Page") -> None:
    """The Tab key reaches everything that can be used, and each has a focus that can be seen."""
    stops = page.evaluate(FIND_STOPS)
    page.evaluate("document.activeElement && document.activeElement.blur()")
    within = page.locator("input[type=date], input[type=datetime-local], input[type=time]").count()
    for _ in range(stops + 3 + 6 * within):  # a date has a stop for day, month, year and its calendar
        page.keyboard.press("Tab")
    assert page.evaluate(MISSED) == [], "the Tab key does not reach these"
    assert page.evaluate(UNSEEN) == [], "these have no visible focus"


def _theme(page: "Page", theme: str) -> None:
    page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)


class Sweep:
    """One browser page that walks, and what it has seen: a page of the same shape for another role is not measured twice."""

    def __init__(self, page: "Page", url: str, seeded: Seeded) -> None:
        self.page, self.url, self.seeded = page, url, seeded
        self.shapes: set[tuple[str, str]] = set()
        self.faults: list[str] = []
        self.visited: set[str] = set()

    def visit(self, route: Route, name: str) -> None:
        """Open a page as somebody and keep what is wrong with it."""
        places = self.seeded.places(route.name)
        path = reverse(route.name, kwargs={place: places[place] for place in route.places})
        self.visited.add(route.name)
        try:
            self._look(route, name, path)
        except AssertionError as fault:
            self.faults.append(f"{route.name} ({path}) as {name}: {fault}")

    def _look(self, route: Route, name: str, path: str) -> None:
        page = self.page
        page.set_viewport_size({"width": 1440, "height": 900})
        open_page(page, self.url + path)
        fits(page)
        shape = (route.name, page.evaluate(SHAPE))
        if shape in self.shapes:
            return
        self.shapes.add(shape)
        kept = f"{route.name.replace(':', '-')}-{name}"
        shot(page, f"{kept}-light")
        axe_clean(page)
        by_keyboard(page)
        page.set_viewport_size({"width": 1280, "height": 800})
        _theme(page, "dark")
        fits(page)
        axe_clean(page)
        shot(page, f"{kept}-dark")


def test_every_page_is_swept_or_says_why_not() -> None:
    """A page that no role of the walk may open, and an exception whose route is gone, fail."""
    names = {r.name for r in ROUTES}
    assert set(NOT_SWEPT) <= names, "an exception names a route that is gone"
    assert all(ROWS[name][0] == "GET" for name in NOT_SWEPT), "only what answers GET can be a page"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("group", WALKERS)
def test_every_page_of_every_role(live_server: Any, page: "Page", post: Post, group: str) -> None:
    """Each page that each role reaches: no accessibility fault in light and dark, no sideways scrolling, no error, all by keyboard."""
    if group in LONG_WALKS and os.environ.get("OVERREAD_SWEEP") != "1":
        pytest.skip("NOT RUN: this walk takes many minutes; make sweep")
    seeded = seed(post)
    sweep = Sweep(page, live_server.url, seeded)
    for name in WALKERS[group]:
        _enter(page, live_server.url, seeded, name)
        set_theme(page, live_server.url, "light")
        for route in _pages():
            if _may(seeded, name, route):
                sweep.visit(route, name)
    assert sweep.faults == [], "\n".join(sweep.faults)


@pytest.mark.django_db
def test_every_page_has_somebody_who_walks_it(post: Post) -> None:
    """For each page there is a role in the walk that may open it, and each role of the product walks."""
    seeded = seed(post)
    walkers = [name for names in WALKERS.values() for name in names]
    unseen = [r.name for r in _pages() if not any(_may(seeded, name, r) for name in walkers)]
    assert unseen == []
    unsaid = {r.name: sorted(set(r.places) - set(seeded.places(r.name))) for r in _pages()}
    assert {name: places for name, places in unsaid.items() if places} == {}, (
        "say in tests/look/seeded.py what these are"
    )
    roles = {str(role) for name in walkers if name != NOBODY for role in seeded.people[name].roles}
    assert roles == {str(role) for role in Role} - {"gateway"}
