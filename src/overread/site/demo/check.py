"""The checked demonstration: every case driven through the whole journey over the real ports, each effect seen from outside."""

import hashlib
import html
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any, TypeVar

from overread.edge.dimse.node import Node
from overread.journey.archive.formats.document import encapsulated_document
from overread.site.demo import people
from overread.site.demo.studies import Example
from overread.site.demo.visitor import Answer, Unexpected, Visitor

T = TypeVar("T")
PATIENCE_SECONDS = 120.0
FOOT = re.compile(r"^ *C-\d\d-\d{6}, version \d+ +Page \d+ of \d+ *$|\f", re.MULTILINE)
"""What stands at the foot of each page of a report, and the break between pages."""


@dataclass
class Driver:
    """Drives cases as the people of the demonstration would.

    Attributes:
        base: address of the pages.
        folder: of the installation.
        mails: where the mailbox keeps messages.
        node: the hospital's DICOM node.
    """

    base: str
    folder: Path
    mails: Path
    node: Node
    _visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, short: str) -> Visitor:
        """Somebody's browser, signed in."""
        if short not in self._visitors:
            made = Visitor(self.base)
            made.sign_in(f"{short}@{people.DOMAIN}", people.password(self.folder), people.sign_in_code(short))
            self._visitors[short] = made
        return self._visitors[short]

    # --- the steps of one case ------------------------------------------------------------------------------------

    def refer(self, example: Example) -> str:
        """The client's user fills the form; returns the referral's address."""
        visitor = self.visitor(example.user)
        visitor.get(example.form)
        answer = visitor.post(example.form, example.referral)
        if not re.search(r"/referrals/[0-9a-f-]{36}/$", answer.url):
            errors = re.findall(r'class="invalid-feedback[^>]*>(.*?)<', answer.text)
            raise Unexpected(f"the referral for {example.kind} was not taken ({answer.status}): {errors}")
        return answer.url

    def read(self, example: Example) -> tuple[str, str]:
        """A reader claims, writes and signs; returns the report's id and the signed text."""
        reader = self.visitor("maren")
        self._sit(reader)
        accession = example.referral["procedure"]
        read_id = wait_for(f"{example.kind} on the worklist", lambda: self._find_read(reader, accession))
        room = reader.get("/worklist/")
        room = reader.post(f"/read/{read_id}/claim/")
        if "or-viewer" not in room.text:
            raise Unexpected(f"the reading room of {example.kind} did not open: {room.url} ({room.status})")
        self._images_open(reader, read_id, example)
        editor = reader.get(f"/read/{read_id}/report/")
        outside = example.referral.get("original_words", "")
        if outside not in html.unescape(reader.get(f"/read/{read_id}/original/").text):
            raise Unexpected(f"the report in question of {example.kind} does not stand beside the editor")
        sections = dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n?(.*?)</textarea>', editor.text, re.DOTALL))
        written = {k: html.unescape(v) for k, v in sections.items()} | example.report
        version = int(editor.find(r'data-version="(\d+)"'))
        saved = reader.send(f"/read/{read_id}/report/save/", {"version": version, "sections": written, "answers": {}})
        if saved.status != 200:
            raise Unexpected(f"the draft of {example.kind} was not saved: {saved.status} {saved.text[:200]}")
        return self._sign(reader, read_id, example)

    def _sit(self, reader: Visitor) -> None:
        """The reader says which workstation this browser is, if nobody has yet; today's look at the pattern was seeded."""
        page = reader.get("/equipment/sit/")
        desk = page.find(r'<input[^>]*name="workstation"[^>]*value="([0-9a-f-]{36})"')
        sat = reader.post("/equipment/sit/", {"workstation": desk})
        if "/equipment/check/" not in sat.url or "is done" not in sat.text:
            raise Unexpected(f"the reader could not sit down: {sat.url} ({sat.status})")

    def _find_read(self, reader: Visitor, procedure: str) -> str | None:
        rows = re.findall(r"<tr.*?</tr>", reader.get("/worklist/").text, re.DOTALL)
        for row in rows:
            found = re.search(r"/read/([0-9a-f-]{36})/claim/", row)
            if procedure in row and found:
                return found.group(1)
        return None

    def _images_open(self, reader: Visitor, read_id: str, example: Example) -> None:
        """The right study comes first in the read, with its prior if there is one, and a frame comes."""
        base = f"/read/{read_id}/dicomweb/studies"
        studies = reader.get(base)
        numbers = re.findall(r'"00080050":\s*\{[^}]*"Value":\s*\["([^"]+)"\]', studies.text)
        if numbers[:1] != [example.referral["accession"]] or len(numbers) != example.studies:
            raise Unexpected(f"the read of {example.kind} shows the studies {numbers}")
        uid = studies.find(r'"0020000D":\s*\{[^}]*"Value":\s*\["([0-9.]+)"\]')
        instances = reader.get(f"{base}/{uid}/instances")
        series = instances.find(r'"0020000E":\s*\{[^}]*"Value":\s*\["([0-9.]+)"\]')
        sop = instances.find(r'"00080018":\s*\{[^}]*"Value":\s*\["([0-9.]+)"\]')
        frame = reader.get(f"{base}/{uid}/series/{series}/instances/{sop}/frames/1")
        if frame.status != 200 or len(frame.body) < 100:
            raise Unexpected(f"no frame came for the read: {frame.status}")

    def _sign(self, reader: Visitor, read_id: str, example: Example) -> tuple[str, str]:
        page = reader.get(f"/read/{read_id}/sign/")
        text = page.find(r"<div[^>]*data-signed-text>(.*?)</section>")
        pin = next(one.pin for one in people.PEOPLE if one.short == "maren")
        fields = {
            "version": page.find(r'name="version" value="(\d+)"'),
            "seen_sha256": page.find(r'name="seen_sha256" value="([0-9a-f]{64})"'),
            "pin": pin,
            **example.alert,
        }
        signed = reader.post(f"/read/{read_id}/sign/", fields)
        found = re.search(r"/reports/([0-9a-f-]{36})/$", signed.url)
        if found is None:
            said = re.findall(r'<div class="or-note is-crit".*?<b>(.*?)</b>', signed.text, re.DOTALL)
            raise Unexpected(f"{example.kind} was not signed ({signed.status}): {said}")
        words = html.unescape(re.sub(r"<[^>]+>", " ", text))
        return found.group(1), re.sub(r"SHA-256 [0-9a-f]{64}", "", words)

    def take_alert(self, example: Example) -> bool:
        """The duty doctor opens the link of the mail, and takes the alert with the code told by voice."""
        mail = wait_for("the alert's mail", lambda: self._mail("/a/", f"duty@{example.client.lower()}.example"))
        token = re.search(r"/a/([\w-]+)/", mail)
        if token is None or example.referral["family"] in mail:
            raise Unexpected("the alert's mail lacks its link, or names the patient")
        manager = self.visitor("imogen")
        listing = manager.get("/alerts/")
        alert = manager.get(f"/alerts/{listing.find(r'/alerts/([0-9a-f-]{36})/')}/")
        code = alert.find(r'data-code="(\d{6})"')
        stranger = Visitor(self.base)
        stranger.get(f"/a/{token.group(1)}/")
        who = {"name": "Dr Duty Doctor", "role": "emergency consultant", "read_back": "Left bleed, I act now"}
        wrong = stranger.post(f"/a/{token.group(1)}/", {"code": "000000" if code != "000000" else "111111", **who})
        taken = stranger.post(f"/a/{token.group(1)}/", {"code": code, **who})
        if wrong.status != 422 or "You have taken this alert" not in taken.text:
            raise Unexpected(f"the alert could not be taken by link and code: {wrong.status}, {taken.status}")
        return "nobody has taken" not in manager.get(alert.url).text

    def _mail(self, mark: str, to: str) -> str | None:
        for path in sorted(self.mails.glob("*.eml")):
            message = message_from_bytes(path.read_bytes())
            text = message.get_payload(decode=True)
            words = text.decode() if isinstance(text, bytes) else ""
            if mark in words and to in str(message["To"]):
                return words
        return None

    def open_report(self, example: Example, report_id: str, signed_text: str) -> dict[str, bool]:
        """The client's user opens the PDF; the same document is on the client's node, and says what was signed."""
        client = self.visitor(example.user)
        wait_for(f"{example.kind} in the portal", lambda: report_id in client.get("/portal/").text or None)
        pdf = wait_for("the PDF", lambda: _when_ok(client.get(f"/portal/reports/{report_id}/report.pdf")))
        delivered = self._on_the_node(pdf.body) if example.client == "NORTH" else True
        panel = self.visitor("imogen")

        def facts() -> str | None:
            text = panel.get(f"/reports/{report_id}/deliveries/").text
            return text if "Opened by" in text else None

        shown = wait_for("the delivery's facts", facts)
        words = pdf_words(pdf.body)
        return {
            "delivered": delivered and same_words(words, signed_text) and same_words(words, example.title),
            "accepted": ": Accepted" in shown,
            "opened": "Opened by" in shown,
        }

    def _on_the_node(self, pdf: bytes) -> bool:
        wanted = hashlib.sha256(pdf).hexdigest()

        def found() -> bool | None:
            for record in self.node.received():
                with self.node.store.open(record.key) as stored:
                    inside = encapsulated_document(stored.read())
                if inside is not None and hashlib.sha256(inside).hexdigest() == wanted:
                    return True
            return None

        return wait_for("the report on the hospital's node", found)

    def drive(self, example: Example, started: float) -> dict[str, Any]:
        """One case from its claim to the opened report."""
        report_id, text = self.read(example)
        critical = example.alert["category"] != "none"
        taken = self.take_alert(example) if critical else None
        facts = self.open_report(example, report_id, text)
        return {
            "kind": example.kind,
            "signed": True,
            "alert_acknowledged": taken,
            **facts,
            "seconds": round(time.monotonic() - started, 1),
        }


def _when_ok(answer: Answer) -> Answer | None:
    return answer if answer.status == 200 else None


def wait_for(what: str, ask: Callable[[], T | None], patience: float = PATIENCE_SECONDS) -> T:
    """Ask until there is an answer.

    Raises:
        Unexpected: none came in time.
    """
    until = time.monotonic() + patience
    pause = 0.1
    while time.monotonic() < until:
        found = ask()
        if found is not None:
            return found
        _pause(pause)
        pause = min(pause * 1.5, 1.0)
    raise Unexpected(f"waited {patience:.0f} s for {what}")


def _pause(seconds: float) -> None:
    import threading

    threading.Event().wait(seconds)


def pdf_words(pdf: bytes) -> str:
    """The text of a PDF, read by a program that is not ours.

    Raises:
        Unexpected: pdftotext is not installed.
    """
    program = shutil.which("pdftotext")
    if program is None:
        raise Unexpected("pdftotext is missing: install poppler-utils")
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        done = subprocess.run([program, "-layout", file.name, "-"], capture_output=True, check=True)  # noqa: S603
    return FOOT.sub("", done.stdout.decode())


def same_words(pdf: str, signed: str) -> bool:
    """Whether the PDF holds the signed text, word for word; spaces, line ends and the case of headings do not count."""

    def plain(text: str) -> str:
        return " ".join(text.split()).casefold()

    return plain(signed) in plain(pdf)
