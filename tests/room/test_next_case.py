"""From one case to the next in the living page (H20): banner, text, address, title and images together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.room.service import MARKS, Desk, Service, context, drawing, room, served, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["context", "drawing", "room", "served"]
pytestmark = MARKS

# Runs in the page at every frame and keeps what could be seen at each moment.
WATCH = """() => {
  window.seen = [];
  const look = () => {
    const frame = document.querySelector('#or-viewer');
    const covered = document.documentElement.hasAttribute('data-changing');
    let images = null;
    try {
      const view = frame.contentWindow;
      const cover = view.document.querySelector('#overread-cover');
      images = cover && cover.hidden && getComputedStyle(frame).visibility === 'visible' ? view.overread.read : null;
    } catch (gone) { images = null; }
    const top = document.querySelector('#or-read-top');
    const form = document.querySelector('[data-report-form]');
    window.seen.push([
      covered ? null : top && top.dataset.read,
      covered || !form ? null : form.dataset.save.split('/')[2],
      images,
    ]);
    requestAnimationFrame(look);
  };
  look();
}"""


def _next(page: Page, case: dict[str, str]) -> None:
    """Press N with this case as the next one."""
    page.evaluate("read => document.querySelector('form[data-next]').action = `/read/${read}/claim/`", case["read"])
    page.locator("#or-read-side").focus()
    page.keyboard.press("n")


def _of_one(page: Page) -> set[str]:
    """The reads that were seen; fails if any moment showed parts of two."""
    moments: list[list[Any]] = page.evaluate("window.seen")
    for moment in moments:
        assert len({part for part in moment if part}) <= 1, f"one moment showed two reads: {moment}"
    return {part for moment in moments for part in moment if part}


def _arrived(room: Desk, case: dict[str, str]) -> None:
    until(lambda: room.state()["banner"] and room.state()["read"] == case["read"], f"the page of {case['number']}")
    room.page.wait_for_selector("[data-report-form]")
    state = room.state()
    assert case["family"].upper() in state["banner"]
    assert case["read"] in state["text"]
    assert state["address"] == f"/read/{case['read']}/"
    assert case["number"] in state["title"]


def test_the_next_case_comes_whole_into_the_living_page(served: Service, room: Desk) -> None:
    """N saves the draft and shows the next case in the same page; no moment shows parts of two reads."""
    first, second = served.case(), served.case()
    room.page.on("dialog", lambda dialog: dialog.accept())
    room.claim(first)
    room.page.evaluate("window.still = true")
    room.page.evaluate(WATCH)
    room.page.locator("#section-findings").fill("Left subdural, typed a moment before.")
    _next(room.page, second)
    _arrived(room, second)
    assert room.state()["images"] == second["read"]
    assert room.state()["studies"] == [second["study"]]
    assert room.page.evaluate("window.still") is True, "the page was loaded anew"
    assert _of_one(room.page) == {first["read"], second["read"]}
    assert room.page.locator("#section-findings").input_value() == ""
    room.write("Of the second case.")
    room.page.go_back()
    _arrived(room, first)
    assert room.page.locator("#section-findings").input_value() == "Left subdural, typed a moment before."
    assert "Your draft is as it was saved" in room.page.locator("[data-resumed]").inner_text()


def test_another_clients_case_empties_the_viewer(served: Service, room: Desk) -> None:
    """The next case of another client replaces the viewer's whole document, and still comes whole into the page (H06)."""
    first, other = served.case(), served.made["south"]
    room.page.on("dialog", lambda dialog: dialog.accept())
    room.claim(first)
    room.page.evaluate(WATCH)
    room.viewer.evaluate("window.still = true")
    _next(room.page, other)
    _arrived(room, other)
    assert room.state()["studies"] == [other["study"]]
    assert room.viewer.evaluate("window.still") is None
    _of_one(room.page)


def test_images_that_do_not_come_never_leave_the_former_ones_under_the_new_name(served: Service, room: Desk) -> None:
    """When the next study cannot be loaded its page is loaded anew with covered images; the former's are gone."""
    first, absent = served.case(), served.made["absent"]
    room.page.on("dialog", lambda dialog: dialog.accept())
    room.claim(first)
    _next(room.page, absent)
    _arrived(room, absent)
    assert room.state()["images"] is None
    until(lambda: "could not be fetched" in room.viewer.locator("#overread-cover").inner_text(), "the viewer's words")
    room.faults.clear()  # the browser reports the refused images


def test_a_refused_claim_leaves_everything_as_it_was(served: Service, room: Desk) -> None:
    """A next read that cannot be claimed is said, and the case on screen stays with its images."""
    first = served.case()
    room.page.on("dialog", lambda dialog: dialog.accept())
    room.claim(first)
    missing = {"read": first["read"][:-1] + ("0" if first["read"][-1] != "0" else "1")}
    _next(room.page, missing)
    room.page.wait_for_selector("#or-said:not([hidden])")
    assert "was not opened" in room.page.locator("#or-said").inner_text()
    assert room.state()["images"] == first["read"]
    assert first["family"].upper() in room.state()["banner"]
    room.faults.clear()  # the browser reports the 404


def test_covered_images_are_not_uncovered_by_another_drawing(served: Service, room: Desk) -> None:
    """Images that were covered for good stay covered when they are drawn once more."""
    room.claim(served.case())
    room.viewer.evaluate("overreadRoom.cases.bar('Covered.')")
    room.viewer.evaluate("cornerstone.getRenderingEngines().forEach(engine => engine.render())")
    room.viewer.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert room.viewer.locator("#overread-cover").is_visible()
    assert room.state()["images"] is None
