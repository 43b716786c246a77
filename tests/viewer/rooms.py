"""A reading page with its viewer in a real browser, for the tests of this folder: what a reader sees, and what went wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overread.edge.viewer import document
from tests.viewer import world

sync_api = pytest.importorskip("playwright.sync_api", reason="NOT RUN: playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MARKS = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="NOT RUN: Chromium is not installed"),
    pytest.mark.skipif(not document.BUILT.exists(), reason="NOT RUN: the viewer is not built (make install)"),
]
FLAGS = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_S = 90  # this machine draws in software and is shared


class Room:
    """The reading page with its viewer, and what went wrong in the browser."""

    def __init__(self, page: Any, base: str, served: world.World) -> None:
        self.page, self.base, self.world = page, base, served
        self.faults: list[str] = []
        self.addresses: list[str] = []
        self.sent: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", lambda request: self.addresses.append(request.url))

        page.on("response", self._came)

    def _came(self, answer: Any) -> None:
        if "/frames/" in answer.url and answer.ok:
            self.sent.append(answer.headers["content-type"])

    def _said(self, message: Any) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def open(self, read: str) -> None:
        """Have a read on screen as it is first hung: by the address, or in the living viewer."""
        self.forget()
        if self.page.url == "about:blank":
            self.page.goto(f"{self.base}/read/{read}/")
        elif self.viewer.evaluate("overreadRoom.cases.read") != read:
            self.next(read)
        else:
            self.viewer.evaluate("overreadRoom.hands.run('hang', overread.hanging)")
            self.press("Escape")
        self.until(lambda: self.heard("place"), "an image")
        hanging = document.hanging_of(self.world.viewer_read(read).studies)
        self.until(lambda: self.heard("place") and self.place()["hanging"] == hanging, "the hanging")
        self.focus()
        self.press("1")
        self.until(lambda: self.place()["preset"] == "Brain", "the window")
        self.forget()
        self.press("2", "1")
        self.until(lambda: self.heard("place") and self.place()["preset"] == "Brain", "an answer")

    def next(self, read: str) -> None:
        """As the reading page does when it goes to another read."""
        self.page.evaluate("read => { window.readId = read; bridge.send('open', { wanted: read }); }", read)

    @property
    def viewer(self) -> Any:
        return next(frame for frame in self.page.frames if "/viewer/" in frame.url)

    def told(self, kind: str) -> list[dict[str, Any]]:
        """All messages of a kind about the read on screen, also those from before `forget`."""
        return list(self.page.evaluate("kind => told.filter(m => m.type === kind && m.read === readId)", kind))

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """Messages of a kind since the last `forget`; of places, those that name an image."""
        told = self.page.evaluate(
            "kind => (window.heard ?? []).filter(m => m.type === kind && (kind !== 'place' || m.sop))",
            kind,
        )
        return list(told)

    def forget(self) -> None:
        self.page.evaluate("window.heard = []")

    def until(self, holds: Callable[[], Any], what: str) -> Any:
        for _ in range(PATIENCE_S * 10):
            found = holds()
            if found:
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{what} did not come; the browser said {self.faults[-5:]}")

    def until_texts(self, holds: Callable[[list[str]], Any], what: str) -> None:
        """Wait until the texts on the images hold, all read at one moment: while a layout changes there may be fewer of them."""

        def seen() -> bool:
            texts = self.texts()
            try:
                return bool(holds(texts))
            except IndexError:
                return False

        self.until(seen, what)

    def focus(self, viewport: int = 0) -> None:
        self.viewer.locator(".cornerstone-viewport-element").nth(viewport).click(position={"x": 60, "y": 150})
        self.until(lambda: self.viewer.evaluate("document.hasFocus()"), "the focus")
        self.page.wait_for_timeout(100)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(120)

    def place(self) -> dict[str, Any]:
        return self.heard("place")[-1]

    def texts(self) -> list[str]:
        return list(self.viewer.locator(".viewport-wrapper").all_inner_texts())

    def greys(self, viewport: int = 0) -> list[int]:
        """The grey values of a viewport's canvas, sorted and thinned."""
        return list(
            self.viewer.evaluate(
                """index => {
                  const canvas = document.querySelectorAll('.cornerstone-viewport-element canvas')[index];
                  const copy = document.createElement('canvas');
                  [copy.width, copy.height] = [canvas.width, canvas.height];
                  const context = copy.getContext('2d');
                  context.drawImage(canvas, 0, 0);
                  const all = context.getImageData(0, 0, copy.width, copy.height).data;
                  const greys = [];
                  for (let i = 0; i < all.length; i += 404) greys.push(all[i]);
                  return greys.sort((a, b) => a - b);
                }""",
                viewport,
            )
        )


@pytest.fixture(scope="module")
def browser(playwright_driver: Any) -> Iterator[Any]:
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, world.World]]:
    made = world.build(tmp_path_factory.mktemp("phantoms"))
    with world.Running(made) as base:
        yield base, made


@pytest.fixture(scope="module")
def living(browser: Any, served: tuple[str, world.World]) -> Iterator[Room]:
    """One reading page for all tests: a viewer stays alive between cases, and starting it takes longest."""
    base, made = served
    context = browser.new_context(viewport={"width": 1300, "height": 850}, locale="en-GB")
    yield Room(context.new_page(), base, made)
    context.close()


@pytest.fixture
def room(living: Room) -> Iterator[Room]:
    """The living room; after each test: no error, no refused script or style, no address outside this process."""
    living.faults.clear()
    yield living
    assert not living.faults, living.faults
    outside = [address for address in living.addresses if not address.startswith((living.base, "data:", "blob:"))]
    assert not outside, outside
