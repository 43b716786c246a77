"""The chip that ticks in the browser says the same as the server at every boundary."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from overread.foundation.ui import slots
from overread.foundation.ui.due import due_view
from tests.browser import open_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
MOMENTS = [
    datetime(2026, 11, 17, 13, 42, 7, tzinfo=UTC),
    datetime(2026, 3, 28, 23, 59, 30, tzinfo=UTC),  # the night in which summer time begins
    datetime(2026, 10, 24, 22, 59, 59, tzinfo=UTC),  # the night in which it ends
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, 0, tzinfo=UTC),
]
LEFTS = [-90000, -86400, -7260, -3600, -3599, -60, -59, -1, 0, 1, 59, 60, 599, 600, 1800, 3599, 3600, 7199, 7200]
LEFTS += [21599, 21600, 36000, 43200, 86399, 86400, 90000, 172800, 432000, 8640000]
ALLOWANCES = [None, 1800, 3600, 14400, 86400, 432000]


def _cases() -> list[tuple[datetime, datetime | None, datetime]]:
    found = []
    for at in MOMENTS:
        for left in LEFTS:
            due = at + timedelta(seconds=left)
            found += [(due, due - timedelta(seconds=a) if a else None, at) for a in ALLOWANCES]
    return found


def test_browser_and_server_say_the_same(served: str, page: "Page") -> None:
    """At minutes, hours, midnights, changes of summer time and of the year both write the same words and colour."""
    cases = _cases()
    wanted: list[dict[str, Any]] = []
    for due, start, at in cases:
        view = due_view(due, at=at, start_at=start)
        wanted.append(
            {"state": view.state, "icon": view.icon, "words": view.words, "exact": view.exact, "used": view.used}
        )
    open_page(page, served + "/ui/gallery/")
    sent = [
        [int(d.timestamp() * 1000), int(s.timestamp() * 1000) if s else None, int(a.timestamp() * 1000)]
        for d, s, a in cases
    ]
    got = page.evaluate(
        "cases => import('/static/ui/js/due-words.js').then(m => cases.map(([d, s, n]) => m.dueView(d, s, n)))", sent
    )
    wrong = [(cases[i], w, g) for i, (w, g) in enumerate(zip(wanted, got, strict=True)) if w != g]
    assert not wrong, wrong[:3]


@pytest.fixture
def nothing_joined() -> Iterator[None]:
    """A shell that nobody has joined anything to: the gallery's own bell and clock are not asked for anew."""
    before = slots.use(slots.Registry())
    yield
    slots.use(before)


def test_a_chip_moves_on_by_itself(nothing_joined: None, served: str, page: "Page") -> None:
    """A chip on an open page becomes late when its time comes, by the server's clock and not by the browser's."""
    page.clock.install(time=datetime(2001, 1, 1, tzinfo=UTC))  # a browser whose clock is 25 years wrong
    open_page(page, served + "/ui/gallery/")
    chip = page.locator("#or-live > .or-due")
    assert "in 17 min" in chip.inner_text()
    page.clock.run_for(18 * 60 * 1000)
    assert "late" in chip.inner_text()
    assert "is-crit" in (chip.get_attribute("class") or "")
    assert "#alarm" in (chip.locator("use").get_attribute("href") or "")
