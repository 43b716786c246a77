"""ReadCard: the one row type of every worklist. A list costs a fixed number of queries, however long it is."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from overread.foundation.clients.queries import ClientView, clients_by_id
from overread.journey.agreement.rules import READ_TYPE_WORDS, ReadType
from overread.journey.case.models import CaseStudy, ClockPause, Read
from overread.journey.case.rules import Interval, is_paused
from overread.journey.patient.queries import patients
from overread.journey.patient.rules import PatientView, age_at

OPEN = ("available", "claimed")


@dataclass(frozen=True, kw_only=True)
class ReadCard:
    """One read as a list shows it.

    `paused` says that the clock stands still; `priors` counts attached earlier studies; `age` is that at the study
    date, in years, else None. `original_case_id` is the case of ours whose report is judged. `reader_id` is set while claimed and after signing.
    """

    read_id: UUID
    case_id: UUID
    client_id: UUID
    client_code: str
    client_name: str
    case_number: str
    kind: str
    read_state: str
    case_state: str
    read_type: str
    priority: str
    patient: PatientView | None
    age: int | None
    referral_id: UUID | None
    referral_number: str
    accession: str
    modality: str
    body_part: str
    procedure: str
    laterality: str
    region: str
    field_diameter_mm: int | None
    field_height_mm: int | None
    original_case_id: UUID | None
    question: str
    study_ids: tuple[UUID, ...]
    study_date: date | None
    descriptions: tuple[str, ...]
    series_count: int
    image_count: int
    priors: int
    received_at: datetime | None
    allowance_minutes: int | None
    due_at: datetime | None
    available_at: datetime | None
    claimed_at: datetime | None
    signed_at: datetime | None
    reader_id: UUID | None
    incomplete: bool
    late_images: bool
    paused: bool
    version: int

    @property
    def patient_name(self) -> str:
        """Family, Given."""
        return self.patient.name if self.patient else "Name not known"

    @property
    def read_type_words(self) -> str:
        """The kind of work for people."""
        return READ_TYPE_WORDS[ReadType(self.read_type)]

    @property
    def examination(self) -> str:
        """What was done: the referral's procedure, else what the study says, else the modality."""
        described = next((text for text in self.descriptions if text), "")
        return self.procedure or described or " ".join(part for part in (self.modality, self.body_part) if part)


def _studies(case_ids: set[UUID]) -> dict[UUID, list[CaseStudy]]:
    found: dict[UUID, list[CaseStudy]] = defaultdict(list)
    for row in CaseStudy.objects.filter(case_id__in=case_ids, detached_at__isnull=True).order_by("attached_at", "id"):
        found[row.case_id].append(row)
    return found


def _paused(case_ids: set[UUID]) -> set[UUID]:
    now = timezone.now()
    rows = ClockPause.objects.filter(case_id__in=case_ids, to_at__isnull=True)
    return {r.case_id for r in rows if is_paused([Interval(r.from_at, r.to_at)], now)}


def _cards(rows: Iterable[Read]) -> list[ReadCard]:
    rows = list(rows)
    case_ids = {r.case_id for r in rows}
    studies, paused = _studies(case_ids), _paused(case_ids)
    people = patients(r.case.patient_id for r in rows if r.case.patient_id)
    clients = clients_by_id(r.client_id for r in rows)
    return [_card(r, studies[r.case_id], people, clients[r.client_id], r.case_id in paused) for r in rows]


def _card(
    read: Read, studies: list[CaseStudy], people: dict[UUID, PatientView], client: ClientView, paused: bool
) -> ReadCard:
    case = read.case
    current = [s for s in studies if s.role == "current"]
    patient = people.get(case.patient_id) if case.patient_id else None
    on = next((s.study_date for s in current if s.study_date), None)
    copied = (
        "client_id",
        "read_type",
        "priority",
        "referral_id",
        "referral_number",
        "accession",
        "body_part",
        "procedure",
        "laterality",
        "region",
        "field_diameter_mm",
        "field_height_mm",
        "original_case_id",
        "question",
        "received_at",
        "allowance_minutes",
        "incomplete",
        "late_images",
    )
    return ReadCard(
        **{name: getattr(case, name) for name in copied},
        **{n: getattr(read, n) for n in ("kind", "available_at", "claimed_at", "signed_at", "reader_id", "version")},
        read_id=read.id,
        case_id=case.id,
        client_code=client.code,
        client_name=client.name,
        case_number=case.number,
        read_state=read.state,
        case_state=case.state,
        patient=patient,
        age=age_at(patient.birth_date, on) if patient and patient.birth_date and on else None,
        modality=case.modality or next((s.modalities for s in current if s.modalities), ""),
        study_ids=tuple(s.study_id for s in current),
        study_date=on,
        descriptions=tuple(s.description for s in current),
        series_count=sum(s.series_count for s in current),
        image_count=sum(s.image_count for s in current),
        priors=sum(s.role == "prior" for s in studies),
        due_at=read.due_at or case.due_at,
        paused=paused,
    )


def read_cards(
    *,
    states: Iterable[str] = OPEN,
    reader_id: UUID | None = None,
    client_id: UUID | None = None,
    case_ids: Iterable[UUID] | None = None,
    limit: int = 200,
    offset: int = 0,
) -> list[ReadCard]:
    """Reads in scope, the one that is due first on top; without a due time last.

    Args:
        states: values of rules.ReadState.
        reader_id: only this reader's.
        client_id: only this client's.
        case_ids: only of these cases.
        limit, offset: the page.
    """
    rows = Read.objects.filter(state__in=list(states)).select_related("case")
    if reader_id is not None:
        rows = rows.filter(reader_id=reader_id)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if case_ids is not None:
        rows = rows.filter(case_id__in=list(case_ids))
    return _cards(rows.order_by(F("due_at").asc(nulls_last=True), "opened_at", "id")[offset : offset + limit])


def open_reads() -> int:
    """How many reads in scope wait or are held: what a page of them leaves out is said with it."""
    return Read.objects.filter(state__in=OPEN).count()


def running_dues(client_id: UUID) -> list[datetime]:
    """When each open read of a client is due whose clock runs, however many there are; the earliest first."""
    rows = Read.objects.filter(state__in=OPEN, client_id=client_id, due_at__isnull=False).order_by("due_at")
    found = list(rows.values_list("case_id", "due_at"))
    paused = _paused({case_id for case_id, _ in found})
    return [due_at for case_id, due_at in found if case_id not in paused]


def read_card(read_id: UUID) -> ReadCard | None:
    """One read as a card, or None when it is not in scope."""
    found = _cards(Read.objects.filter(id=read_id).select_related("case"))
    return found[0] if found else None
