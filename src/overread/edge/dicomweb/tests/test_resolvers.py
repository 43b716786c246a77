"""Who reaches which images: sessions at reads and tokens at archives, with real rows, ledger and bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from overread.edge.dicomweb.access import Query
from overread.edge.dicomweb.objects import Objects
from overread.edge.dicomweb.read import ReadSide
from overread.edge.dicomweb.resolvers import SessionResolver, TokenResolver, search_of
from overread.foundation.accounts import sessions
from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.blobs.local import LocalStore
from overread.foundation.clients import actions as clients
from overread.foundation.ledger.queries import entries_for_case
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.journey.allocation import actions as allocation
from overread.journey.archive import actions as archive
from overread.journey.archive import queries as archive_queries
from overread.journey.reading.queries import access as read_access
from tests.viewer import phantom
from tests.world import World, build

SEED = Actor.system("test")


@dataclass
class Place:
    """The product's two read sides over a real store, and a claimed read with one generated series."""

    world: World
    store: LocalStore
    objects: Objects
    read_id: UUID
    case_id: UUID
    study_uid: str

    def get(self, path: str, *, cookie: str = "", token: str = "", **headers: str) -> tuple[int, bytes]:
        resolver: Any = TokenResolver(lambda: self.store)
        if path.startswith("/read/"):
            resolver = SessionResolver(read_access, lambda: self.store)
        return asyncio.run(self._ask(ReadSide(resolver, self.objects), path, cookie, token, headers))

    async def _ask(
        self, side: ReadSide, path: str, cookie: str, token: str, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        given = {"cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}", **headers}
        if token:
            given["authorization"] = f"Bearer {token}"
        messages: list[Any] = []

        async def send(message: Any) -> None:
            messages.append(message)

        async def receive() -> Any:
            return {}

        scope = {
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
        }
        await side(scope, receive, send)
        await side.finish()
        return messages[0]["status"], b"".join(each.get("body", b"") for each in messages[1:])

    def token(self, code: str, scopes: str = "read") -> str:
        with open_scope(Scope.provider(), opened_by="test"):
            return clients.make_token(actor=SEED, client_id=self.world.clients[code], scopes=scopes)

    def cookie(self, name: str) -> str:
        """A signed-in browser's cookie."""
        browser = Client()
        sign_in(browser, self.world.people[name].id)
        sessions.forget_resolved()
        return str(browser.cookies[settings.SESSION_COOKIE_NAME].value)


@pytest.fixture
def place(transactional_db: None, tmp_path: Path) -> Iterator[Place]:
    world = build()
    ready = world.ready_case("NORTH")
    store = LocalStore(tmp_path / "blobs", reserve_bytes=0)
    with world.scope("NORTH"):
        study = archive_queries.study(ready.study_id)
        assert study is not None
        files = phantom.make(tmp_path, phantom.Series(7, 1, "Axial", "H31s", 2, 5.0, "20261117", size=32))
        made = []
        for number, (path, described) in enumerate(zip(files, world.objects(study.uid, 9)[7:], strict=True), 8):
            ref = store.put(path.read_bytes())
            made.append(replace(described, key=ref.key, sha256=ref.sha256, length=ref.length, number=number))
        archive.index(actor=SEED, client_id=ready.client_id, objects=tuple(made))
        allocation.claim(actor=world.actor("reader"), read_id=ready.read_id)
    objects = Objects(threads=1)
    yield Place(world, store, objects, ready.read_id, ready.case_id, study.uid)
    objects.close()


def _frame(place: Place) -> str:
    uid = place.study_uid
    return f"/read/{place.read_id}/dicomweb/studies/{uid}/series/{uid}.1/instances/{uid}.1.8/frames/1"


def test_the_reader_who_holds_the_read_sees_its_images_and_the_ledger_says_so(place: Place) -> None:
    """The claiming reader gets frames; the ledger holds who, case and series before them, and how many in which minute."""
    cookie = place.cookie("reader")
    assert place.get(_frame(place), cookie=cookie)[0] == 200
    assert place.get(_frame(place), cookie=cookie)[0] == 200
    with place.world.scope("NORTH"):
        entries = entries_for_case(place.case_id, place.world.clients["NORTH"])
    opened = [entry for entry in entries if entry.verb == "access.opened"]
    minutes = {entry.facts["minute"] for entry in entries if entry.verb == "access.frames"}
    assert {(entry.actor, entry.subject_type) for entry in opened} == {(place.world.actor("reader").text, "series")}
    assert len(opened) == len(minutes)
    assert sum(int(str(entry.facts["frames"])) for entry in entries if entry.verb == "access.frames") == 2


@pytest.mark.parametrize("name", ["reader2", "manager", "administrator", "north", "south"])
def test_nobody_else_sees_the_images_of_a_claimed_read(place: Place, name: str) -> None:
    """Another radiologist, the manager, the office and clients' people get 404 at a read that they do not hold."""
    assert place.get(_frame(place), cookie=place.cookie(name))[0] == 404


def test_without_a_live_session_nothing_is_said(place: Place) -> None:
    """No cookie, an invented one, a person without a role, and a request from another site are all 401."""
    assert place.get(_frame(place))[0] == 401
    assert place.get(_frame(place), cookie="x" * 32)[0] == 401
    assert place.get(_frame(place), cookie=place.cookie("outsider"))[0] == 401
    assert place.get(_frame(place), cookie=place.cookie("reader"), sec_fetch_site="cross-site")[0] == 401


def test_handing_the_read_back_ends_the_access(place: Place) -> None:
    """Once the reader hands the read back, its images are 404 for that same session."""
    cookie = place.cookie("reader")
    assert place.get(_frame(place), cookie=cookie)[0] == 200
    with place.world.scope("NORTH"):
        allocation.hand_back(actor=place.world.actor("reader"), read_id=place.read_id, reason="At lunch")
    assert place.get(_frame(place), cookie=cookie)[0] == 404


def test_a_token_reads_its_own_client_only(place: Place) -> None:
    """A token for reading finds its client's studies; at another client's address it is 404, without scope read 401."""
    token = place.token("NORTH")
    status, body = place.get("/dicomweb/NORTH/studies", token=token)
    assert (status, place.study_uid in body.decode()) == (200, True)  # also where the first image's bytes are gone
    path = f"/dicomweb/NORTH/studies/{place.study_uid}/series/{place.study_uid}.1/instances/{place.study_uid}.1.8"
    status, body = place.get(path, token=token)
    assert status == 200
    assert b"DICM" in body
    assert place.get(path.replace("NORTH", "SOUTH"), token=token)[0] == 404
    assert place.get(path.replace("NORTH", "SOUTH"), token=place.token("SOUTH"))[0] == 404
    assert place.get(path, token=place.token("NORTH", "store"))[0] == 401
    assert place.get(path, token="nonsense")[0] == 401
    assert place.get(path)[0] == 401


def test_a_token_gets_frames_as_they_were_sent(place: Place) -> None:
    """Outside the viewer, "as stored" is as stored: no copy in another transfer syntax."""
    path = _frame(place).replace(f"/read/{place.read_id}/dicomweb", "/dicomweb/NORTH")
    accept = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
    status, body = place.get(path, token=place.token("NORTH"), accept=accept)
    assert status == 200
    assert b"transfer-syntax=1.2.840.10008.1.2.1\r\n" in body


def test_an_image_whose_bytes_are_gone_is_said_to_be_unreadable(place: Place) -> None:
    """If the store has lost an object the answer is 503 with words, never an empty image."""
    path = _frame(place).replace(".1.8/", ".1.1/")
    status, body = place.get(path, cookie=place.cookie("reader"))
    assert status == 503
    assert b"cannot be read" in body


@given(st.dictionaries(st.sampled_from(["00100020", "00080020", "0020000D", "00100010"]), st.text(max_size=30)))
def test_any_query_becomes_a_search_of_rows(match: dict[str, str]) -> None:
    """Whatever a query holds, it narrows the rows or leaves them alone; it never fails."""
    search = search_of(Query(match=match))
    assert search.from_date is None or isinstance(search.from_date, date)


def test_dates_and_names_narrow_in_the_rows() -> None:
    """A date range, a patient identifier and a list of UIDs are asked of the database."""
    search = search_of(Query(match={"00080020": "20261101-20261130", "00100020": "H1", "0020000D": "1.2,1.3"}))
    assert (search.from_date, search.to_date) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (search.identifier, search.uids) == ("H1", ("1.2", "1.3"))
    assert search_of(Query(match={"00100020": "H*"})).identifier == ""
