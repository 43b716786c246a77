"""Every page that each role can reach, walked through in a real browser: readable, within its window, silent, by keyboard.

The pages are taken from the URL conf by way of the table of tests/isolation/test_routes.py, which has a row for every route: a
new page is swept without anybody remembering it. What is not a page, or is looked at elsewhere, stands in NOT_SWEPT with
the reason. The reading room with its images is looked at in tests/room.
"""

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from overread.foundation.accounts.rules import Role
from overread.foundation.accounts.tests.people import sign_in
from tests.browser import OF_COLOUR_AND_SIZE, axe_clean, fits, open_page, set_theme, shot
from tests.desks import sit
from tests.isolation.api_rows import API_ROWS
from tests.isolation.test_routes import OPEN, OWN, ROUTES, ROWS, Route
from tests.look.keyboard import by_keyboard
from tests.look.seeded import Seeded, seed
from tests.signing import Post, post
from tests.world import join_house

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

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
NOT_SWEPT |= {
    name: "data for programs, asked with a token; tests/interface" for name, row in API_ROWS.items() if row[0] == "GET"
}
NOT_SWEPT |= {f"appointments:{page}": REGISTER for page in ("entry", "history", "change", "end")}
NOT_SWEPT |= {"appointments:export": FILE, "review:outside_images": FILE}
# A page of some persons alone, whatever the roles of others: of who holds the read, of who has to do with the review.
OWN_ONLY = {
    "reporting:sign": ("reader",),
    "review:one": ("reader", "reader2", "manager"),
    "review:profile": ("reader", "manager"),
    "review:bundle": ("manager", "director"),
}
NOBODY = "nobody"
# Who walks: everybody with a role of their own, who sees most first. The pages are dealt out over the parts, so that these run side by side.
WALKERS = (
    *(NOBODY, "manager", "director", "reader", "administrator", "reader2", "north_admin", "north"),
    *("safeguarding", "ig", "safety", "reviewer", "inspector", "outsider"),
)
PARTS = 4
SIZES: "tuple[ViewportSize, ViewportSize]" = ({"width": 1440, "height": 900}, {"width": 1280, "height": 800})
# Of an element, what the eye meets: its tag, its class and, for a field, its kind.
ELEMENT = re.compile(r"<(?!/|!)([a-z][a-z0-9-]*)((?:\s[^<>]*)?)>")
LOOKS = re.compile(r'\s(?:class|type|role)="[^"]*"')


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
    if name not in OWN_ONLY.get(route.name, WALKERS):
        return False
    return kind == OWN or (kind != OPEN and seeded.people[name].may(kind))


# A theme, and the page at rest: nothing has the focus, and the menu stands at its top. axe takes what is scrolled away
# under the way home for something that covers it.
REST = """theme => {
  document.documentElement.setAttribute('data-bs-theme', theme);
  document.activeElement && document.activeElement.blur();
  document.querySelectorAll('.or-nav-list').forEach(list => { list.scrollTop = 0; });
}"""


def _wear(page: "Page", theme: str, size: "ViewportSize") -> None:
    page.set_viewport_size(size)
    page.evaluate(REST, theme)


def shape_of(html: str) -> frozenset[str]:
    """The kinds of element in the content of a page, however often each stands there."""
    content = html[html.find('id="main"') :]
    return frozenset(tag + "".join(sorted(LOOKS.findall(rest))) for tag, rest in ELEMENT.findall(content))


def _drawn_as(name: str) -> str:
    """Pages of registers are drawn by foundation/registers alike, whatever the register."""
    area, _, page = name.partition(":")
    return page if f"{area}:import" in ROWS else name


class Sweep:
    """One browser page that walks, and what it has seen: a page on which another role sees nothing else is not measured again."""

    def __init__(self, page: "Page", url: str, seeded: Seeded) -> None:
        self.page, self.url, self.seeded = page, url, seeded
        self.seen: dict[str, set[str]] = {}
        self.frames: set[str] = set()
        self.faults: list[str] = []
        self._clients: dict[str, Client] = {}

    def client(self, name: str) -> Client:
        """A browser of the test's own, signed in once as somebody."""
        if name not in self._clients:
            self._clients[name] = Client()
            if name != NOBODY:
                sign_in(self._clients[name], self.seeded.people[name].id)
                sit(self._clients[name], self.seeded.people[name].id)
        return self._clients[name]

    def visit(self, route: Route, name: str, turn: int) -> None:
        """Open a page as somebody and keep what is wrong with it."""
        places = self.seeded.places(route.name, name)
        path = reverse(route.name, kwargs={place: places[place] for place in route.places})
        answer = self.client(name).get(path)
        if answer.status_code != 200:
            self.faults.append(f"{route.name} ({path}) as {name} answers {answer.status_code}")
            return
        shape, seen = shape_of(answer.content.decode()), self.seen.setdefault(_drawn_as(route.name), set())
        if shape <= seen and name in self.frames:
            return
        seen |= shape
        try:
            self._enter(name)
            open_page(self.page, self.url + path)
            self._look(f"{route.name.replace(':', '-')}-{name}", name, turn)
        except AssertionError as fault:
            self.faults.append(f"{route.name} ({path}) as {name}: {fault}")

    def _enter(self, name: str) -> None:
        self.page.context.clear_cookies()
        set_theme(self.page, self.url, "light")
        if name != NOBODY:
            cookie = self.client(name).cookies[settings.SESSION_COOKIE_NAME].value
            kept = {"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.url}
            self.page.context.add_cookies([kept])

    def _look(self, kept: str, name: str, turn: int) -> None:
        """Each page fits in both widths and both themes; every second one is read dark at the larger width, the others at the smaller."""
        page = self.page
        light, dark = (SIZES[turn % 2], SIZES[1 - turn % 2])
        for theme, size in (("light", dark), ("light", light)):
            _wear(page, theme, size)
            fits(page)
        shot(page, f"{kept}-light")
        axe_clean(page)
        by_keyboard(page, whole=name not in self.frames)
        self.frames.add(name)
        for size in (light, dark):
            _wear(page, "dark", size)
            fits(page)
        axe_clean(page, rules=OF_COLOUR_AND_SIZE)
        shot(page, f"{kept}-dark")


def test_every_page_is_swept_or_says_why_not() -> None:
    """A page that no role of the walk may open, and an exception whose route is gone, fail."""
    names = {r.name for r in ROUTES}
    assert set(NOT_SWEPT) <= names, "an exception names a route that is gone"
    assert all(ROWS[name][0] == "GET" for name in NOT_SWEPT), "only what answers GET can be a page"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_of_every_role(live_server: Any, page: "Page", post: Post, part: int) -> None:
    """Each page that each role reaches: no accessibility fault in light and dark, no sideways scrolling, no error, all by keyboard."""
    seeded = seed(post)
    sweep = Sweep(page, live_server.url, seeded)
    for turn, route in enumerate(_pages()[part::PARTS]):
        for name in WALKERS:
            if _may(seeded, name, route):
                sweep.visit(route, name, turn)
    assert sweep.faults == [], "\n".join(sweep.faults)


@pytest.mark.django_db
def test_every_page_has_somebody_who_walks_it(post: Post) -> None:
    """For each page there is a role in the walk that may open it, and each role of the product walks."""
    seeded = seed(post)
    unseen = [r.name for r in _pages() if not any(_may(seeded, name, r) for name in WALKERS)]
    assert unseen == []
    unsaid = {
        r.name: sorted(set(r.places) - set(seeded.places(r.name, OWN_ONLY.get(r.name, WALKERS)[0]))) for r in _pages()
    }
    assert {name: places for name, places in unsaid.items() if places} == {}, (
        "say in tests/look/seeded.py what these are"
    )
    roles = {str(role) for name in WALKERS if name != NOBODY for role in seeded.people[name].roles}
    assert roles == {str(role) for role in Role} - {"gateway"}
