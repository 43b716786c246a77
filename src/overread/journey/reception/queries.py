"""Reads of reception: who may send, what arrived, what is held or kept apart, what was refused, receipts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from overread.foundation.clients.queries import SenderView, sender_for
from overread.journey.archive.queries import StudyView, studies
from overread.journey.archive.rules import name_words, text_words
from overread.journey.reception.models import (
    Arrival,
    HeldObject,
    Hold,
    JournalPosition,
    Quarantined,
    Refusal,
    Upload,
    UploadedFile,
)


@dataclass(frozen=True)
class Taken:
    """What became of a batch: counts of objects, and the studies that grew."""

    new: int
    repeats: int
    held: int
    quarantined: int
    study_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class ArrivalView:
    """How far a study has arrived; state is receiving or complete."""

    study_id: UUID
    client_id: UUID
    state: str
    declared_images: int | None
    first_at: datetime
    last_at: datetime
    completed_at: datetime | None
    completed_by: str
    images_at_completion: int
    short: bool


@dataclass(frozen=True)
class HoldView:
    """A study that waits for a person, or waited."""

    id: UUID
    client_id: UUID
    study_uid: str
    reason: str
    state: str
    identifier: str
    issuer: str
    patient_name: str
    sex: str
    birth_date: date | None
    age_text: str
    study_date: date | None
    accession: str
    modality: str
    description: str
    source: str
    image_count: int
    opened_at: datetime
    last_at: datetime
    resolved_at: datetime | None
    resolved_by: str
    resolution: str
    given_birth_date: date | None
    note: str
    purged_at: datetime | None

    @property
    def name(self) -> str:
        """Family, Given, as lists show it; "" when none was sent."""
        return name_words(self.patient_name)

    @property
    def examination(self) -> str:
        """What was done, as the scanner says it, else the modality."""
        return text_words(self.description) or self.modality


@dataclass(frozen=True)
class QuarantinedView:
    """An object that is kept apart."""

    id: UUID
    client_id: UUID
    reason: str
    detail: str
    study_uid: str
    series_uid: str
    sop_uid: str
    sha256: str
    key: str
    length: int
    source: str
    received_at: datetime
    state: str
    resolved_at: datetime | None
    resolved_by: str
    note: str


@dataclass(frozen=True)
class RefusalView:
    """Callers that were refused, counted by hour."""

    calling_aet: str
    address: str
    reason: str
    first_at: datetime
    last_at: datetime
    count: int


@dataclass(frozen=True)
class FileView:
    """One line of a receipt."""

    number: int
    name: str
    outcome: str
    reason: str
    study_uid: str
    sop_uid: str
    sha256: str
    length: int
    at: datetime


@dataclass(frozen=True)
class UploadView:
    """An upload with its receipt."""

    id: UUID
    client_id: UUID
    person_id: UUID | None
    sender: str
    state: str
    reference: str
    started_at: datetime
    finished_at: datetime | None
    announced: int | None
    files: tuple[FileView, ...]

    def count(self, outcome: str) -> int:
        """How many files had this outcome: stored, duplicate or refused."""
        return sum(f.outcome == outcome for f in self.files)

    @property
    def adds_up(self) -> bool:
        """Whether every announced file has a line."""
        return self.announced is None or self.announced == len(self.files)


def admission(aet: str, ip: str) -> SenderView | None:
    """The client that may send with this AE title from this address, or None; needs no scope."""
    return sender_for(aet, ip)


def position(segment: str) -> int:
    """How far a segment of the journal has been taken, bytes."""
    return JournalPosition.objects.filter(segment=segment).values_list("offset", flat=True).first() or 0


def arrived_count(since: datetime) -> int:
    """How many studies in scope got their newest image since a time."""
    return Arrival.objects.filter(last_at__gte=since).count()


def arrival(study_id: UUID) -> ArrivalView | None:
    """How far a study in scope has arrived."""
    return arrivals([study_id]).get(study_id)


def arrivals(study_ids: Iterable[UUID]) -> dict[UUID, ArrivalView]:
    """The arrivals of studies in scope, by study."""
    rows = Arrival.objects.filter(study_id__in=set(study_ids))
    return {
        r.study_id: ArrivalView(**{name: getattr(r, name) for name in ArrivalView.__dataclass_fields__}) for r in rows
    }


def studies_without_case(limit: int = 200) -> list[StudyView]:
    """Studies in scope that are part of no case, newest first: each waits for its referral; none is left off (H28)."""
    waiting = Arrival.objects.filter(with_case_at__isnull=True).order_by("-first_at", "id")
    wanted = list(waiting.values_list("study_id", flat=True)[:limit])
    known = studies(wanted)
    return [known[i] for i in wanted if i in known]


def without_case_count() -> int:
    """How many studies in scope are part of no case: counted by an index of those alone."""
    return Arrival.objects.filter(with_case_at__isnull=True).count()


def _hold(row: Hold) -> HoldView:
    return HoldView(**{name: getattr(row, name) for name in HoldView.__dataclass_fields__})


def held(limit: int = 200) -> list[HoldView]:
    """Studies in scope that wait for a decision, oldest first."""
    return [_hold(row) for row in Hold.objects.filter(state="open").order_by("opened_at", "id")[:limit]]


def held_count() -> int:
    """How many studies in scope wait for a decision."""
    return Hold.objects.filter(state="open").count()


def holds_named(*, study_uid: str = "", accession: str = "", limit: int = 50) -> list[HoldView]:
    """Holds in scope of what is named, open ones first, then the newest; none when nothing is named."""
    given = {name: value for name, value in (("study_uid", study_uid), ("accession", accession)) if value}
    if not given:
        return []
    rows = [_hold(row) for row in Hold.objects.filter(**given).order_by("-opened_at", "id")[:limit]]
    return sorted(rows, key=lambda h: h.state != "open")


def kept_apart(study_uids: Iterable[str]) -> dict[str, list[QuarantinedView]]:
    """Objects in scope that are kept apart without a decision, by the study that they name."""
    found: dict[str, list[QuarantinedView]] = {}
    wanted = {uid for uid in study_uids if uid}
    for row in Quarantined.objects.filter(state="open", study_uid__in=wanted).order_by("received_at", "id"):
        found.setdefault(row.study_uid, []).append(_quarantined(row))
    return found


def decided_holds(limit: int = 50) -> list[HoldView]:
    """Studies that were released or returned, newest decision first."""
    return [_hold(row) for row in Hold.objects.exclude(state="open").order_by("-resolved_at", "id")[:limit]]


def hold(hold_id: UUID) -> HoldView | None:
    """A hold in scope, open or decided."""
    row = Hold.objects.filter(id=hold_id).first()
    return _hold(row) if row else None


def held_keys(hold_id: UUID) -> list[str]:
    """Keys of the stored bytes of a held study."""
    return list(HeldObject.objects.filter(hold_id=hold_id).values_list("key", flat=True))


def keys_in_use_here(keys: Iterable[str], but_hold: UUID) -> frozenset[str]:
    """Those of the keys that quarantine or another hold uses; only the scope of everything gives the whole answer."""
    wanted = list(keys)
    others = HeldObject.objects.filter(key__in=wanted).exclude(hold_id=but_hold).values_list("key", flat=True)
    return frozenset(others) | frozenset(Quarantined.objects.filter(key__in=wanted).values_list("key", flat=True))


def _quarantined(row: Quarantined) -> QuarantinedView:
    return QuarantinedView(**{name: getattr(row, name) for name in QuarantinedView.__dataclass_fields__})


def quarantined(state: str = "open", limit: int = 200) -> list[QuarantinedView]:
    """Objects in scope that are kept apart, newest first."""
    return [_quarantined(r) for r in Quarantined.objects.filter(state=state).order_by("-received_at", "id")[:limit]]


def quarantined_count() -> int:
    """How many objects in scope are kept apart without a decision."""
    return Quarantined.objects.filter(state="open").count()


def quarantined_object(quarantined_id: UUID) -> QuarantinedView | None:
    """An object in quarantine, in scope."""
    row = Quarantined.objects.filter(id=quarantined_id).first()
    return _quarantined(row) if row else None


def refusals(limit: int = 100) -> list[RefusalView]:
    """Callers that were refused, newest first."""
    rows = Refusal.objects.order_by("-last_at")[:limit]
    return [RefusalView(**{n: getattr(r, n) for n in RefusalView.__dataclass_fields__}) for r in rows]


def _upload(row: Upload, files: Iterable[UploadedFile]) -> UploadView:
    lines = tuple(FileView(**{n: getattr(f, n) for n in FileView.__dataclass_fields__}) for f in files)
    names = [n for n in UploadView.__dataclass_fields__ if n != "files"]
    return UploadView(**{n: getattr(row, n) for n in names}, files=lines)


def upload(upload_id: UUID) -> UploadView | None:
    """An upload in scope, with every file."""
    row = Upload.objects.filter(id=upload_id).first()
    return _upload(row, UploadedFile.objects.filter(upload=row).order_by("number")) if row else None


def uploads(client_id: UUID, limit: int = 50) -> list[UploadView]:
    """Uploads of a client, newest first, without their files."""
    return [
        _upload(row, ()) for row in Upload.objects.filter(client_id=client_id).order_by("-started_at", "id")[:limit]
    ]
