"""QIDO-RS and WADO-RS over raw ASGI: what a caller may see, and nothing else (PS3.18 10.4, 10.6).

One body of code for two doors: `/read/{read}/dicomweb/...` for the viewer and `/dicomweb/{client}/...` for a client's
own systems. The resolver decides who may see what; this module decides nothing. The access entry is written before the
first byte. Another client's object, one outside the read and one that does not exist give the same 404 (H06, H09).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from overread.edge.dicomweb import attributes, multipart, responses
from overread.edge.dicomweb.access import Access, InstanceRef, NotRecorded, NotSignedIn, Query, Resolver, StudyRef
from overread.edge.dicomweb.minutes import FrameMinutes
from overread.edge.dicomweb.objects import (
    BULK,
    PICTURE_TYPE,
    BeyondLimits,
    Busy,
    Frame,
    NoSuchFrame,
    NotRenderable,
    Objects,
)
from overread.edge.dicomweb.recent import Recent
from overread.edge.dicomweb.responses import Problem, Send
from overread.foundation.blobs.store import StoreError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Handler = Callable[["ReadSide", "Asked"], Awaitable[None]]

ACCESS_SECONDS = 1.0  # revoked access ends within 2 s (DESIGN.md 3); a frame takes the rest
INDEX_SECONDS = 4.0
RECORD_SECONDS = 60.0  # what else is asked of one series is recorded no more often than this
MOST_STUDIES = 500  # a search looks at this many of a client's newest studies; narrower queries reach the older ones
THUMBNAIL_PIXELS, RENDERED_PIXELS = 160, 2048
NOT_FOUND = "There is no such object here."

PROBLEMS: dict[type[Exception], Problem | None] = {
    Problem: None,
    attributes.BadQuery: None,
    NoSuchFrame: Problem(404, NOT_FOUND),
    NotRenderable: Problem(
        406, "This object cannot be shown in the form that was asked for. Ask for the object itself."
    ),
    BeyondLimits: Problem(
        422,
        "This image asks for more memory or time than an image needs, so it was not decoded. It may be damaged; ask "
        "the sender for it again, or for the object itself.",
    ),
    Busy: Problem(503, "Too many images are being decoded. Try again in a moment.", ((b"retry-after", b"1"),)),
    NotSignedIn: Problem(401, "Sign in first, or send a valid token.", ((b"www-authenticate", b"Bearer"),)),
    StoreError: Problem(
        503,
        "The images cannot be read at the moment. Try again; tell the provider if it persists.",
        ((b"retry-after", b"5"),),
    ),
    NotRecorded: Problem(
        503,
        "The access could not be recorded, so nothing was sent. Try again; tell the provider if it persists.",
        ((b"retry-after", b"5"),),
    ),
}

UID = r"[0-9.]{1,64}"
DOORS = (re.compile(r"/read/(?P<place>[0-9a-f-]{36})/dicomweb/(?P<rest>.*)"),
         re.compile(r"/dicomweb/(?P<place>[A-Za-z0-9_-]{1,64})/(?P<rest>.*)"))  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request, after its door: the caller's access, the UIDs of the address, and where the answer goes."""

    access: Access
    send: Send
    base: str
    study: str
    series: str
    sop: str
    frames: str
    tag: str
    accept: str
    query: Query
    body: bool


class ReadSide:
    """The ASGI application.

    Args:
        resolver: who may see what.
        objects: how files are read.
        clock: monotonic seconds, for the short memories.
        now: the time of day, for the minutes in which frames are counted.
    """

    def __init__(
        self,
        resolver: Resolver,
        objects: Objects,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = timezone.now,
    ) -> None:
        self.resolver = resolver
        self.objects = objects
        self._access: Recent[Access | None] = Recent(ACCESS_SECONDS, clock)
        self._indexes: Recent[tuple[InstanceRef, ...]] = Recent(INDEX_SECONDS, clock)
        self._minutes = FrameMinutes(resolver, now)
        self._recorded: Recent[None] = Recent(RECORD_SECONDS, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        answer = responses.Answer(send)
        try:
            handler, asked = await self._understand(scope, answer.send)
            await handler(self, asked)
        except tuple(PROBLEMS) as fault:
            if answer.begun:
                raise  # half an answer is out: the connection breaks, so that nobody takes it for whole
            problem = fault if isinstance(fault, Problem) else _problem_of(fault)
            await responses.send_problem(send, problem)

    async def _understand(self, scope: Scope, send: Send) -> tuple[Handler, Asked]:
        if scope["method"] not in ("GET", "HEAD"):
            raise Problem(405, "Only reading is possible here.", ((b"allow", b"GET, HEAD"),))
        door = next(filter(None, (pattern.fullmatch(scope["path"]) for pattern in DOORS)), None)
        if door is None:
            raise Problem(404, NOT_FOUND)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        access = await self._enter(door["place"], headers)
        rest = door["rest"].rstrip("/")
        handler, found = _route(rest)
        parts = found.groupdict()
        asked = Asked(
            access=access,
            send=send,
            base=scope["path"][: door.start("rest")],
            study=parts.get("study") or "",
            series=parts.get("series") or "",
            sop=parts.get("sop") or "",
            frames=parts.get("frames") or "",
            tag=parts.get("tag") or "",
            accept=headers.get("accept", "*/*"),
            query=attributes.parse_query(scope.get("query_string", b"").decode("latin-1")),
            body=scope["method"] == "GET",
        )
        return handler, asked

    async def _enter(self, place: str, headers: Mapping[str, str]) -> Access:
        shown = "\n".join((place, headers.get("cookie", ""), headers.get("authorization", "")))
        key = hashlib.sha256(shown.encode()).digest()
        access = await self._access.get(key, lambda: self.resolver.enter(place, headers))
        if access is None:
            raise Problem(404, NOT_FOUND)
        return access

    # What the caller may see

    async def studies(self, asked: Asked) -> Sequence[StudyRef]:
        """The studies within the caller's reach that the address and the query name."""
        match = dict(asked.query.match)
        if asked.study:
            match = {"0020000D": asked.study}
        query = Query(match=match, limit=min(asked.query.offset + asked.query.limit, MOST_STUDIES))
        found = await self.resolver.studies(asked.access, query)
        wanted = set(re.split(r"[,\\]", match.get("0020000D", ""))) - {""}
        return [study for study in found if not wanted or study.uid in wanted]

    async def index(self, access: Access, study: StudyRef) -> tuple[InstanceRef, ...]:
        """The study's instances, from a short memory."""

        async def ask() -> tuple[InstanceRef, ...]:
            return tuple(await self.resolver.instances(access, study))

        return await self._indexes.get((access.caller, study.client_id, study.uid), ask)

    async def finish(self) -> None:
        """Write what was counted and not yet summed, when the service stops."""
        await self._minutes.flush()

    async def instances(self, asked: Asked) -> list[InstanceRef]:
        """The instances that the address names, their access recorded.

        Raises:
            Problem: 404 if there are none within the caller's reach.
        """
        studies, found = await self._named(asked)
        for study in studies:
            await self.record(asked.access, study, asked.series)
        return found

    async def instance_for_frames(self, asked: Asked) -> tuple[InstanceRef, Callable[[int], None]]:
        """The instance that the address names, recorded for this minute, and what counts its frames.

        Raises:
            Problem: 404 if it is not within the caller's reach.
        """
        studies, found = await self._named(asked)
        sent = await self._minutes.begin(asked.access, studies[0], asked.series)
        return found[0], sent

    async def _named(self, asked: Asked) -> tuple[Sequence[StudyRef], list[InstanceRef]]:
        studies = await self.studies(asked)
        found = [
            instance
            for study in studies
            for instance in await self.index(asked.access, study)
            if asked.series in ("", instance.series_uid) and asked.sop in ("", instance.sop_uid)
        ]
        if not found:
            raise Problem(404, NOT_FOUND)
        return studies, found

    async def record(self, access: Access, study: StudyRef, series: str) -> None:
        """Write the access entry, at most once a minute for the same series."""
        key = (access.caller, access.case_id, study.client_id, study.uid, series)
        await self._recorded.get(key, lambda: self.resolver.opened(access, study, series))

    async def dataset(self, access: Access, instance: InstanceRef) -> attributes.Json:
        """One instance in the DICOM JSON model."""
        known = self.objects.known(instance.key)
        if known is not None:
            return known
        return await self.objects.metadata(instance.key, await self.resolver.source(access, instance))


def _problem_of(fault: Exception) -> Problem:
    known = next((problem for kind, problem in PROBLEMS.items() if isinstance(fault, kind)), None)
    return known or Problem(400, str(fault))


async def _described(side: ReadSide, access: Access, instance: InstanceRef) -> attributes.Json:
    """An instance for a search: its header, or what the rows know of it if its bytes cannot be had."""
    try:
        return await side.dataset(access, instance)
    except (StoreError, NotRenderable):
        uids = {"0020000D": instance.study_uid, "0020000E": instance.series_uid, "00080018": instance.sop_uid}
        return {tag: attributes.counted("UI", uid) for tag, uid in uids.items()}


# Searching (PS3.18 10.6)


async def search_studies(side: ReadSide, asked: Asked) -> None:
    """QIDO-RS: studies."""
    found = []
    for study in await side.studies(asked):
        instances = await side.index(asked.access, study)
        if not instances:
            continue
        await side.record(asked.access, study, "")
        firsts = _first_of_each_series(instances)
        datasets = [await _described(side, asked.access, first) for first in firsts]
        answer = attributes.pick(datasets[0], attributes.STUDY_TAGS)
        modalities = dict.fromkeys(filter(None, (attributes.value_of(each, "00080060") for each in datasets)))
        answer[attributes.MODALITIES] = attributes.counted("CS", *modalities)
        answer[attributes.STUDY_SERIES] = attributes.counted("IS", len(firsts))
        answer[attributes.STUDY_INSTANCES] = attributes.counted("IS", len(instances))
        answer[attributes.RETRIEVE_URL] = attributes.counted("UR", f"{asked.base}studies/{study.uid}")
        found.append(answer)
    await _send_found(asked, found)


async def search_series(side: ReadSide, asked: Asked) -> None:
    """QIDO-RS: series of one study, or of all within reach."""
    found = []
    for study in await side.studies(asked):
        instances = await side.index(asked.access, study)
        if instances:
            await side.record(asked.access, study, "")
        for first in _first_of_each_series(instances):
            dataset = await _described(side, asked.access, first)
            answer = attributes.pick(dataset, (*attributes.STUDY_TAGS, *attributes.SERIES_TAGS))
            count = sum(1 for instance in instances if instance.series_uid == first.series_uid)
            answer[attributes.SERIES_INSTANCES] = attributes.counted("IS", count)
            address = f"{asked.base}studies/{study.uid}/series/{first.series_uid}"
            answer[attributes.RETRIEVE_URL] = attributes.counted("UR", address)
            found.append(answer)
    await _send_found(asked, found)


async def search_instances(side: ReadSide, asked: Asked) -> None:
    """QIDO-RS: instances of a series, of a study, or of all within reach."""
    tags = (*attributes.STUDY_TAGS, *attributes.SERIES_TAGS, *attributes.INSTANCE_TAGS)
    found = []
    for instance in await side.instances(asked):
        answer = attributes.pick(await _described(side, asked.access, instance), tags)
        if instance.transfer_syntax:
            answer[attributes.TRANSFER_SYNTAX] = attributes.counted("UI", instance.transfer_syntax)
        answer[attributes.RETRIEVE_URL] = attributes.counted("UR", _address(asked, instance))
        found.append(answer)
    await _send_found(asked, found)


async def _send_found(asked: Asked, found: list[attributes.Json]) -> None:
    # The address already narrowed study, series and instance; what is left of the query is matched here.
    answers = [answer for answer in found if attributes.matches(answer, asked.query.match)]
    page = answers[asked.query.offset : asked.query.offset + asked.query.limit]
    await responses.send_json(asked.send, page, body=asked.body)


def _address(asked: Asked, instance: InstanceRef) -> str:
    return f"{asked.base}studies/{instance.study_uid}/series/{instance.series_uid}/instances/{instance.sop_uid}"


def _first_of_each_series(instances: Sequence[InstanceRef]) -> list[InstanceRef]:
    firsts: dict[str, InstanceRef] = {}
    for instance in instances:
        firsts.setdefault(instance.series_uid, instance)
    return list(firsts.values())


# Retrieving (PS3.18 10.4)


async def retrieve_metadata(side: ReadSide, asked: Asked) -> None:
    """WADO-RS: metadata of a study, a series or an instance."""
    answers = []
    for instance in await side.instances(asked):
        answer = attributes.pointing(await side.dataset(asked.access, instance), _address(asked, instance))
        if instance.transfer_syntax:
            answer[attributes.TRANSFER_SYNTAX] = attributes.counted("UI", instance.transfer_syntax)
        answers.append(answer)
    await responses.send_json(asked.send, answers, body=asked.body)


async def retrieve_instances(side: ReadSide, asked: Asked) -> None:
    """WADO-RS: the objects themselves, as stored."""
    wanted = multipart.wanted_of(asked.accept)
    if not any(each.media_type in ("*/*", "application/dicom", "application/*") for each in wanted):
        raise Problem(406, "Objects are sent as application/dicom.")
    instances = await side.instances(asked)

    async def parts() -> AsyncIterator[responses.Part]:
        for instance in instances:
            content = await side.objects.whole(await side.resolver.source(asked.access, instance))
            syntax = f"; transfer-syntax={instance.transfer_syntax}" if instance.transfer_syntax else ""
            yield f"application/dicom{syntax}", content

    await responses.send_parts(asked.send, "application/dicom", parts(), body=asked.body)


async def retrieve_frames(side: ReadSide, asked: Asked) -> None:
    """WADO-RS: frames as stored (or from the lossless cache) if the caller takes that, else decoded."""
    numbers = [int(number) for number in asked.frames.split(",")]
    instance, count = await side.instance_for_frames(asked)
    source = await side.resolver.source(asked.access, instance)

    async def frame(number: int) -> Frame:
        stored = await side.objects.frame(source, number, lossless_copy=asked.access.lossless_copies)
        if multipart.takes_frame(asked.accept, stored.transfer_syntax):
            return stored
        if multipart.takes_native(asked.accept):
            return await side.objects.native(source, number)
        raise NotRenderable

    first = await frame(numbers[0])

    async def parts() -> AsyncIterator[responses.Part]:
        for position, number in enumerate(numbers):
            sent = first if position == 0 else await frame(number)
            media_type = multipart.frame_type(sent.transfer_syntax)
            count(1)
            yield f"{media_type}; transfer-syntax={sent.transfer_syntax}", sent.content

    media_type = multipart.frame_type(first.transfer_syntax)
    await responses.send_parts(asked.send, media_type, parts(), body=asked.body)


async def retrieve_picture(side: ReadSide, asked: Asked, pixels: int = RENDERED_PIXELS) -> None:
    """WADO-RS: a drawing of the middle instance of what the address names; for lists, not for reading."""
    instances = await side.instances(asked)
    if asked.series == "" and len(instances) > 1:
        instances = [each for each in instances if each.series_uid == instances[0].series_uid]
    source = await side.resolver.source(asked.access, instances[len(instances) // 2])
    number = int(asked.frames.split(",")[0]) if asked.frames else None
    picture = await side.objects.picture(source, number, pixels)
    await responses.send_bytes(asked.send, PICTURE_TYPE, picture, body=asked.body)


async def retrieve_thumbnail(side: ReadSide, asked: Asked) -> None:
    """WADO-RS: a small drawing."""
    await retrieve_picture(side, asked, THUMBNAIL_PIXELS)


async def retrieve_bulk(side: ReadSide, asked: Asked) -> None:
    """WADO-RS: one large value that the metadata gave by reference."""
    source = await side.resolver.source(asked.access, (await side.instances(asked))[0])
    content = await side.objects.bulk(source, int(asked.tag, 16))
    if any(wanted.multipart for wanted in multipart.wanted_of(asked.accept)):

        async def parts() -> AsyncIterator[responses.Part]:
            yield multipart.OCTETS, content

        await responses.send_parts(asked.send, multipart.OCTETS, parts(), body=asked.body)
    else:
        await responses.send_bytes(asked.send, multipart.OCTETS, content, body=asked.body)


_STUDY = rf"studies/(?P<study>{UID})"
_SERIES = rf"{_STUDY}/series/(?P<series>{UID})"
_INSTANCE = rf"{_SERIES}/instances/(?P<sop>{UID})"
_FRAMES = rf"{_INSTANCE}/frames/(?P<frames>[1-9][0-9]{{0,8}}(?:,[1-9][0-9]{{0,8}}){{0,999}})"
ROUTES: tuple[tuple[re.Pattern[str], Handler], ...] = tuple(
    (re.compile(pattern), handler)
    for pattern, handler in (
        ("studies", search_studies),
        ("series", search_series),
        ("instances", search_instances),
        (f"{_STUDY}/series", search_series),
        (f"{_STUDY}/instances", search_instances),
        (f"{_SERIES}/instances", search_instances),
        (_STUDY, retrieve_instances),
        (_SERIES, retrieve_instances),
        (_INSTANCE, retrieve_instances),
        (f"{_STUDY}/metadata", retrieve_metadata),
        (f"{_SERIES}/metadata", retrieve_metadata),
        (f"{_INSTANCE}/metadata", retrieve_metadata),
        (rf"{_INSTANCE}/{BULK}/(?P<tag>[0-9A-Fa-f]{{8}})", retrieve_bulk),
        (_FRAMES, retrieve_frames),
        (f"{_STUDY}/thumbnail", retrieve_thumbnail),
        (f"{_SERIES}/thumbnail", retrieve_thumbnail),
        (f"{_INSTANCE}/thumbnail", retrieve_thumbnail),
        (f"{_FRAMES}/thumbnail", retrieve_thumbnail),
        (f"{_STUDY}/rendered", retrieve_picture),
        (f"{_SERIES}/rendered", retrieve_picture),
        (f"{_INSTANCE}/rendered", retrieve_picture),
        (f"{_FRAMES}/rendered", retrieve_picture),
    )
)


def _route(rest: str) -> tuple[Handler, re.Match[str]]:
    for pattern, handler in ROUTES:
        found = pattern.fullmatch(rest)
        if found:
            return handler, found
    raise Problem(404, NOT_FOUND)
