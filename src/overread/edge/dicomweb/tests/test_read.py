"""The read side over ASGI, with a resolver of the test's own. Signing in and tokens are tested with the resolvers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from overread.edge.dicomweb.access import NotRecorded, StudyRef
from overread.edge.dicomweb.objects import Objects
from overread.edge.dicomweb.read import ReadSide
from tests.viewer import phantom
from tests.viewer.world import CLIENT_A, CLIENT_B, READ_ONE, READ_OTHER, World

CURRENT, PRIOR, OUTSIDE, FOREIGN = (phantom.study_uid(number) for number in (1, 2, 5, 4))
BASE = f"/read/{READ_ONE}/dicomweb/"
FRAME = f"{BASE}studies/{CURRENT}/series/{CURRENT}.2/instances/{CURRENT}.2.3/frames/1"
ANY_SYNTAX = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'


class Answer:
    """What came back."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.status = messages[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    def json(self) -> Any:
        return json.loads(self.body)

    def parts(self) -> list[tuple[str, bytes]]:
        boundary = self.headers["content-type"].rpartition("boundary=")[2].encode()
        found = []
        for part in self.body.split(b"--" + boundary)[1:-1]:
            head, _, content = part.partition(b"\r\n\r\n")
            content_type = next(line for line in head.decode().split("\r\n") if line.startswith("Content-Type"))
            found.append((content_type.partition(": ")[2], content[:-2]))
        return found


class Caller:
    """Sends requests to one read side, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.objects = Objects(threads=1)

    def get(self, path: str, query: str = "", *, accept: str = "*/*", method: str = "GET") -> Answer:
        return asyncio.run(self.ask(path, query, accept, method))

    async def ask(self, path: str, query: str, accept: str, method: str) -> Answer:
        messages: list[dict[str, Any]] = []
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"accept", accept.encode()), (b"cookie", b"overread=abc")],
        }

        async def send(message: Any) -> None:
            messages.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        await ReadSide(self.world, self.objects)(scope, receive, send)
        return Answer(messages)


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    world = World(tmp_path)
    for client, study in ((CLIENT_A, 1), (CLIENT_A, 2), (CLIENT_A, 5), (CLIENT_B, 4)):
        world.add(client, phantom.Series(study, 2, "Axial", "H31s", 4, 5.0, "20261117", size=32))
    world.reads[READ_ONE] = (CLIENT_A, (StudyRef(CLIENT_A, CURRENT), StudyRef(CLIENT_A, PRIOR, "prior")))
    world.reads[READ_OTHER] = (CLIENT_B, (StudyRef(CLIENT_B, FOREIGN),))
    caller = Caller(world)
    yield caller
    caller.objects.close()


def test_a_read_shows_its_studies_and_no_others(caller: Caller) -> None:
    """The search at a read lists its current study and permitted prior; every other study of the client is absent (H09)."""
    found = caller.get(f"{BASE}studies").json()
    assert [each["0020000D"]["Value"][0] for each in found] == [CURRENT, PRIOR]
    assert found[0]["00201208"]["Value"] == [4]
    assert found[0]["00080061"]["Value"] == ["CT"]


@pytest.mark.parametrize("study", [OUTSIDE, FOREIGN, "1.2.3"])
@pytest.mark.parametrize("ending", ["", "/metadata", "/series/{0}.2/metadata", "/thumbnail", "/rendered"])
def test_what_is_outside_the_read_does_not_exist(caller: Caller, study: str, ending: str) -> None:
    """Another study of the client, one of another client and an invented one give the same 404, and nothing is recorded."""
    answer = caller.get(f"{BASE}studies/{study}{ending.format(study)}")
    assert (answer.status, answer.body) == (404, b"There is no such object here.")
    assert caller.world.calls == []


def test_a_series_of_another_study_is_not_reached_through_a_permitted_one(caller: Caller) -> None:
    """An address that names a permitted study and a series of another study is 404."""
    assert caller.get(f"{BASE}studies/{CURRENT}/series/{PRIOR}.2/metadata").status == 404


class Day:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 17, 9, 30, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def test_frames_are_recorded_before_the_first_byte_of_each_minute_and_summed_at_its_end(caller: Caller) -> None:
    """Three frames in one minute are one entry before the first and one sum after it; the next minute has its own."""
    day = Day()
    first = day.at.replace(second=0)

    async def two_minutes() -> None:
        side = ReadSide(caller.world, caller.objects, now=day)
        for _ in range(3):
            await _ask(side, FRAME)
        assert caller.world.calls == [("person:1", CURRENT, f"{CURRENT}.2")]
        assert caller.world.sums == []
        day.at += timedelta(seconds=55)
        await _ask(side, FRAME)
        assert len(caller.world.calls) == 2
        await side.finish()

    asyncio.run(two_minutes())
    series = f"{CURRENT}.2"
    assert caller.world.sums == [(CURRENT, series, first, 3), (CURRENT, series, first + timedelta(minutes=1), 1)]


def test_a_sum_is_written_when_its_minute_is_over_though_nothing_more_is_asked(caller: Caller) -> None:
    """The last minute of a reading is summed by itself, without another request and before the service stops."""
    day = Day()

    async def one() -> None:
        side = ReadSide(caller.world, caller.objects, now=day)
        await _ask(side, FRAME)
        timer = side._minutes._later
        assert timer is not None
        assert 50 <= timer.when() - asyncio.get_running_loop().time() <= 52
        day.at += timedelta(seconds=51)
        side._minutes._minute_over()
        await asyncio.gather(*side._minutes._writing)

    asyncio.run(one())
    assert [count for *_, count in caller.world.sums] == [1]


def test_a_sum_that_cannot_be_written_is_kept(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the ledger cannot be written sums wait, add up, and are written whole afterwards."""
    day = Day()
    written = caller.world.frames

    async def refuse(*_: object) -> None:
        raise NotRecorded

    async def some() -> None:
        side = ReadSide(caller.world, caller.objects, now=day)
        await _ask(side, FRAME)
        monkeypatch.setattr(caller.world, "frames", refuse)
        await side.finish()
        await _ask(side, FRAME)
        await side.finish()
        monkeypatch.setattr(caller.world, "frames", written)
        await side.finish()
        await side.finish()

    asyncio.run(some())
    assert [count for *_, count in caller.world.sums] == [2]


def test_frames_asked_for_together_wait_for_one_entry_and_are_all_counted(caller: Caller) -> None:
    """Requests at the same moment share the entry before the first byte; the sum holds each of them."""

    async def many() -> None:
        side = ReadSide(caller.world, caller.objects, now=Day())
        assert await asyncio.gather(*(_ask(side, FRAME) for _ in range(5))) == [200] * 5
        await side.finish()

    asyncio.run(many())
    assert len(caller.world.calls) == 1
    assert [count for *_, count in caller.world.sums] == [5]


async def _ask(side: ReadSide, path: str) -> int:
    statuses: list[int] = []

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    async def receive() -> Any:
        return {}

    await side({"method": "GET", "path": path, "headers": [], "query_string": b""}, receive, send)
    return statuses[0]


def test_nothing_is_sent_when_the_access_cannot_be_recorded(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the access entry cannot be written the answer is 503 and holds no pixel."""

    async def refuse(*_: object, since: datetime | None = None) -> None:
        raise NotRecorded

    monkeypatch.setattr(caller.world, "opened", refuse)
    for path in (FRAME, f"{BASE}studies", f"{BASE}studies/{CURRENT}/metadata", f"{BASE}studies/{CURRENT}/thumbnail"):
        answer = caller.get(path)
        assert answer.status == 503
        assert b"nothing was sent" in answer.body


def test_revoked_access_ends_within_two_seconds(caller: Caller) -> None:
    """A session that has ended opens nothing more once its one-second memory is over."""
    seconds = [0.0]

    async def run() -> list[int]:
        side = ReadSide(caller.world, caller.objects, clock=lambda: seconds[0])
        before = await _ask(side, FRAME)
        caller.world.signed_in = False
        seconds[0] = 1.5
        return [before, await _ask(side, FRAME)]

    assert asyncio.run(run()) == [200, 401]


def test_a_frame_is_bit_exact_as_a_lossless_copy(caller: Caller) -> None:
    """The frame that the viewer gets decodes to exactly the pixels that were stored, and says its transfer syntax."""
    [(content_type, content)] = caller.get(FRAME, accept=ANY_SYNTAX).parts()
    assert content_type == "image/jphc; transfer-syntax=1.2.840.10008.1.2.4.201"
    stored = phantom.read(caller.world.folder / "1-2-003.dcm")
    assert np.array_equal(imagecodecs.htj2k_decode(content), stored.pixel_array)


def test_a_caller_that_takes_only_octets_gets_explicit_little_endian(caller: Caller) -> None:
    """Without a transfer syntax in Accept, frames come decoded, as PS3.18 8.7.3.5.2 says."""
    [(content_type, content)] = caller.get(FRAME, accept='multipart/related; type="application/octet-stream"').parts()
    assert content_type == "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    assert content == phantom.read(caller.world.folder / "1-2-003.dcm").PixelData


def test_an_instance_comes_back_byte_for_byte(caller: Caller) -> None:
    """A whole series is sent as the stored files, unchanged, in order."""
    answer = caller.get(f"{BASE}studies/{CURRENT}/series/{CURRENT}.2")
    assert answer.headers["content-type"].startswith('multipart/related; type="application/dicom"')
    wanted = [(caller.world.folder / f"1-2-00{n}.dcm").read_bytes() for n in (1, 2, 3, 4)]
    assert [content for _, content in answer.parts()] == wanted


def test_metadata_is_the_header_without_pixels(caller: Caller) -> None:
    """Metadata is the header in DICOM JSON; pixels are named by an address under the instance that gives them."""
    [first, *_] = caller.get(f"{BASE}studies/{CURRENT}/metadata").json()
    assert first["00280010"]["Value"] == [32]
    assert first["00100010"]["Value"][0]["Alphabetic"] == "PHANTOM^HEAD"
    assert first["00083002"]["Value"] == ["1.2.840.10008.1.2.1"]
    address = first["7FE00010"]["BulkDataURI"]
    assert address == f"{BASE}studies/{CURRENT}/series/{CURRENT}.2/instances/{CURRENT}.2.1/bulkdata/7FE00010"
    assert caller.get(address).body == phantom.read(caller.world.folder / "1-2-001.dcm").PixelData


def test_every_answer_keeps_identity_out_of_caches(caller: Caller) -> None:
    """Every answer, also a refusal, is no-store, nosniff and same-origin."""
    for path in (f"{BASE}studies", FRAME, f"{BASE}studies/{OUTSIDE}", f"{BASE}studies/{CURRENT}/thumbnail"):
        headers = caller.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "sandbox" in headers["content-security-policy"]


def test_a_thumbnail_is_a_small_picture(caller: Caller) -> None:
    """A series' thumbnail is a PNG no larger than a list needs."""
    answer = caller.get(f"{BASE}studies/{CURRENT}/series/{CURRENT}.2/thumbnail", "accept=image/jpeg")
    assert answer.headers["content-type"] == "image/png"
    assert answer.body.startswith(b"\x89PNG")


def test_a_query_narrows_and_pages(caller: Caller) -> None:
    """Matching keys, limit and offset work at study, series and instance level; an unknown keyword is refused."""
    assert len(caller.get(f"{BASE}studies", f"StudyInstanceUID={PRIOR}").json()) == 1
    assert caller.get(f"{BASE}studies", "PatientID=SOMEONE").json() == []
    assert caller.get(f"{BASE}studies", f"StudyInstanceUID={FOREIGN}").json() == []
    assert len(caller.get(f"{BASE}studies/{CURRENT}/series", "Modality=CT").json()) == 1
    instances = f"{BASE}studies/{CURRENT}/series/{CURRENT}.2/instances"
    page = caller.get(instances, "limit=2&offset=1").json()
    assert [each["00200013"]["Value"][0] for each in page] == [2, 3]
    assert caller.get(f"{BASE}studies", "Nonsense=1").status == 400


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (FRAME, "POST", 405),
        (FRAME.replace("frames/1", "frames/2"), "GET", 404),
        (FRAME.replace("frames/1", "frames/0"), "GET", 404),
        (FRAME.replace("frames/1", "frames/x"), "GET", 404),
        (f"{BASE}studies/../../etc", "GET", 404),
        (f"{BASE}patients", "GET", 404),
        (f"/read/{READ_ONE[:-1]}9/dicomweb/studies", "GET", 404),
        (FRAME, "HEAD", 200),
    ],
)
def test_odd_requests_are_answered_plainly(caller: Caller, path: str, method: str, status: int) -> None:
    """Wrong methods, frames that do not exist and addresses that mean nothing are refused without a trace."""
    answer = caller.get(path, method=method)
    assert answer.status == status
    assert method != "HEAD" or answer.body == b""


def test_a_caller_that_takes_no_form_we_have_is_told(caller: Caller) -> None:
    """An Accept header that names only forms that are not offered gives 406."""
    assert caller.get(FRAME, accept='multipart/related; type="video/mp4"').status == 406
    assert caller.get(f"{BASE}studies/{CURRENT}", accept="text/html").status == 406
