"""STOW-RS in: what is stored before it is named, what is refused and how, and bodies that are broken on purpose.

The handler is driven as ASGI directly; one test goes over real HTTP. Power cuts and kills are proven at the store.
"""

import asyncio
import http.client
import io
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from overread.edge.dicomweb.stow import Caller, Stow, StowLimits, StowSummary
from overread.edge.dicomweb.stow_parts import Bounds
from overread.foundation.blobs.journal import Journal, Reader, Received
from overread.foundation.blobs.store import LocalStore, StoreBroken
from overread.journey.archive.formats.part10 import split_part10

CT = "1.2.840.10008.5.1.4.1.1.2"
BOUNDARY = "boundary-7"
TYPE = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'


def image(**changes: object) -> bytes:
    """A small CT image as a DICOM file with fresh UIDs."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = CT, generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    data.PatientName, data.PatientID, data.Modality = "Test^Anna", "N1", "CT"
    data.Rows = data.Columns = 200
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation, data.SamplesPerPixel = 15, 0, 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.PixelData = bytes(200 * 200 * 2)
    for name, value in changes.items():
        setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    out = io.BytesIO()
    data.save_as(out, implicit_vr=False, little_endian=True, enforce_file_format=False)
    return out.getvalue()


def body_of(*parts: bytes, kind: str = "application/dicom") -> bytes:
    out = b""
    for part in parts:
        out += f"--{BOUNDARY}\r\nContent-Type: {kind}\r\n\r\n".encode() + part + b"\r\n"
    return out + f"--{BOUNDARY}--\r\n".encode()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def dataset(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found

    def items(self, tag: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.dataset.get(tag, {"Value": []})["Value"]
        return found


@dataclass
class Web:
    """The handler, its store and journal, and what it told."""

    folder: Path
    limits: StowLimits = field(default_factory=StowLimits)
    tokens: dict[str, Caller] = field(default_factory=lambda: {"secret": Caller("client-a", "NORTH", "token-1")})
    told: list[StowSummary] = field(default_factory=list)
    broken: list[StoreBroken] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = LocalStore(self.folder / "blobs", reserve_bytes=0)
        self.stow = Stow(
            self.store,
            Journal(self.folder / "journal"),
            self.token_for,
            self.ended,
            self.broken.append,
            self.limits,
            "https://reports.example",
        )

    async def token_for(self, secret: str) -> Caller | None:
        if secret == "away":
            raise ConnectionError("made up")
        return self.tokens.get(secret)

    async def ended(self, summary: StowSummary) -> None:
        self.told.append(summary)

    def journaled(self) -> list[Received]:
        reader = Reader(self.folder / "journal")
        return [found for segment in reader.segments() for found, _ in reader.pending(segment)]

    def nothing_is_left(self) -> bool:
        return not list((self.folder / "blobs" / "incoming").iterdir())

    async def ask(
        self,
        *chunks: bytes,
        path: str = "/dicomweb/NORTH/studies",
        token: str | None = "secret",  # noqa: S107 - made up
        kind: str = TYPE,
        ends: str = "whole",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request with the body in these chunks; it may end `whole`, `disconnect` or in `silence`."""
        sent = {"content-type": kind} | (headers or {})
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "client": ("192.0.2.7", 5),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        if ends == "whole":
            messages.append({"type": "http.request", "body": b"", "more_body": False})
        elif ends == "disconnect":
            messages.append({"type": "http.disconnect"})
        coming = iter(messages)
        got: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            for message in coming:
                return message
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            got.append(message)

        await self.stow(scope, receive, send)
        if not got:
            return Answer(0, {}, b"")
        names = {name.decode(): value.decode() for name, value in got[0]["headers"]}
        return Answer(got[0]["status"], names, b"".join(message.get("body", b"") for message in got[1:]))

    def post(self, *chunks: bytes, **more: Any) -> Answer:
        return asyncio.run(self.ask(*chunks, **more))


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return Web(tmp_path)


def test_objects_are_stored_unchanged_journaled_and_then_named(web: Web) -> None:
    """Each object keeps the sender's data set exactly, is journaled with client and token, and is named in the answer."""
    first, second = image(), image()
    answer = web.post(body_of(first, second))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/dicom+json"
    assert answer.headers["cache-control"] == "no-store"
    records = web.journaled()
    assert [item["00081155"]["Value"] for item in answer.items("00081199")] == [[r.sop_instance] for r in records]
    assert answer.items("00081199")[0]["00081190"]["Value"] == [
        f"https://reports.example/dicomweb/NORTH/studies/{records[0].study}/series/{records[0].series}"
        f"/instances/{records[0].sop_instance}"
    ]
    for record, source in zip(records, (first, second), strict=True):
        path = web.store.path(record.key)
        assert path is not None
        assert split_part10(path)[1] == split_part10(source)[1]
        assert path.read_bytes()[:128] == bytes(128)
        assert (record.client_id, record.sender_id, record.source) == ("client-a", "token-1", "stow")
        assert record.peer == "192.0.2.7"
    [summary] = web.told
    assert (summary.status, summary.stored, summary.receipt_id) == (200, 2, records[0].receipt_id)
    assert summary.hashes == tuple(record.sha256 for record in records)


@pytest.mark.parametrize("size", [1, 7, 1000, 70_000])
def test_the_body_may_arrive_in_pieces_of_any_size(web: Web, size: int) -> None:
    """How the network cuts the request changes nothing."""
    content = body_of(image(), image()) if size > 1 else body_of(image(Rows=2, Columns=2, PixelData=bytes(8)))
    answer = web.post(*(content[at : at + size] for at in range(0, len(content), size)))
    assert answer.status == 200
    assert web.nothing_is_left()


def test_the_same_object_ten_times_at_once_is_success_and_stored_once(tmp_path: Path) -> None:
    """Ten requests with the same object at the same time all succeed; its bytes are kept once."""
    web = Web(tmp_path, StowLimits(requests=10, requests_per_client=10))
    content = body_of(image())

    async def ten() -> list[Answer]:
        return await asyncio.gather(*(web.ask(content) for _ in range(10)))

    assert [answer.status for answer in asyncio.run(ten())] == [200] * 10
    assert len(list(web.store.list())) == 1
    assert len(web.journaled()) == 10


def test_good_objects_are_stored_beside_bad_ones_and_each_is_told(web: Web) -> None:
    """Of a mixed request the good objects are stored and the bad ones named with their reasons."""
    path_uid = image().replace(b"1.2.826", b"../.826", 2)
    cut = image()[:300]
    answer = web.post(body_of(image(), b"hello", b"", cut, path_uid))
    assert answer.status == 202
    assert len(answer.items("00081199")) == 1
    reasons = [item["00081197"]["Value"] for item in answer.items("00081198") + answer.items("0008119A")]
    assert reasons == [[0xC000]] * 4
    assert len(web.journaled()) == 1
    assert web.told[0].refused == {"C000": 4}
    assert web.nothing_is_left()


def test_file_meta_information_of_another_object_is_replaced_and_the_data_set_kept(web: Web) -> None:
    """Group 2 that names another object, as careless tools leave it, is not believed; the data set stays as it is."""
    right = image()
    own = split_part10(right)[0].sop_instance.encode()
    at = right.index(own)
    wrong = right[:at] + own[:-1] + b"1234567890"[(own[-1] - 47) % 10 :][:1] + right[at + len(own) :]
    answer = web.post(body_of(wrong, right))
    assert answer.status == 200
    first, second = web.journaled()
    assert first.sop_instance == second.sop_instance == own.decode()
    assert first.sha256 == second.sha256
    path = web.store.path(first.key)
    assert path is not None
    assert split_part10(path)[1] == split_part10(wrong)[1]
    assert web.nothing_is_left()


def test_when_nothing_can_be_stored_the_answer_says_conflict(web: Web) -> None:
    """A request of which no object was taken is answered 409; a part that is not DICOM is refused."""
    assert web.post(body_of(b"hello")).status == 409
    assert web.post(body_of(image(), kind="image/jpeg")).status == 409
    assert web.journaled() == []


def test_an_object_of_another_study_than_the_address_is_refused(web: Web) -> None:
    """An address that names a study takes only objects of that study."""
    mine = image(StudyInstanceUID="1.2.3.4")
    answer = web.post(body_of(mine, image()), path="/dicomweb/NORTH/studies/1.2.3.4")
    assert answer.status == 202
    assert [item["00081197"]["Value"] for item in answer.items("00081198")] == [[0xA901]]
    assert answer.dataset["00081190"]["Value"][0].endswith("/studies/1.2.3.4")
    assert web.post(body_of(mine), path="/dicomweb/NORTH/studies/..%2fetc").status == 400


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("wrong", 401), ("", 401), ("away", 503)])
def test_without_a_valid_token_nothing_is_read(web: Web, token: str | None, status: int) -> None:
    """No token, an unknown one, or no way to check it: refused before the body is read."""
    answer = web.post(token=token, ends="silence")
    assert answer.status == status
    assert web.told == []
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_another_clients_address_is_nothing_to_this_token(web: Web) -> None:
    """A token of one client gets 404 at another client's address, as for an address that does not exist."""
    assert web.post(body_of(image()), path="/dicomweb/SOUTH/studies").status == 404
    assert web.post(body_of(image()), path="/dicomweb/NORTH/nothing").status == 404
    assert web.journaled() == []


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/dicom",
        "multipart/form-data; boundary=x",
        'multipart/related; type="application/dicom"',
        'multipart/related; type="application/dicom+json"; boundary=x',
        f"multipart/related; boundary={'x' * 71}",
        'multipart/related; boundary="a\tb"',
    ],
)
def test_other_kinds_of_body_are_refused(web: Web, kind: str) -> None:
    """Only multipart/related with DICOM parts and a proper boundary is taken."""
    assert web.post(body_of(image()), kind=kind).status == 415


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no boundary at all",
        f"--{BOUNDARY}--\r\n".encode(),
        body_of(b"x" * 100)[:-20],
        f"--{BOUNDARY}\r\nbad header\r\n\r\nx\r\n--{BOUNDARY}--".encode(),
        f"--{BOUNDARY}\r\n".encode() + b"A: b\r\n" * 50 + b"\r\nx",
        f"--{BOUNDARY}\r\nA: ".encode() + b"b" * 10_000,
    ],
)
def test_a_broken_body_is_told_and_leaves_nothing_half_done(web: Web, content: bytes) -> None:
    """A body that is not what its header says is answered 400, and no partial object stays."""
    assert web.post(content).status == 400
    assert web.nothing_is_left()
    assert list(web.store.list()) == []


def test_what_was_whole_before_the_break_stays_and_may_come_again(web: Web) -> None:
    """Objects that ended before the request broke off are kept, and sending all again succeeds."""
    content = body_of(*[image(Rows=800, Columns=800, PixelData=bytes(1_280_000)) for _ in range(2)])
    assert web.post(content[:1_400_000], content[1_400_000:-30_000], ends="disconnect").status == 0
    assert len(web.journaled()) == 1
    assert web.nothing_is_left()
    assert web.told[0].status == 0
    assert web.post(content).status == 200
    assert len(list(web.store.list())) == 2


def test_a_sender_that_falls_silent_is_let_go(tmp_path: Path) -> None:
    """A request without a byte for too long ends with 408 and keeps nothing half done."""
    web = Web(tmp_path, StowLimits(silence_seconds=0.1))
    assert web.post(body_of(image())[:-30_000], ends="silence").status == 408
    assert web.nothing_is_left()


def test_too_much_is_refused(tmp_path: Path) -> None:
    """A part, a number of parts or a request beyond the bounds is answered 413."""
    web = Web(tmp_path, StowLimits(bounds=Bounds(part_bytes=100_000, request_bytes=400_000, parts=3)))
    assert web.post(body_of(image(PixelData=bytes(200_000)))).status == 413
    assert web.post(body_of(*[b"x"] * 4)).status == 413
    assert web.post(body_of(*[image()] * 6)).status == 413
    assert web.post(headers={"content-length": "400001"}).status == 413
    assert web.post(headers={"content-length": "many"}).status == 413
    assert web.nothing_is_left()


def test_too_many_requests_at_a_time_are_asked_to_wait(tmp_path: Path) -> None:
    """A client has only so many requests under way; the next is told when to try again."""
    web = Web(tmp_path, StowLimits(requests=2, requests_per_client=1, silence_seconds=0.3))

    async def both() -> list[Answer]:
        slow = asyncio.create_task(web.ask(b"--", ends="silence"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return [await web.ask(body_of(image())), await slow]

    second, first = asyncio.run(both())
    assert (second.status, first.status) == (429, 408)
    assert second.headers["retry-after"] == "2"
    assert web.post(body_of(image())).status == 200


def test_no_room_is_told_so_that_the_sender_tries_again(web: Web) -> None:
    """With the disk down to its reserve the answer is 507 with a time to try again."""
    web.store.reserve_bytes = 1 << 62
    answer = web.post(body_of(image()))
    assert answer.status == 507
    assert "retry-after" in answer.headers
    assert [item["00081197"]["Value"] for item in answer.items("00081198")] == [[0xA700]]


def test_after_a_failed_sync_nothing_is_acknowledged(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses a sync the answer is 503 and the process is told to end."""

    def refuse(_: int) -> None:
        raise StoreBroken("made up")

    monkeypatch.setattr(web.store, "sync_file", refuse)
    assert web.post(body_of(image())).status == 503
    assert len(web.broken) == 1
    assert web.journaled() == []


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_body_changed_anywhere_is_answered_and_never_half_stored(web: Web, data: st.DataObject) -> None:
    """Whatever happens to the bytes of a request, it is answered, and what it names as stored is whole."""
    content = bytearray(body_of(SMALL))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    answer = web.post(bytes(content[: data.draw(st.integers(0, len(content)))]))
    assert answer.status in {200, 400, 409}
    assert web.nothing_is_left()
    assert all(web.store.verify(record.key) for record in web.journaled())


SMALL = image(Rows=2, Columns=2, PixelData=bytes(8))


def test_memory_stays_small_whatever_the_size(web: Web) -> None:
    """A large object passes through without being held in memory."""
    import tracemalloc

    size = 48 * 1024 * 1024
    content = body_of(image(Rows=4096, Columns=6144, PixelData=random.Random(1).randbytes(size)))  # noqa: S311
    chunks = [content[at : at + 65536] for at in range(0, len(content), 65536)]
    tracemalloc.start()
    try:
        assert web.post(*chunks).status == 200
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024
    finally:
        tracemalloc.stop()


@contextmanager
def served(stow: Stow) -> Iterator[int]:
    """The handler behind uvicorn on a free port of loopback."""
    server = uvicorn.Server(uvicorn.Config(stow, port=0, lifespan="off", log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


def test_over_real_http_a_study_is_stored(web: Web) -> None:
    """A client sends a study over HTTP and is answered; then a second request on the same connection works."""
    with served(web.stow) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        for _ in range(2):
            connection.request(
                "POST",
                "/dicomweb/NORTH/studies",
                body_of(*[image() for _ in range(20)]),
                {"Content-Type": TYPE, "Authorization": "Bearer secret"},
            )
            answer = connection.getresponse()
            assert answer.status == 200
            assert len(json.loads(answer.read())["00081199"]["Value"]) == 20
        connection.close()
    assert len(web.journaled()) == 40
