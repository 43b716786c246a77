"""Typing while browser or service is killed: what is lost, and that a saved text is never taken for a stranger's (H19).

Three kills here; `python -m bench.drafts` makes thirty of them and says what each cost.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.room.service import MARKS, Desk, Service, context, desk, drawing, room, served, until
from tests.room.typist import (
    PROMISE_S,
    Typist,
    kill_both_round,
    kill_browser_round,
    kill_server_round,
)

__all__ = ["context", "desk", "drawing", "room", "served"]
pytestmark = [*MARKS, pytest.mark.fault]


def test_a_killed_browser_loses_no_more_than_the_last_seconds(served: Service, playwright_driver: Any) -> None:
    """`kill -9` of the browser in the midst of unbroken typing: what is older than five seconds is in the draft (H19)."""
    case = served.case()
    Typist(playwright_driver, served, case, claim=True).kill()
    lost = kill_browser_round(playwright_driver, served, case, 7.0)
    assert lost <= PROMISE_S


def test_a_killed_service_loses_nothing_while_the_page_is_open(served: Service, playwright_driver: Any) -> None:
    """`kill -9` of the web process while somebody types: the page keeps the text and saves it when the service is back (H19)."""
    case = served.case()
    Typist(playwright_driver, served, case, claim=True).kill()
    lost, _ = kill_server_round(playwright_driver, served, case, 4.0)
    assert lost == 0


def test_a_power_cut_loses_no_more_than_the_last_seconds(served: Service, playwright_driver: Any) -> None:
    """Browser and web process killed together: what is older than five seconds is in the draft (H19)."""
    case = served.case()
    Typist(playwright_driver, served, case, claim=True).kill()
    lost = kill_both_round(playwright_driver, served, case, 6.0)
    assert lost <= PROMISE_S


def _lose_the_answer(room: Desk) -> list[str]:
    """The next save reaches the service, and its answer never reaches the page; later ones do not get out until unrouted."""
    lost: list[str] = []

    def cut(route: Any) -> None:
        if not lost:
            route.fetch()
        lost.append(route.request.url)
        route.abort()

    room.page.route("**/save/", cut)
    return lost


def test_a_save_whose_answer_was_lost_is_not_taken_for_another_windows(served: Service, room: Desk) -> None:
    """The service saved and died before saying so: the page goes on from that text, and nothing has to be typed again."""
    case = served.case()
    room.claim(case)
    lost = _lose_the_answer(room)
    room.page.locator("#section-findings").fill("Left subdural.\nNo fracture.")
    until(lambda: room.page.wait_for_timeout(50) or lost, "the save whose answer is lost")
    room.page.locator("#section-findings").press_sequentially(" And")
    until(lambda: room.page.wait_for_timeout(50) or len(lost) > 1, "another save that nobody answers")
    room.page.unroute("**/save/")
    room.page.locator("#section-findings").press_sequentially(" more.")
    room.saved()
    assert room.page.locator("[data-stopped]").is_hidden()
    room.page.reload()
    assert room.page.locator("#section-findings").input_value() == "Left subdural.\nNo fracture. And more."
    room.faults.clear()  # the browser reports the broken answer and the 409


def test_another_windows_text_is_still_not_overwritten_after_a_lost_answer(
    served: Service, room: Desk, context: Any
) -> None:
    """If another window saved in between, the page stops and says so, also when one of its own answers was lost."""
    case = served.case()
    room.claim(case)
    room.write("Of this window.")
    other = desk(context, served)
    other.page.goto(f"{served.base}/read/{case['read']}/")
    other.page.wait_for_selector("#section-findings")
    lost = _lose_the_answer(room)
    room.page.locator("#section-findings").fill("Of this window, twice.")
    until(lambda: room.page.wait_for_timeout(50) or lost, "the save whose answer is lost")
    other.page.reload()
    other.page.wait_for_selector("#section-findings")
    other.write("Of the other window.")
    room.page.unroute("**/save/")
    room.page.wait_for_selector("[data-stopped]:not([hidden])")
    assert room.page.locator("#section-findings").input_value() == "Of this window, twice."
    other.page.reload()
    assert other.page.locator("#section-findings").input_value() == "Of the other window."
    room.faults.clear()
