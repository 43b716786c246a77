"""A second window for images, and two tabs on two patients (H20, H17)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.room.service import MARKS, PIN, Desk, Service, context, desk, drawing, room, served, until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

__all__ = ["context", "drawing", "room", "served"]
pytestmark = MARKS
SHOWN = "window.overreadRoom ? overreadRoom.cases.read : null"


def _second(room: Desk, case: dict[str, str]) -> Page:
    with room.page.expect_popup() as opened:
        room.page.locator("[data-second-window]").click()
    found = opened.value
    until(lambda: found.evaluate(SHOWN) == case["read"], "images in the second window")
    return found


def test_a_second_window_follows_the_read_and_closes_with_it(served: Service, room: Desk) -> None:
    """The second window shows the page's read, goes on to the next one with it, and closes when the page goes."""
    first, second = served.case(), served.case()
    room.page.on("dialog", lambda dialog: dialog.accept())
    room.claim(first)
    window = _second(room, first)
    change = "read => document.querySelector('form[data-next]').action = `/read/${read}/claim/`"
    room.page.evaluate(change, second["read"])
    room.page.locator("#or-read-side").focus()
    room.page.keyboard.press("n")
    room.images_of(second)
    until(lambda: window.evaluate(SHOWN) == second["read"], "the second window to follow")
    until(lambda: room.state()["read"] == second["read"], "the page")
    room.page.goto(f"{served.base}/worklist/")
    until(window.is_closed, "the second window to close")


def test_a_second_window_does_not_keep_another_patients_images(served: Service, room: Desk) -> None:
    """A second window that was taken to another read covers its images and says why; nothing of it is kept."""
    other, mine = served.case(), served.case()
    room.claim(other)
    room.claim(mine)
    window = _second(room, mine)
    window.goto(f"{served.base}/read/{other['read']}/viewer/")
    until(lambda: "shows another case" in window.locator("#overread-cover").inner_text(), "the window to be covered")
    assert window.locator("#overread-cover").is_visible()
    assert window.evaluate(SHOWN) is None
    assert "0 kept" in room.page.locator("#or-key-images").inner_text()


def _post(page: Page, path: str, body: dict[str, Any]) -> int:
    send = """([path, body]) => fetch(path, {method: 'POST', body: JSON.stringify(body), headers: {
      'Content-Type': 'application/json', 'X-CSRFToken': document.querySelector('meta[name="csrf-token"]').content,
    }}).then(answer => answer.status)"""
    return int(page.evaluate(send, [path, body]))


def test_two_tabs_on_two_patients_keep_to_themselves(served: Service, room: Desk, context: BrowserContext) -> None:
    """Each tab keeps its banner and says that another is open; key images and text of the one are refused by the other."""
    mine, other = served.case(), served.case()
    room.claim(mine)
    second = desk(context, served)
    second.claim(other)
    for one, its, the_other in ((room, mine, other), (second, other, mine)):
        note = one.page.locator("#or-other-tab")
        until(note.is_visible, "the note about the other tab")
        assert the_other["number"] in note.inner_text()
        assert its["family"].upper() in one.state()["banner"]
        assert one.state()["images"] == its["read"]
    sent = {"sop": other["sop"], "frame": 1}
    assert _post(room.page, f"/read/{mine['read']}/key-images/keep/", sent) == 404
    room.page.evaluate(
        """([read, sop]) => window.dispatchEvent(new MessageEvent('message', {origin: location.origin,
          source: document.querySelector('#or-viewer').contentWindow,
          data: {overread: 1, type: 'key-image', read, sop, frame: 1}}))""",
        [other["read"], other["sop"]],
    )
    assert "0 kept" in room.page.locator("#or-key-images").inner_text()
    second.page.close()
    until(room.page.locator("#or-other-tab").is_hidden, "the note to go with the other tab")
    room.faults.clear()  # the browser reports the 404


REPORT = {"findings": "No intracranial haemorrhage. No fracture.", "conclusion": "Normal head CT."}


def _to_sign(room: Desk) -> None:
    for section, text in REPORT.items():
        room.write(text, section)
    room.page.locator("[data-sign-button]").click()
    room.page.wait_for_url("**/sign/")


def _sign(page: Page) -> None:
    page.select_option("[name=category]", "none")
    page.fill("[name=pin]", PIN)
    page.get_by_role("button", name="Sign final report").click()


def test_a_stale_tab_signs_nothing_and_loses_nothing(served: Service, room: Desk, context: BrowserContext) -> None:
    """A tab whose text was changed elsewhere shows the new text to be read again; one whose read is signed says when."""
    case = served.case()
    room.claim(case)
    _to_sign(room)
    stale = context.new_page()
    stale.goto(f"{served.base}/read/{case['read']}/sign/")
    other = desk(context, served)
    other.page.goto(f"{served.base}/read/{case['read']}/")
    other.page.wait_for_selector("#section-findings")
    other.write("No intracranial haemorrhage. No fracture. Mastoids clear.")
    _sign(room.page)
    room.page.wait_for_selector("text=The text was changed in another window meanwhile")
    assert "Mastoids clear" in room.page.locator("[data-signed-text]").inner_text()
    assert room.page.locator("[name=category]").input_value() == "none"
    _sign(room.page)
    room.page.wait_for_url("**/reports/**")
    _sign(stale)
    stale.wait_for_selector("text=This read was signed already")
    other.page.locator("#section-findings").fill("More, after it was signed.")
    other.page.wait_for_selector("[data-stopped]:not([hidden])")
    assert other.page.locator("#section-findings").input_value() == "More, after it was signed."
    room.faults.clear()  # the browser reports each 409


def test_a_passkey_signs(served: Service, room: Desk) -> None:
    """A touch of a passkey signs the text that is shown; the PIN stays as the other way."""
    devtools = room.page.context.new_cdp_session(room.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    room.page.goto(f"{served.base}/account/")
    room.page.fill("#pk-name", "work laptop")
    room.page.get_by_role("button", name="Add a passkey").click()
    room.page.wait_for_selector("td:has-text('work laptop')")
    case = served.case()
    room.claim(case)
    _to_sign(room)
    assert room.page.locator("[name=pin]").is_visible()
    room.page.select_option("[name=category]", "none")
    room.page.get_by_role("button", name="Sign with your passkey").click()
    room.page.wait_for_url("**/reports/**")
    assert "signed" in room.page.locator("h1").inner_text()
