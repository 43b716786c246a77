"""An unattended reading room warns before it locks, lets a person stay, and then hides what it showed (H16)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser import axe_clean
from tests.room.service import MARKS, Desk, Service, context, desk, drawing, served, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext

__all__ = ["context", "drawing", "served"]
pytestmark = MARKS
AWAKE = "document.dispatchEvent(new Event('visibilitychange'))"


def _rows(service: Service, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(service.folder / "overread.sqlite3", timeout=30)) as database, database:
        return list(database.execute(statement, values))


def _rest(service: Service, seconds: float) -> None:
    """Move every session's last activity back, as if nobody had touched anything for so long."""
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    text = at.replace(tzinfo=None).isoformat(" ")
    _rows(service, "UPDATE accounts_websession SET seen_at = ? WHERE locked_at IS NULL", text)


def _rested(service: Service) -> float:
    """Seconds since the latest activity of any session."""
    [(text,)] = _rows(service, "SELECT max(seen_at) FROM accounts_websession")
    return (datetime.now(UTC) - datetime.fromisoformat(str(text)).replace(tzinfo=UTC)).total_seconds()


@pytest.fixture
def room(context: BrowserContext, served: Service) -> Iterator[Desk]:
    """The reader's window, in a session that is awake."""
    _rows(served, "UPDATE accounts_websession SET locked_at = NULL")
    _rest(served, 0)
    made = desk(context, served)
    yield made
    assert not made.faults, made.faults


def _warned(room: Desk, service: Service, left: float) -> None:
    """The session has so many seconds left, and the page has noticed."""

    def seen() -> bool:
        room.page.evaluate(AWAKE)
        room.page.wait_for_timeout(400)
        return bool(room.page.locator("#or-idle").is_visible())

    def noticed() -> bool:
        _rest(service, 900 - left)  # images that still come count as activity: said again until they have come
        return seen() and seen() and seen()

    room.page.wait_for_load_state("networkidle")
    until(noticed, "the warning")


def test_two_minutes_before_it_locks_the_room_says_so_and_a_key_press_keeps_it(served: Service, room: Desk) -> None:
    """The warning names the time, is announced, is reached by keyboard, and staying moves the lock on the server."""
    room.claim(served.case())
    _warned(room, served, 100)
    note = room.page.locator("#or-idle")
    assert note.get_attribute("role") == "alert"
    locks = datetime.now(UTC) + timedelta(seconds=100)
    assert "This page locks at" in note.inner_text()
    assert f":{locks.minute:02}" in note.inner_text() or f":{(locks.minute + 1) % 60:02}" in note.inner_text()
    axe_clean(room.page, exclude=("#or-viewer",))
    room.page.locator("#or-said").evaluate("element => element.focus()")
    button = room.page.get_by_role("button", name="Stay signed in")
    button.focus()
    assert button.evaluate("element => element === document.activeElement")
    room.page.keyboard.press("Enter")
    until(note.is_hidden, "the warning to go")
    assert "You stay signed in" in room.page.locator("#or-idle-said").inner_text()
    assert _rested(served) < 30


def test_a_pointer_that_moves_does_not_take_the_warning_away_but_work_does(served: Service, room: Desk) -> None:
    """Under a moving pointer the warning stays where it is; typing, or working at the images, keeps the session awake."""
    room.claim(served.case())
    _warned(room, served, 110)
    room.page.mouse.move(200, 300)
    room.page.mouse.move(220, 320)
    room.page.evaluate(AWAKE)
    room.page.wait_for_timeout(500)
    assert room.page.locator("#or-idle").is_visible()
    room.over_images("ArrowDown")
    until(room.page.locator("#or-idle").is_hidden, "the warning to go")
    assert _rested(served) < 30


def test_a_room_that_locks_shows_nothing_more_and_comes_back_to_its_draft(served: Service, room: Desk) -> None:
    """Past its time the page is gone from the screen; "Stay signed in" pressed too late does not pretend; the draft is kept."""
    case = served.case()
    room.claim(case)
    room.write("Left subdural, 9 mm.")
    _warned(room, served, 60)
    _rest(served, 901)
    room.page.get_by_role("button", name="Stay signed in").click()
    until(room.page.locator("form[action='/sign-out/']").is_visible, "the page that asks who is there")
    assert room.page.locator("#or-read-top").count() == 0
    assert case["family"].upper() not in room.page.content().upper()
    assert "subdural" not in room.page.content()
    _rows(served, "UPDATE accounts_websession SET locked_at = NULL")
    _rest(served, 0)
    room.page.goto(f"{served.base}/read/{case['read']}/")
    assert room.page.locator("#section-findings").input_value() == "Left subdural, 9 mm."
    room.faults.clear()  # the browser reports what was refused while it was locked
