"""Somebody types a report in a browser of its own process, which can be killed; what was kept is compared with what was typed.

Used by `test_kills.py` for a few kills and by `python -m bench.drafts` for many. The images are left out: the editor does
not need them, and a browser without them starts sooner.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser import CHROMIUM
from tests.browser import FLAGS as QUIET
from tests.room.service import PATIENCE_S, Service, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROMISE_S = 5.0  # RELIABILITY.md H19: what may be lost, in seconds of typing
WORDS = (
    "no",
    "acute",
    "haemorrhage",
    "or",
    "infarct",
    "is",
    "seen",
    "the",
    "ventricles",
    "are",
    "of",
    "normal",
    "size",
)


class Typist:
    """A Chromium of its own with a reader's session, in the reading room of one case."""

    def __init__(self, playwright: Any, service: Service, case: dict[str, str], *, claim: bool = False) -> None:
        self.service, self.case = service, case
        self._profile = tempfile.TemporaryDirectory(prefix="typist-", ignore_cleanup_errors=True)
        folder = Path(self._profile.name)
        flags = [*QUIET, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
        self.process = subprocess.Popen(
            [str(CHROMIUM), *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        door = folder / "DevToolsActivePort"
        until(lambda: door.exists() and len(door.read_text().splitlines()) > 1, "the browser")
        port = door.read_text().splitlines()[0]
        self.browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        self.page: Page = self.browser.contexts[0].pages[0]
        self.page.set_default_timeout(1000 * PATIENCE_S)
        cookie = {"name": "overread", "value": service.made["sessions"]["reader"], "url": service.base}
        self.browser.contexts[0].add_cookies([cookie])
        self.page.route("**/viewer/**", lambda route: route.abort())
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto(f"{service.base}/read/{case['read']}/", wait_until="domcontentloaded")
        if claim:
            self.page.get_by_role("button", name="Claim and open").click()
        self.page.wait_for_selector("#section-findings")
        self.page.wait_for_function("document.readyState === 'complete'")

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.page.locator("#section-findings").input_value()

    def saved(self) -> None:
        """Wait until the page says that all is saved."""
        until(lambda: self.page.locator("#report-saved").inner_text().startswith("saved "), "the draft to be saved")

    def kill(self) -> None:
        """End the browser and all its processes as a crash would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self._profile.cleanup()


@dataclass
class Typed:
    """What was typed, and when each character was, in seconds of the monotonic clock."""

    start: str
    text: str = ""
    times: list[float] = field(default_factory=list)

    def lost_seconds(self, kept: str, ended: float) -> float:
        """How old the oldest character is that was not kept, at the moment of the kill; 0 if all was kept.

        Raises:
            AssertionError: what was kept is not the beginning of what was typed.
        """
        whole = self.start + self.text
        assert whole.startswith(kept), f"kept {kept[-80:]!r} of {whole[-80:]!r}"
        assert len(kept) >= len(self.start), "text of an earlier round is gone"
        missing = len(kept) - len(self.start)
        return ended - self.times[missing] if missing < len(self.times) else 0.0


def type_for(typist: Typist, seconds: float, start: str, *, pause_after: int = 0) -> Typed:
    """Type without a stop for some seconds; with `pause_after`, rest two seconds after so many words."""
    typed, end, number = Typed(start), time.monotonic() + seconds, 0
    typist.page.locator("#section-findings").focus()
    typist.page.keyboard.press("Control+End")
    while time.monotonic() < end:
        word = WORDS[number % len(WORDS)] + " "
        number += 1
        for letter in word:
            typed.times.append(time.monotonic())
            typist.page.keyboard.type(letter)
            typed.text += letter
        if pause_after and number % pause_after == 0:
            typist.page.wait_for_timeout(2000)
    return typed


def kill_browser_round(playwright: Any, service: Service, case: dict[str, str], seconds: float) -> float:
    """Type, kill the browser in the middle of it, open another; seconds of typing that were lost."""
    typist = Typist(playwright, service, case)
    typed = type_for(typist, seconds, typist.text)
    ended = time.monotonic()
    typist.kill()
    again = Typist(playwright, service, case)
    kept = again.text
    again.kill()
    return typed.lost_seconds(kept, ended)


def kill_server_round(playwright: Any, service: Service, case: dict[str, str], seconds: float) -> tuple[float, float]:
    """Type, kill the web process, type on, start it again: (seconds of typing lost, seconds until all was saved again)."""
    typist = Typist(playwright, service, case)
    typed = type_for(typist, seconds, typist.text)
    service.kill()
    more = type_for(typist, 1.0, typed.start + typed.text)
    service.start()
    begun = time.monotonic()
    typist.saved()
    again = time.monotonic() - begun
    typist.kill()
    after = Typist(playwright, service, case)
    kept = after.text
    after.kill()
    whole = Typed(typed.start, typed.text + more.text, typed.times + more.times)
    return whole.lost_seconds(kept, time.monotonic()), again


def kill_both_round(playwright: Any, service: Service, case: dict[str, str], seconds: float) -> float:
    """Type, and kill web process and browser at one moment, as a power cut does; seconds of typing that were lost."""
    typist = Typist(playwright, service, case)
    typed = type_for(typist, seconds, typist.text)
    service.kill()
    ended = time.monotonic()
    typist.kill()
    service.start()
    again = Typist(playwright, service, case)
    kept = again.text
    again.kill()
    return typed.lost_seconds(kept, ended)
