"""A house for tests of pages: the world with signed-in browsers, a store, a journal, and channels that keep what leaves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from overread.edge.intake import pages as intake
from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.blobs.current import use
from overread.foundation.blobs.journal import Journal
from overread.foundation.blobs.local import LocalStore
from overread.foundation.work import channels
from overread.foundation.work.channels import Outcome, Outgoing
from tests.desks import sit
from tests.world import World


class House:
    """Signed-in browsers by name, a store, and channels that keep what is sent."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.sent: list[Outgoing] = []
        self.answer = Outcome(state="accepted", detail="taken")
        self.journal = Journal(folder / "journal")
        use(LocalStore(folder / "blobs", 0))
        self._browsers: dict[str, Client] = {"nobody": Client()}

    def browser(self, name: str) -> Client:
        """The browser of a person of the world; "nobody" is not signed in."""
        if name not in self._browsers:
            self._browsers[name] = Client()
            sign_in(self._browsers[name], self.world.people[name].id)
            sit(self._browsers[name], self.world.people[name].id)
        return self._browsers[name]

    def send(self, outgoing: Outgoing) -> Outcome:
        """Keep what leaves."""
        self.sent.append(outgoing)
        return self.answer

    def get(self, name: str, path: str, status: int = 200) -> str:
        """What a person is shown; fails when the status is another."""
        answer = self.browser(name).get(path)
        assert answer.status_code == status, f"{name} GET {path}: {answer.status_code} {text_of(answer)[:600]}"
        return text_of(answer)

    def post(self, name: str, path: str, fields: Any = None, status: int = 302, **more: Any) -> Any:
        """What came of a form, or of JSON when `fields` is a text."""
        kind = {"content_type": "application/json"} if isinstance(fields, str) else {}
        answer = self.browser(name).post(path, fields or {}, **kind, **more)
        assert answer.status_code == status, f"{name} POST {path}: {answer.status_code} {text_of(answer)[:900]}"
        return answer


def text_of(answer: Any) -> str:
    """Text of an answer with single spaces, without the class names; "" for what is no text."""
    if not answer.headers.get("Content-Type", "").startswith(("text/", "application/json")):
        return ""
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def house(world: World, tmp_path: Path) -> Iterator[House]:
    """The world with browsers, store, journal and channels."""
    made = House(world, tmp_path)
    before, journals = dict(channels._CHANNELS), list(intake._journal)
    for name in ("email", "dicom"):
        channels.register(name, made.send)
    intake.record_in(lambda: made.journal)
    yield made
    made.journal.close()
    intake._journal[:] = journals
    channels._CHANNELS.clear()
    channels._CHANNELS.update(before)
