"""A real browser for tests: fixtures `page`, `dark_page` and `served`, and what every test of a page asks of it.

    def test_worklist(served, page):
        open_page(page, served + "/worklist/")
        axe_clean(page)
        fits(page)

`served` needs no database; use pytest-django's `live_server` where rows are read. A page that logs an error or breaks
the content security policy fails `open_page`. Screenshots go to the folder named by OVERREAD_SHOTS, if it is set.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules that a change of theme or width can break; the others say the same in every theme.
OF_COLOUR_AND_SIZE = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
FLAGS = [
    "--no-sandbox",  # root may not use it, and many containers forbid it; only our own pages are opened
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SIZE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator["Playwright"]:
    """Playwright, started once per run: a second one in the same process refuses to start.

    It keeps an event loop in this thread until it stops, and Django would refuse the database in every later test of
    the process although nothing is async: so the permission lasts as long as Playwright does.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="NOT RUN: playwright is not installed")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_api.sync_playwright() as playwright:
        yield playwright
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture(scope="session")
def chromium(playwright_driver: "Playwright") -> Iterator["Browser"]:
    """Debian's Chromium, one per run."""
    if not CHROMIUM:
        pytest.skip("NOT RUN: Chromium is not installed")
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


def _context(browser: "Browser", theme: str, **options: Any) -> "BrowserContext":
    chosen = {"viewport": SIZE, "locale": "en-GB", "timezone_id": "Europe/London", "color_scheme": theme, **options}
    return browser.new_context(**chosen)


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    """A fresh page in light colours at 1440 by 900."""
    context = _context(chromium, "light")
    yield context.new_page()
    context.close()


@pytest.fixture
def dark_page(chromium: "Browser") -> Iterator["Page"]:
    """The same in dark colours."""
    context = _context(chromium, "dark")
    yield context.new_page()
    context.close()


@pytest.fixture
def served(settings: Any) -> Iterator[str]:
    """The address of this process serving pages and static files, as a demonstration, without a database."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    settings.OVERREAD_DEMO = True
    thread = LiveServerThread("localhost", StaticFilesHandler, connections_override={})
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://localhost:{thread.port}"
    thread.terminate()


def open_page(page: "Page", url: str) -> None:
    """Open a page and wait until it is drawn; an error in its console or a refused style or script fails the test."""
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    answer = page.goto(url, wait_until="networkidle")
    assert answer is not None, f"{url} answered nothing"
    assert answer.ok, f"{url} answered {answer.status}"
    assert not faults, f"{url} reports: {faults}"


def axe_clean(page: "Page", exclude: tuple[str, ...] = (), rules: tuple[str, ...] = ()) -> None:
    """No violation of WCAG 2.0 to 2.2 A and AA, or of some rules only; `exclude` names parts that others answer for, such as the viewer."""
    from axe_playwright_python.base import AXE_SCRIPT

    # A colour on its way to another is none of the page's: a theme that was just changed is let arrive first.
    page.evaluate(
        "Promise.all(document.getAnimations().filter(a => a.effect?.getTiming().iterations !== Infinity)"
        ".map(a => a.finished.catch(() => null)))"
    )
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    where = {"exclude": [[part] for part in exclude]}
    chosen = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": RULES}
    found = page.evaluate(
        "([where, options]) => axe.run(where || document, options).then(told => told.violations)",
        [where if exclude else None, {"runOnly": chosen, "resultTypes": ["violations"]}],
    )
    told = [f"{v['id']} ({v['impact']}): {v['help']}: {[n['html'][:200] for n in v['nodes']][:4]}" for v in found]
    assert not told, "\n".join(told)


def fits(page: "Page") -> None:
    """Nothing makes the page scroll sideways."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"the page is {over} px wider than its window"


def set_theme(page: "Page", url: str, choice: str) -> None:
    """Choose light, dark or auto, as the switch in the top bar does."""
    page.context.add_cookies([{"name": "or_theme", "value": choice, "url": url}])


def shot(page: "Page", name: str) -> None:
    """Keep a picture of the page under OVERREAD_SHOTS; does nothing when it is not set."""
    folder = os.environ.get("OVERREAD_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
