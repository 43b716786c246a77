"""The reading room as it is served: an installation of its own, the web process, and readers at their browsers.

`served` gives a filled installation and its web process for the tests of a module; `Desk` is a reader's browser window in
the reading room, with what it shows and what went wrong in it. Images are drawn in software and generated; no GPU.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from overread.edge.viewer import document
from tests.browser import CHROMIUM
from tests.browser import FLAGS as QUIET

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

T = TypeVar("T")
FLAGS = [*QUIET, "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PATIENCE_S = float(
    os.environ.get("OVERREAD_PATIENCE", "90")
)  # images are drawn in software, on machines that do other things as well
PIN = "482913"
MARKS = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="NOT RUN: Chromium is not installed"),
    pytest.mark.skipif(not document.BUILT.exists(), reason="NOT RUN: the viewer is not built (make install)"),
]
OF_THE_TESTS = ("DATABASE_URL", "BLOBS_URL", "OVERREAD_TEST_FOLDER", "OVERREAD_DATA")


def until(found: Callable[[], T], what: str, patience: float = PATIENCE_S) -> T:
    """Ask ten times a second until the answer is true; fail when it does not become so in time."""
    pause, end = threading.Event(), time.monotonic() + patience
    while not (answer := found()):
        assert time.monotonic() < end, f"waited {patience:.0f} s for {what}"
        pause.wait(0.1)
    return answer


def free_port() -> int:
    """A port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}


class Service:
    """A filled installation and the web process that serves it; `kill` and `start` again as often as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"
        seed = [sys.executable, "-m", "tests.room.seed", str(folder)]
        done = subprocess.run(seed, capture_output=True, text=True, env=_environment(), check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        self.made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        self.process: subprocess.Popen[bytes] | None = None
        self._given = 0

    def case(self) -> dict[str, str]:
        """A case that no other test of the module has."""
        self._given += 1
        found: dict[str, str] = self.made["plain"][self._given - 1]
        return found

    def start(self) -> None:
        """Start the web process and wait until it answers."""
        command = [sys.executable, "-m", "overread.site.cli", "web", "--data", str(self.folder)]
        command += ["--url", self.base, "--http", f"localhost:{self.port}"]
        with (self.folder / "web.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment())
        until(self._answers, "the web process")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "web.log").read_text("utf-8")[-3000:]
        try:
            with urllib.request.urlopen(f"{self.base}/healthz", timeout=5) as answer:  # noqa: S310  loopback
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self) -> None:
        """End the web process as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> None:
        """End it whatever it does."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A filled installation with its web process, for one module."""
    service = Service(tmp_path_factory.mktemp("room") / "data")
    try:
        service.start()
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="module")
def drawing(playwright_driver: Any) -> Iterator[Browser]:
    """A Chromium that draws images in software."""
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


class Desk:
    """A reader's window in the reading room. `faults` holds errors of the console and refused scripts or styles."""

    def __init__(self, page: Page, service: Service) -> None:
        self.page, self.service = page, service
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def claim(self, case: dict[str, str]) -> None:
        """Claim a read by its page, which leads into its room, and wait for images."""
        self.page.goto(f"{self.service.base}/read/{case['read']}/")
        self.page.get_by_role("button", name="Claim and open").click()
        self.page.wait_for_selector("#or-viewer")
        self.images_of(case)

    def images_of(self, case: dict[str, str]) -> None:
        """Wait until images of this case, and of nothing else, are drawn and the page has taken note."""
        until(lambda: self.state()["images"] == case["read"], f"images of {case['number']}")
        assert case["study"] in self.state()["studies"]

    def state(self) -> dict[str, Any]:
        """What stands on the page at one moment: whose banner, whose text, whose images, whose address and title."""
        from playwright.sync_api import Error

        try:
            found: dict[str, Any] = self.page.evaluate(STATE)
        except Error as gone:
            if "context was destroyed" not in str(gone):
                raise
            self.page.wait_for_load_state()  # one page is giving way to another
            found = self.page.evaluate(STATE)
        return found

    @property
    def viewer(self) -> Any:
        """The viewer's frame."""
        found = next((frame for frame in self.page.frames if "/viewer/" in frame.url), None)
        assert found is not None, "the viewer's frame is gone"
        return found

    def over_images(self, *keys: str) -> None:
        """Press keys with the focus on the images."""
        self.viewer.evaluate("window.focus()")
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str, section: str = "findings") -> None:
        """Replace a section of the report by typing, and wait until it is saved."""
        field = self.page.locator(f"#section-{section}")
        field.fill(text)
        self.saved()

    def saved(self) -> None:
        """Wait until the page says that all that was typed is saved."""
        until(lambda: self.page.locator("#report-saved").inner_text().startswith("saved "), "the draft to be saved")


STATE = """() => {
  const frame = document.querySelector('#or-viewer');
  const view = frame && frame.contentWindow;
  let images = null, studies = [];
  try {
    const room = view.overreadRoom;
    images = room && room.cases.read;
    if (images) {
      studies = view.cornerstone.getRenderingEngines().flatMap(engine => engine.getViewports())
        .map(viewport => viewport.getCurrentImageId && viewport.getCurrentImageId())
        .filter(Boolean).map(id => id.split('/studies/')[1].split('/')[0]);
    }
  } catch (refused) { /* the frame is between two documents and shows nothing */ }
  const hidden = document.documentElement.hasAttribute('data-changing');
  return {
    banner: hidden ? null : document.querySelector('.or-pt')?.innerText ?? null,
    text: hidden ? null : document.querySelector('[data-report-form]')?.dataset.save ?? null,
    read: document.querySelector('[data-read]')?.dataset.read ?? null,
    address: location.pathname, title: document.title, images, studies: [...new Set(studies)],
  };
}"""


def desk(context: BrowserContext, service: Service, *, who: str = "reader") -> Desk:
    """A window of a signed-in reader in this context."""
    cookie = service.made["sessions"][who]
    context.add_cookies([{"name": "overread", "value": cookie, "url": service.base}])
    return Desk(context.new_page(), service)


@pytest.fixture
def context(drawing: Browser) -> Iterator[BrowserContext]:
    """A browser of its own for one test, as wide as a small reading monitor."""
    made = drawing.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Europe/London")
    yield made
    made.close()


@pytest.fixture
def room(context: BrowserContext, served: Service) -> Iterator[Desk]:
    """The first reader's window; fails when the page logged an error or broke its policy."""
    made = desk(context, served)
    yield made
    assert not made.faults, made.faults
