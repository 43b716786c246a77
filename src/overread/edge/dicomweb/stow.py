"""STOW-RS (PS3.18 section 10.5): `POST /dicomweb/{client}/studies[/{study}]` as a raw ASGI handler.

The client is that of the bearer token; another client's address is 404. Each object is durable and journaled before the
answer names it as stored. The disk is used from a small pool of threads, so that pages and frames do not wait for it.
"""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone
from python_multipart.multipart import parse_options_header

from overread.edge.dicomweb.responses import ALWAYS, Problem, send_problem
from overread.edge.dicomweb.stow_parts import OUT_OF_RESOURCES, Body, Bounds, Malformed, Outcome, TooMuch
from overread.foundation.blobs.blob import BlobStore, BlobWriter, StoreBroken
from overread.foundation.blobs.crash import crash_point
from overread.foundation.blobs.journal import Journal, Received
from overread.journey.archive.rules import InstanceHeader, is_uid

PATH = re.compile(r"/dicomweb/(?P<client>[^/]+)/studies(?:/(?P<study>[^/]+))?/?")
_AT_ONCE = 1024 * 1024
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,\-./:=? ]{1,70}")
_log = logging.getLogger(__name__)
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token stands for."""

    client_id: str
    client_code: str
    token_id: str


@dataclass(frozen=True, slots=True)
class StowSummary:
    """One finished request, for one ledger entry: times, counts, hashes; no patient data.

    `refused` counts failures by reason in hexadecimal; `status` is the HTTP status, 0 if the sender broke off.
    """

    receipt_id: str
    client_id: str
    token_id: str
    peer: str
    started_at: datetime
    ended_at: datetime
    status: int
    stored: int
    stored_bytes: int
    refused: dict[str, int]
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StowLimits:
    """Requests at a time in all and for each client, seconds without a byte, and the bounds of one request."""

    requests: int = 8
    requests_per_client: int = 4
    silence_seconds: float = 60.0
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the parts of one request go."""

    store: BlobStore
    journal: Journal
    caller: Caller
    peer: str
    receipt_id: str

    def writer(self) -> BlobWriter:
        return self.store.writer()

    def accept(self, header: InstanceHeader, sha256: str, length: int, key: str, at: datetime) -> Received:
        received = Received(
            client_id=self.caller.client_id,
            source="stow",
            receipt_id=self.receipt_id,
            sha256=sha256,
            length=length,
            key=key,
            sop_class=header.sop_class,
            sop_instance=header.sop_instance,
            study=header.study_uid,
            series=header.series_uid,
            transfer_syntax=header.transfer_syntax,
            received_at=at,
            peer=self.peer,
            sender_id=self.caller.token_id,
        )
        self.journal.append(received)
        return received


class _Gone(Exception):
    """The sender broke off."""


class Stow:
    """The handler; make one for each process. `token_for` finds the caller of a token that may store, or None.

    `ended` is told of each request that had a caller; `broken` is told when a sync failed: the process must end. All
    three are supplied by site/wiring.py.
    """

    def __init__(
        self,
        store: BlobStore,
        journal: Journal,
        token_for: Callable[[str], Awaitable[Caller | None]],
        ended: Callable[[StowSummary], Awaitable[None]],
        broken: Callable[[StoreBroken], None],
        limits: StowLimits | None = None,
        base_url: str = "",
    ) -> None:
        self._store, self._journal = store, journal
        self._token_for, self._ended, self._broken = token_for, ended, broken
        self._limits = limits or StowLimits()
        self._base_url = base_url.rstrip("/")
        self._under_way: Counter[str] = Counter()
        self._threads = ThreadPoolExecutor(max_workers=self._limits.requests, thread_name_prefix="stow")

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer one request."""
        try:
            match = PATH.fullmatch(scope["path"])
            if match is None or scope["method"] != "POST":
                raise Problem(404, "There is nothing at this address.")
            headers = {name.lower(): value for name, value in scope["headers"]}
            caller = await self._caller(headers, match["client"])
            boundary = _boundary(headers)
            study = match["study"]
            if study is not None and not is_uid(study):
                raise Problem(400, "The study in the address is not a valid UID.")
            self._demand_room(headers, caller)
        except Problem as problem:
            await send_problem(send, problem)
            return
        self._under_way[caller.client_id] += 1
        try:
            await self._take(_peer(scope), caller, boundary, study, receive, send)
        finally:
            self._under_way[caller.client_id] -= 1

    async def _caller(self, headers: dict[bytes, bytes], client: str) -> Caller:
        scheme, _, secret = headers.get(b"authorization", b"").partition(b" ")
        ask = ((b"www-authenticate", b'Bearer realm="DICOMweb"'),)
        if scheme.lower() != b"bearer" or not secret.strip():
            raise Problem(401, "Send a token of the client: Authorization: Bearer.", ask)
        try:
            caller = await self._token_for(secret.strip().decode("latin-1"))
        except Exception as error:
            _log.exception("a token could not be looked up")
            raise Problem(503, "The service cannot check tokens now. Send again later.", _later()) from error
        if caller is None:
            raise Problem(401, "This token is not known, has ended, or may not store.", ask)
        if caller.client_code != client:
            raise Problem(404, "There is nothing at this address.")
        return caller

    def _demand_room(self, headers: dict[bytes, bytes], caller: Caller) -> None:
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._limits.bounds.request_bytes:
            raise Problem(413, "The request is larger than this service takes. Send fewer objects at a time.")
        if (
            self._under_way.total() >= self._limits.requests
            or self._under_way[caller.client_id] >= self._limits.requests_per_client
        ):
            raise Problem(429, "Too many requests are under way. Send again in a moment.", _later(2))

    async def _take(
        self, peer: str, caller: Caller, boundary: bytes, study: str | None, receive: _Receive, send: _Send
    ) -> None:
        started_at, status = timezone.now(), 0
        place = _Place(self._store, self._journal, caller, peer, str(uuid4()))
        body: Body | None = None
        try:
            body = Body(boundary, place, study, self._limits.bounds, timezone.now)
            await self._read(body, receive)
            status = _status(body.finish())
            crash_point("answer.ready")
            await self._answer(send, status, caller, body.outcomes)
        except _Gone:
            pass
        except (Problem, Malformed, TooMuch, StoreBroken) as error:
            problem = self._problem(error)
            status = problem.status
            await send_problem(send, problem)
        finally:
            outcomes = body.outcomes if body is not None else []
            if body is not None:
                await self._in_thread(body.abort)
            await self._tell(_summary(place, started_at, status, outcomes))

    def _problem(self, error: Exception) -> Problem:
        if isinstance(error, Problem):
            return error
        if isinstance(error, TooMuch):
            return Problem(413, "The request or a part of it is larger than this service takes.")
        if isinstance(error, StoreBroken):
            self._broken(error)
            return Problem(503, "The image store cannot write. Send again later.", _later())
        return Problem(400, "The body is not multipart/related as its header says. Objects may be missing: send again.")

    async def _read(self, body: Body, receive: _Receive) -> None:
        """Bring the body in, about a mebibyte at a time to the disk."""
        waiting, more = bytearray(), True
        while more:
            try:
                message = await asyncio.wait_for(receive(), self._limits.silence_seconds)
            except TimeoutError as error:
                raise Problem(408, "No more of the request came in time. Send again.") from error
            if message["type"] == "http.disconnect":
                raise _Gone
            waiting += message.get("body", b"")
            more = message.get("more_body", False)
            if waiting and (len(waiting) >= _AT_ONCE or not more):
                data = bytes(waiting)
                waiting.clear()
                await self._in_thread(partial(body.feed, data))

    async def _in_thread(self, step: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, step)

    async def _answer(self, send: _Send, status: int, caller: Caller, outcomes: list[Outcome]) -> None:
        content = json.dumps(self._dataset(caller, outcomes), separators=(",", ":")).encode()
        headers = [*ALWAYS, (b"content-type", b"application/dicom+json")]
        headers.append((b"content-length", str(len(content)).encode()))
        if status == 507:
            headers += _later()
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _dataset(self, caller: Caller, outcomes: list[Outcome]) -> dict[str, Any]:
        """The answer as DICOM JSON (PS3.18 table 10.5.3-1 and annex I.2)."""
        base = f"{self._base_url}/dicomweb/{caller.client_code}/studies"
        stored, failed, other = [], [], []
        for outcome in outcomes:
            named = {"00081150": _element("UI", outcome.sop_class), "00081155": _element("UI", outcome.sop_instance)}
            reason = {"00081197": _element("US", outcome.reason)}
            if outcome.reason == 0:
                url = f"{base}/{outcome.study}/series/{outcome.series}/instances/{outcome.sop_instance}"
                stored.append(named | {"00081190": _element("UR", url)})
            elif outcome.sop_class:
                failed.append(named | reason)
            else:
                other.append(reason)
        dataset: dict[str, Any] = {}
        studies = {outcome.study for outcome in outcomes if outcome.reason == 0}
        if len(studies) == 1:
            dataset["00081190"] = _element("UR", f"{base}/{studies.pop()}")
        for tag, items in (("00081198", failed), ("00081199", stored), ("0008119A", other)):
            if items:
                dataset[tag] = {"vr": "SQ", "Value": items}
        return dataset

    async def _tell(self, summary: StowSummary) -> None:
        try:
            await self._ended(summary)
        except Exception:
            _log.exception("the summary of a STOW request could not be recorded")


def _element(vr: str, value: object) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def _later(seconds: int = 30) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"retry-after", str(seconds).encode()),)


def _peer(scope: _Message) -> str:
    return str((scope.get("client") or ("",))[0])


def _boundary(headers: dict[bytes, bytes]) -> bytes:
    """The boundary of multipart/related with DICOM parts; raises Problem 415 for another kind of body."""
    kind, options = parse_options_header(headers.get(b"content-type", b""))
    boundary = options.get(b"boundary", b"")
    inner = options.get(b"type", b"application/dicom").lower()
    if kind != b"multipart/related" or inner != b"application/dicom" or not _BOUNDARY.fullmatch(boundary):
        raise Problem(415, 'Send multipart/related; type="application/dicom" with a boundary.')
    return boundary


def _status(outcomes: list[Outcome]) -> int:
    """200 all stored, 202 some, 409 none, 507 none because there is no room (PS3.18 table 10.5.3-1)."""
    stored = sum(1 for outcome in outcomes if outcome.reason == 0)
    if stored == len(outcomes):
        return 200
    if stored:
        return 202
    return 507 if all(outcome.reason == OUT_OF_RESOURCES for outcome in outcomes) else 409


def _summary(place: _Place, started_at: datetime, status: int, outcomes: list[Outcome]) -> StowSummary:
    stored = [outcome for outcome in outcomes if outcome.reason == 0]
    return StowSummary(
        receipt_id=place.receipt_id,
        client_id=place.caller.client_id,
        token_id=place.caller.token_id,
        peer=place.peer,
        started_at=started_at,
        ended_at=timezone.now(),
        status=status,
        stored=len(stored),
        stored_bytes=sum(outcome.length for outcome in stored),
        refused=dict(Counter(f"{outcome.reason:04X}" for outcome in outcomes if outcome.reason)),
        hashes=tuple(outcome.sha256 for outcome in stored),
    )
