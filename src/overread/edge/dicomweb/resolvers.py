"""Who may see what: the session of a reading person at a read, and a client's token at its own archive.

Neither decides. Whether a person may open a read is `journey/reading`'s answer, handed in by `site/wiring`'s side; which
client a token belongs to is `foundation/clients`'. What is answered here is only carried.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from overread.edge.dicomweb.access import Access, InstanceRef, NotRecorded, NotSignedIn, Query, StudyRef
from overread.foundation.accounts import sessions
from overread.foundation.accounts.queries import scope_of_view
from overread.foundation.blobs.store import BlobStore
from overread.foundation.clients import queries as clients
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.call import db_call
from overread.foundation.work.opened import frames_sent, opened
from overread.journey.archive import queries as archive

# QIDO attributes that narrow a search in the rows already; the rest is matched on the headers.
NARROWING = {
    "00100020": "identifier",
    "00100010": "name",
    "00080050": "accession",
    "00080061": "modality",
}


class StudyOfRead(Protocol):
    """A study as `journey/reading` names it."""

    @property
    def study_id(self) -> UUID: ...
    @property
    def role(self) -> str: ...


class AccessOfRead(Protocol):
    """What `journey/reading` answers: whose read it is, and its studies in reading order."""

    @property
    def client_id(self) -> UUID: ...
    @property
    def case_id(self) -> UUID: ...
    @property
    def studies(self) -> Sequence[StudyOfRead]: ...


class _Archive:
    """What both resolvers do alike: rows and bytes of the archive, and the access entry."""

    opened_by = ""

    def __init__(self, store: Callable[[], BlobStore]) -> None:
        self._store = store

    async def instances(self, access: Access, study: StudyRef) -> Sequence[InstanceRef]:
        """All instances of one study, in series and instance order."""
        study_id = study.study_id
        if study_id is None:
            return ()

        def ask() -> list[archive.InstanceView]:
            return archive.instances(study_id)

        scope = Scope.client(study.client_id)
        return [_instance(view) for view in await db_call(ask, scope=scope, opened_by=self.opened_by)]

    async def source(self, access: Access, instance: InstanceRef) -> Path | bytes:
        """The instance's file, or its bytes from an object store."""
        return await asyncio.to_thread(self._bytes, instance.key)

    def _bytes(self, key: str) -> Path | bytes:
        store = self._store()
        path = store.path(key)
        if path is not None:
            return path
        with store.open(key) as stream:
            return stream.read()

    async def opened(self, access: Access, study: StudyRef, series_uid: str, *, since: datetime | None = None) -> None:
        """Write who opens what, unless it has been written since a time.

        Raises:
            NotRecorded: the entry could not be written, for whatever reason.
        """
        kind, subject = ("series", series_uid) if series_uid else ("study", study.study_id or study.uid)

        def write() -> None:
            opened(
                actor=Actor.parse(access.caller),
                kind=kind,
                subject_id=subject,
                client_id=study.client_id,
                case_id=access.case_id,
                since=since,
            )

        await self._write(study, write)

    async def frames(self, access: Access, study: StudyRef, series_uid: str, minute: datetime, count: int) -> None:
        """Write how many frames of a series were sent in a minute.

        Raises:
            NotRecorded: the entry could not be written, for whatever reason.
        """

        def write() -> None:
            frames_sent(
                actor=Actor.parse(access.caller),
                series_uid=series_uid,
                client_id=study.client_id,
                case_id=access.case_id,
                minute=minute,
                frames=count,
            )

        await self._write(study, write)

    async def _write(self, study: StudyRef, write: Callable[[], None]) -> None:
        try:
            await db_call(write, scope=Scope.client(study.client_id), opened_by=self.opened_by)
        except Exception as cause:
            raise NotRecorded from cause


class SessionResolver(_Archive):
    """`/read/{read}/dicomweb`: the person of the cookie, and the studies of that read.

    Args:
        read_access: `(read_id, person_id) -> AccessOfRead | None`, from `journey/reading`.
        store: the store of received bytes.
    """

    opened_by = "web"

    def __init__(
        self, read_access: Callable[[UUID, UUID], AccessOfRead | None], store: Callable[[], BlobStore]
    ) -> None:
        super().__init__(store)
        self._read_access = read_access

    async def enter(self, place: str, headers: Mapping[str, str]) -> Access | None:
        """The access of the signed-in person to this read; None if it is not theirs to open.

        Raises:
            NotSignedIn: no live session, or the request comes from another site.
        """
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise NotSignedIn
        try:
            read_id = UUID(place)
        except ValueError:
            return None
        cookies = headers.get("cookie", "")
        return await db_call(lambda: self._enter(read_id, cookies), scope=None, opened_by=self.opened_by)

    def _enter(self, read_id: UUID, cookies: str) -> Access | None:
        person = sessions.resolve_session(cookies)
        if person is None:
            raise NotSignedIn
        with open_scope(scope_of_view(person), opened_by=self.opened_by):
            found = self._read_access(read_id, person.id)
            if found is None:
                return None
            rows = archive.studies(each.study_id for each in found.studies)
            studies = tuple(
                StudyRef(found.client_id, rows[each.study_id].uid, each.role, each.study_id)
                for each in found.studies
                if each.study_id in rows
            )
        return Access(
            caller=Actor.person(person.id).text,
            client_id=found.client_id,
            case_id=found.case_id,
            studies=studies,
            lossless_copies=True,
        )

    async def studies(self, access: Access, query: Query) -> Sequence[StudyRef]:
        """The studies of the read."""
        return access.studies or ()


class TokenResolver(_Archive):
    """`/dicomweb/{client}`: a client's own system with a bearer token of scope `read`, and that client's studies."""

    opened_by = "token"

    async def enter(self, place: str, headers: Mapping[str, str]) -> Access | None:
        """The access of the token's client to its own place; None at another client's.

        Raises:
            NotSignedIn: no token, or one that is unknown, expired, revoked or not for reading.
        """
        kind, _, secret = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            raise NotSignedIn
        token = await db_call(lambda: clients.token_for(secret.strip(), "read"), scope=None, opened_by=self.opened_by)
        if token is None:
            raise NotSignedIn
        if token.client_code != place:
            return None
        return Access(caller=Actor.system(f"token-{token.id}").text, client_id=token.client_id)

    async def studies(self, access: Access, query: Query) -> Sequence[StudyRef]:
        """The client's studies that fit the query as far as the rows know, newest first."""
        wanted = search_of(query)

        def ask() -> list[archive.StudyView]:
            return archive.search(access.client_id, wanted, limit=query.limit)

        rows = await db_call(ask, scope=Scope.client(access.client_id), opened_by=self.opened_by)
        return [StudyRef(row.client_id, row.uid, "current", row.id) for row in rows]


def search_of(query: Query) -> archive.StudySearch:
    """What of a QIDO query the rows can answer; wildcards and odd dates are left to the headers."""
    narrow: dict[str, str] = {
        name: query.match[tag]
        for tag, name in NARROWING.items()
        if query.match.get(tag) and (name == "name" or not set("*?,\\") & set(query.match[tag]))
    }
    low, high = _days(query.match.get("00080020", ""))
    uids = tuple(filter(None, query.match.get("0020000D", "").replace("\\", ",").split(",")))
    return archive.StudySearch(
        uids=uids,
        identifier=narrow.get("identifier", ""),
        name=narrow.get("name", ""),
        accession=narrow.get("accession", ""),
        modality=narrow.get("modality", ""),
        from_date=low,
        to_date=high,
    )


def _days(text: str) -> tuple[date | None, date | None]:
    first, dash, last = text.partition("-")
    low, high = _day(first), _day(last if dash else first)
    return low, high


def _day(text: str) -> date | None:
    if len(text) != 8 or not text.isdecimal():
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _instance(view: archive.InstanceView) -> InstanceRef:
    return InstanceRef(
        client_id=view.client_id,
        study_uid=view.study_uid,
        series_uid=view.series_uid,
        sop_uid=view.sop_uid,
        key=view.key,
        number=view.number,
        transfer_syntax=view.transfer_syntax,
    )
