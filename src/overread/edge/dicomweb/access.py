"""What the read side of DICOMweb must know about a caller, and who tells it.

`read.py` holds no decision: a resolver says who calls, which studies they may see, and writes the access entry.
There are two (`resolvers.py`): the session of a reading person at /read/{read}/dicomweb, and a client's token at
/dicomweb/{client}. Tests use a third. Source: DESIGN.md 3, "Reads of images and reports", "Viewer".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID


class NotSignedIn(Exception):
    """No valid session or token: 401. Nothing is said about what was asked for."""


class NotRecorded(Exception):
    """The access entry could not be written, so nothing may be sent: 503."""


@dataclass(frozen=True)
class Access:
    """One caller at one place.

    Attributes:
        caller: stable text of the person or token, part of cache keys; never shown.
        client_id: the client whose rows these are.
        case_id: the case being read; None for a token.
        studies: the studies of the read in reading order, current first; None where the resolver must search.
        lossless_copies: whether frames may go out as proven lossless copies, which are a third of the size. The
            viewer takes them; another system that asks for frames as stored gets them as stored.
    """

    caller: str
    client_id: UUID
    case_id: UUID | None = None
    studies: tuple[StudyRef, ...] | None = None
    lossless_copies: bool = False


@dataclass(frozen=True)
class StudyRef:
    """A study that the caller may see; `role` is current, prior or for-review."""

    client_id: UUID
    uid: str
    role: str = "current"
    study_id: UUID | None = None


@dataclass(frozen=True)
class InstanceRef:
    """A stored instance; `key` names its bytes in the store."""

    client_id: UUID
    study_uid: str
    series_uid: str
    sop_uid: str
    key: str
    number: int | None = None
    transfer_syntax: str = ""


@dataclass(frozen=True)
class Query:
    """A QIDO query: attributes to match by tag (eight hex digits), and the page wanted."""

    match: Mapping[str, str] = field(default_factory=dict)
    limit: int = 1000
    offset: int = 0


class Resolver(Protocol):
    """The questions that `read.py` asks; each may wait for the database."""

    async def enter(self, place: str, headers: Mapping[str, str]) -> Access | None:
        """Who calls at this read or client; None if there is no such place for them (404).

        Raises:
            NotSignedIn: no valid session or token.
        """

    async def studies(self, access: Access, query: Query) -> Sequence[StudyRef]:
        """The studies that the caller may see, narrowed by the query as far as the rows know it."""

    async def instances(self, access: Access, study: StudyRef) -> Sequence[InstanceRef]:
        """All instances of one study, in series and instance order."""

    async def source(self, access: Access, instance: InstanceRef) -> Path | bytes:
        """The instance as stored: a local file, or its bytes where the store is elsewhere."""

    async def opened(self, access: Access, study: StudyRef, series_uid: str, *, since: datetime | None = None) -> None:
        """Write the access entry before the first byte leaves, unless there is one since a time (or for 15 minutes).

        Raises:
            NotRecorded: it could not be written.
        """

    async def frames(self, access: Access, study: StudyRef, series_uid: str, minute: datetime, count: int) -> None:
        """Write how many frames of a series were sent in a minute.

        Raises:
            NotRecorded: it could not be written.
        """
