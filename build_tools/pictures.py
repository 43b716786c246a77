"""Pictures of the pages for docs/pictures, taken of a demonstration that is made, filled, shown and thrown away.

`python -m build_tools.pictures` is `make pictures`. Everybody on the pictures is invented and every image generated.
With `--url` and `--data` it takes them of a demonstration that runs already (its cases must not have been read yet).
"""

import argparse
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from build_tools.install import BIN, ROOT, say

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

T = TypeVar("T")
FOLDER = ROOT / "docs" / "pictures"
LARGEST = 300_000  # bytes of one picture
SIZE = {"width": 1440, "height": 900}
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"]
PIN = "271828"  # of Dr Oakhollow, as the demonstration prints
START_SECONDS = 420.0
PAGE_MILLISECONDS = 45_000.0
FINDINGS = "Acute haemorrhage in the left basal ganglia, 31 x 22 mm. No midline shift. Ventricles of normal width. No fracture."
CONCLUSION = "Acute left basal ganglia haemorrhage, new since the last examination."


class NotShown(RuntimeError):
    """Something that should be on a picture did not come."""


@dataclass
class Demonstration:
    """A running demonstration: its address, its folder, its DICOM port, and who is signed in."""

    base: str
    folder: Path
    dicom: int
    browser: "Browser"
    pages: "dict[tuple[str, str], Page]" = field(default_factory=dict)

    def page(self, name: str, theme: str = "light") -> "Page":
        """The window of a person in light or dark colours; signs them in when they come first."""
        signed_in = next((page for (who, _), page in self.pages.items() if who == name), None)
        if (name, theme) not in self.pages:
            context = signed_in.context if signed_in else self._context()
            self.pages[name, theme] = context.new_page()
            self.pages[name, theme].set_default_timeout(PAGE_MILLISECONDS)
            if signed_in is None:
                self._sign_in(self.pages[name, theme], name)
        page = self.pages[name, theme]
        page.context.add_cookies([{"name": "or_theme", "value": theme, "url": self.base}])
        return page

    def stranger(self) -> "Page":
        """A window of somebody who has not signed in."""
        page = self._context().new_page()
        page.context.add_cookies([{"name": "or_theme", "value": "light", "url": self.base}])
        return page

    def _context(self) -> Any:
        return self.browser.new_context(viewport=SIZE, locale="en-GB", timezone_id="Europe/London")

    def _sign_in(self, page: "Page", name: str) -> None:
        page.goto(f"{self.base}/sign-in/")
        page.fill("input[name=login]", f"{name}@larkfield.example")
        page.fill("input[name=password]", (self.folder / "secrets" / "demo-password").read_text(encoding="utf-8"))
        page.click("button:has-text('Password and code')")
        page.wait_for_url("**/second-step/**")
        page.fill("input[name=code]", self._code(name))
        page.click("button:has-text('Sign in')")
        page.wait_for_url(lambda url: "sign-in" not in url)

    def _code(self, name: str) -> str:
        command = [str(BIN / "overread"), "demo", "code", name, "--data", str(self.folder)]

        def code() -> str | None:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.stdout.strip() if done.returncode == 0 else None

        return wait_for(f"a code for {name}", code, 90.0)


def wait_for(what: str, ask: Callable[[], T | None], patience: float = 180.0) -> T:
    """Ask once a second until there is an answer.

    Raises:
        NotShown: none came within `patience` seconds.
    """
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = ask()
        if found is not None:
            return found
        threading.Event().wait(1)
    raise NotShown(f"waited {patience:.0f} s for {what}")


def keep(page: "Page", name: str) -> None:
    """Write what the window shows, in as many colours as fit into LARGEST bytes."""
    from PIL import Image

    page.evaluate("document.activeElement && document.activeElement.blur()")
    page.evaluate("document.fonts.ready.then(() => true)")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(out.getvalue())
    say(f"  {name}.png  {out.tell() // 1000} kB, {colours} colours")


def _visit(page: "Page", url: str) -> None:
    answer = page.goto(url, wait_until="networkidle")
    if answer is None or not answer.ok:
        raise NotShown(f"{url} answered {answer.status if answer else 'nothing'}")


def _find(demo: Demonstration, page: "Page", path: str, pattern: str) -> str | None:
    text = page.context.request.get(demo.base + path).text()
    found = re.search(pattern, text, re.DOTALL)
    return found.group(1) if found else None


# --- what the pages show ----------------------------------------------------------------------------------------------


def sign_in(demo: Demonstration) -> None:
    """The first page of everybody."""
    page = demo.stranger()
    _visit(page, f"{demo.base}/sign-in/")
    keep(page, "sign-in")


def worklist(demo: Demonstration) -> None:
    """What a radiologist may read, the most urgent first."""
    page = demo.page("maren")
    _visit(page, f"{demo.base}/equipment/sit/")
    page.locator("input[name=workstation]").first.check()
    page.click("button:has-text('Sit here')")
    page.wait_for_url("**/equipment/check/")
    wait_for(
        "three reads on the worklist",
        lambda: len(set(re.findall(r"/read/[0-9a-f-]{36}/claim/", _text(demo, page, "/worklist/")))) >= 3 or None,
    )
    _visit(page, f"{demo.base}/worklist/")
    keep(page, "worklist")


def _text(demo: Demonstration, page: "Page", path: str) -> str:
    return str(page.context.request.get(demo.base + path).text())


def matching(demo: Demonstration) -> None:
    """A study whose date of birth is not the referral's: a person decides."""
    _send_doubtful(demo)
    page = demo.page("pip")
    found = wait_for(
        "the doubtful study", lambda: _find(demo, page, "/matching/", r"(/matching/[0-9a-f-]{36}/(?:\?[^\"]*)?)")
    )
    _visit(page, demo.base + found)
    keep(page, "matching")


def _send_doubtful(demo: Demonstration) -> None:
    """A referral and a study that agree in nearly everything: day and month of birth have changed places."""
    from overread.edge.dimse.sender import Peer, store_to
    from overread.site.demo.phantoms.head import make_head_ct
    from overread.site.demo.phantoms.study import StudyPlan, Subject

    client = demo.page("linnet")
    _visit(client, f"{demo.base}/referrals/new/")
    words = {"family": "SYNTHETIC", "given": "MARGERY", "birth_date": "1948-03-11", "identifier": "H000133"}
    words |= {"question": "Headaches since a fall three weeks ago. Subdural collection?"}
    words |= {
        "procedure": "CT head without contrast",
        "referrer_name": "Dr Pascoe Wren",
        "referrer_contact": "01632 960014",
    }
    for name, value in words.items():
        client.fill(f"[name={name}]", value)
    client.select_option("select[name=sex]", "F")
    for name, value in {"modality": "CT", "priority": "urgent"}.items():
        _choose(client, name, value)
    client.click("button:has-text('Send the referral')")
    client.wait_for_url(re.compile(r"/referrals/[0-9a-f-]{36}/$"))
    subject = Subject("SYNTHETIC^MARGERY", "H000133", "NORTH", date(1948, 11, 3), "F")
    plan = StudyPlan(
        at=datetime.fromtimestamp(int(time.time())).astimezone(),
        accession="",
        institution="Northmere General",
        description="CT head",
    )
    with tempfile.TemporaryDirectory() as scratch:
        paths = make_head_ct(subject, plan, size=128, slices=16).write(Path(scratch) / "head")
        store_to(Peer(host="127.0.0.1", port=demo.dicom, aet="OVERREAD", our_aet="NORTH_CT2"), paths)


def _choose(page: "Page", name: str, value: str) -> None:
    if page.locator(f"select[name={name}]").count():
        page.select_option(f"select[name={name}]", value)
    else:
        page.check(f"input[name={name}][value={value}]", force=True)


def administrator(demo: Demonstration) -> None:
    """The home of the administrator: what waits, and for whom."""
    page = demo.page("pip")
    _visit(page, f"{demo.base}/today/")
    keep(page, "administrator")


def reading(demo: Demonstration) -> str:
    """The reading room with the head CT and a report that is being written; returns the read's id."""
    page = demo.page("maren", "dark")
    _visit(page, f"{demo.base}/worklist/")
    row = page.locator("tr", has_text="CT head without contrast").filter(has_text="OSRIC")
    action = row.locator("form[action*='/claim/']").first.get_attribute("action") or ""
    read_id = re.findall(r"[0-9a-f-]{36}", action)[0]
    row.locator("form[action*='/claim/'] button").first.click()
    page.wait_for_url("**/read/**")
    viewer = page.frame_locator("#or-viewer")
    viewer.locator("canvas").first.wait_for(timeout=PAGE_MILLISECONDS)
    page.fill("#section-findings", FINDINGS)
    page.fill("#section-conclusion", CONCLUSION)
    wait_for("the images", lambda: True if _drawn(page) else None, 120.0)
    page.wait_for_timeout(4000)
    keep(page, "reading-room")
    return read_id


def _drawn(page: "Page") -> bool:
    """Whether the viewer's largest canvas holds something that is not black."""
    frame = page.frames[-1]
    return bool(
        frame.evaluate(
            """() => [...document.querySelectorAll('canvas')].some(c => {
                if (c.width < 200) return false;
                const copy = document.createElement('canvas'); copy.width = copy.height = 32;
                const pen = copy.getContext('2d'); pen.drawImage(c, 0, 0, 32, 32);
                return pen.getImageData(0, 0, 32, 32).data.filter((v, i) => i % 4 === 0 && v > 60).length > 60; })"""
        )
    )


def alert(demo: Demonstration, read_id: str) -> None:
    """The report is signed with a critical finding; the alert waits for somebody to take it."""
    page = demo.page("maren")
    _visit(page, f"{demo.base}/read/{read_id}/sign/")
    _choose(page, "category", "critical")
    page.fill("[name=finding]", "Acute left basal ganglia haemorrhage")
    _choose(page, "side", "left")
    page.fill("[name=pin]", PIN)
    page.click("[data-sign-form] button.btn-primary")
    page.wait_for_url(re.compile(r"/reports/[0-9a-f-]{36}/$"))
    manager = demo.page("imogen")
    path = wait_for("the alert", lambda: _find(demo, manager, "/alerts/", r"(/alerts/[0-9a-f-]{36}/)"))
    wait_for("the first attempt", lambda: True if "one-time link" in _text(demo, manager, path) else None)
    _visit(manager, demo.base + path)
    keep(manager, "alert")


def portal(demo: Demonstration) -> None:
    """What a client sees: its studies, where they are, and the report that has come."""
    page = demo.page("linnet")
    wait_for(
        "the report in the portal", lambda: _find(demo, page, "/portal/", r"(/portal/reports/[0-9a-f-]{36}/)"), 240
    )
    _visit(page, f"{demo.base}/portal/")
    keep(page, "portal")


def timeline(demo: Demonstration) -> None:
    """Everything that has happened to a case."""
    page = demo.page("imogen")
    alerted = wait_for("the alert", lambda: _find(demo, page, "/alerts/", r"(/alerts/[0-9a-f-]{36}/)"))
    case = wait_for("the case", lambda: _find(demo, page, alerted, r'href="(/cases/[0-9a-f-]{36}/)"'))
    _visit(page, demo.base + case)
    keep(page, "timeline")


# --- the demonstration ------------------------------------------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _started(folder: Path) -> Iterator[tuple[str, int]]:
    http, dicom = _free_port(), _free_port()
    log = folder.parent / "demo.txt"
    command = [str(BIN / "overread"), "demo", "--data", str(folder)]
    command += ["--http", f"127.0.0.1:{http}", "--dicom", f"127.0.0.1:{dicom}"]
    with log.open("wb") as out:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would pass on "ignore it"
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        try:
            say("Starting a demonstration and filling it")

            def ready() -> bool | None:
                if process.poll() is not None:
                    raise NotShown(f"the demonstration did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
                return True if "5 of 5" in log.read_text(encoding="utf-8") else None

            wait_for("the demonstration", ready, START_SECONDS)
            yield f"http://localhost:{http}", dicom
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def take(base: str, folder: Path, dicom: int) -> None:
    """Take every picture of a filled demonstration.

    Raises:
        NotShown: something that belongs on a picture did not come.
    """
    from playwright.sync_api import sync_playwright

    chromium = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
    if chromium is None:
        raise NotShown("Chromium is not installed; `make install` says how")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        demo = Demonstration(base, folder, dicom, browser)
        say("Taking pictures")
        sign_in(demo)
        worklist(demo)
        matching(demo)
        read_id = reading(demo)
        alert(demo, read_id)
        administrator(demo)
        portal(demo)
        timeline(demo)
        browser.close()


def main() -> int:
    """Make the pictures; 0 when all were taken."""
    parser = argparse.ArgumentParser(description="pictures of the pages for docs/pictures")
    parser.add_argument("--url", help="of a demonstration that runs already, such as http://localhost:8000")
    parser.add_argument("--data", type=Path, help="its folder")
    parser.add_argument("--dicom", type=int, default=11112, help="its DICOM port")
    options = parser.parse_args()
    try:
        if options.url:
            take(options.url, options.data, options.dicom)
            return 0
        with tempfile.TemporaryDirectory(prefix="overread-pictures-") as scratch:
            folder = Path(scratch) / "data"
            with _started(folder) as (base, dicom):
                take(base, folder, dicom)
    except NotShown as reason:
        say(f"No pictures: {reason}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
