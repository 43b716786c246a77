"""Reads of one case, its reads, studies, clocks and pauses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q

from overread.foundation.work.once import once
from overread.journey.agreement.rules import READ_TYPE_WORDS, ReadType
from overread.journey.case.models import Case, CaseStudy, Clock, ClockPause, Read
from overread.journey.case.rules import ReadState


@dataclass(frozen=True)
class CaseView:
    """A case."""

    id: UUID
    client_id: UUID
    number: str
    state: str
    held_reason: str
    priority: str
    read_type: str
    referral_id: UUID | None
    referral_number: str
    patient_id: UUID | None
    site_id: UUID | None
    modality: str
    body_part: str
    procedure: str
    laterality: str
    region: str
    field_diameter_mm: int | None
    field_height_mm: int | None
    original_case_id: UUID | None
    question: str
    accession: str
    opened_at: datetime
    acquired_at: datetime | None
    images_complete_at: datetime | None
    referral_accepted_at: datetime | None
    received_at: datetime | None
    allowance_minutes: int | None
    due_at: datetime | None
    signed_at: datetime | None
    accepted_at: datetime | None
    incomplete: bool
    late_images: bool
    version: int

    @property
    def read_type_words(self) -> str:
        """The kind of work for people."""
        return READ_TYPE_WORDS[ReadType(self.read_type)]


@dataclass(frozen=True)
class ReadView:
    """One reader's turn on a case."""

    id: UUID
    client_id: UUID
    case_id: UUID
    kind: str
    state: str
    reader_id: UUID | None
    opened_at: datetime
    available_at: datetime | None
    claimed_at: datetime | None
    signed_at: datetime | None
    due_at: datetime | None
    version: int


@dataclass(frozen=True)
class CaseStudyView:
    """A study's part in a case."""

    client_id: UUID
    case_id: UUID
    study_id: UUID
    role: str
    description: str
    modalities: str
    study_date: date | None
    series_count: int
    image_count: int
    image_set_sha256: str
    complete_at: datetime | None
    attached_at: datetime


@dataclass(frozen=True)
class ClockView:
    """A turnaround clock."""

    case_id: UUID
    number: int
    reason: str
    received_at: datetime
    allowance_minutes: int
    due_at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True)
class PauseView:
    """A time during which the clock stood still; `to_at` None: it still does."""

    case_id: UUID
    reason: str
    from_at: datetime
    to_at: datetime | None
    by: str


def _case(row: Case) -> CaseView:
    return CaseView(**{name: getattr(row, name) for name in CaseView.__dataclass_fields__})


def _read(row: Read) -> ReadView:
    return ReadView(**{name: getattr(row, name) for name in ReadView.__dataclass_fields__})


@once
def case(case_id: UUID) -> CaseView | None:
    """A case in scope."""
    row = Case.objects.filter(id=case_id).first()
    return _case(row) if row else None


def cases(ids: Iterable[UUID]) -> dict[UUID, CaseView]:
    """Cases in scope by id."""
    return {row.id: _case(row) for row in Case.objects.filter(id__in=set(ids))}


def case_page(
    *, before: tuple[datetime, UUID] | None, limit: int, states: Iterable[str] = (), ids: Iterable[UUID] | None = None
) -> list[CaseView]:
    """Cases in scope, newest first, one more than a page holds.

    Args:
        before: time and id of the last one of the page before.
        limit: how many a page holds.
        states: only in these; in any when empty.
        ids: only these.
    """
    rows = Case.objects.all()
    if wanted := list(states):
        rows = rows.filter(state__in=wanted)
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    if before is not None:
        at, last = before
        rows = rows.filter(Q(opened_at__lt=at) | Q(opened_at=at, id__lt=last))
    return [_case(row) for row in rows.order_by("-opened_at", "-id")[: limit + 1]]


def cases_named(*, number: str = "", accession: str = "", limit: int = 50) -> list[CaseView]:
    """Cases in scope that fit all that is given, newest first; none when nothing is."""
    exact = {"number__iexact": number.strip(), "accession": accession.strip()}
    given = {name: value for name, value in exact.items() if value}
    return [_case(row) for row in Case.objects.filter(**given).order_by("-opened_at", "-id")[:limit]] if given else []


def paused_cases(case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Those of the cases whose clock stands, with the agreed reason."""
    rows = ClockPause.objects.filter(case_id__in=set(case_ids), to_at__isnull=True).order_by("from_at")
    return dict(rows.values_list("case_id", "reason"))


def case_for_referral(referral_id: UUID) -> CaseView | None:
    """The newest case of a referral that was not cancelled."""
    row = Case.objects.filter(referral_id=referral_id).exclude(state="cancelled").order_by("-opened_at").first()
    return _case(row) if row else None


def case_by_number(client_id: UUID, number: str) -> CaseView | None:
    """A client's case by the number that people know it by."""
    row = Case.objects.filter(client_id=client_id, number__iexact=number.strip()).first()
    return _case(row) if row else None


def readers_of(case_id: UUID) -> frozenset[UUID]:
    """Who signed a read of a case."""
    rows = Read.objects.filter(case_id=case_id, state="signed", reader__isnull=False)
    return frozenset(rows.values_list("reader_id", flat=True))


def cases_of_patient(patient_ids: Iterable[UUID]) -> list[CaseView]:
    """All cases of these patients, newest first."""
    rows = Case.objects.filter(patient_id__in=set(patient_ids)).order_by("-opened_at", "id")
    return [_case(row) for row in rows]


def cases_of_study(study_id: UUID) -> list[CaseView]:
    """The cases that a study is part of, oldest first."""
    ids = CaseStudy.objects.filter(study_id=study_id, detached_at__isnull=True).values("case_id")
    return [_case(row) for row in Case.objects.filter(id__in=ids).order_by("opened_at", "id")]


def cases_by_study(study_ids: Iterable[UUID]) -> dict[UUID, list[CaseView]]:
    """The cases that each of some studies is part of as current study, oldest first: two queries."""
    rows = CaseStudy.objects.filter(study_id__in=set(study_ids), role="current", detached_at__isnull=True)
    pairs = list(rows.values_list("study_id", "case_id"))
    known = cases(case_id for _, case_id in pairs)
    found: dict[UUID, list[CaseView]] = {}
    for study_id, case_id in sorted(pairs, key=lambda pair: (known[pair[1]].opened_at, pair[1])):
        found.setdefault(study_id, []).append(known[case_id])
    return found


def studies_with_case(study_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the studies that are part of a case as current study; the rest wait for a referral."""
    rows = CaseStudy.objects.filter(study_id__in=set(study_ids), role="current", detached_at__isnull=True)
    return frozenset(rows.values_list("study_id", flat=True))


def studies_in_any_case(study_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of the studies that are part of a case in any role, priors included: they are accounted for (H28)."""
    rows = CaseStudy.objects.filter(study_id__in=set(study_ids), detached_at__isnull=True)
    return frozenset(rows.values_list("study_id", flat=True))


def counts_by_state() -> dict[str, int]:
    """How many cases in scope are in each state."""
    return dict(Case.objects.order_by().values_list("state").annotate(n=Count("id")))


def late_count(at: datetime) -> int:
    """How many reads in scope wait or are being read past their agreed time, those whose clock stands still left out."""
    late = Read.objects.filter(state__in=(ReadState.AVAILABLE, ReadState.CLAIMED), due_at__lt=at)
    return late.exclude(case_id__in=ClockPause.objects.filter(to_at=None).values("case_id")).count()


@once
def read(read_id: UUID) -> ReadView | None:
    """A read in scope."""
    row = Read.objects.filter(id=read_id).first()
    return _read(row) if row else None


def reads_of(case_id: UUID) -> list[ReadView]:
    """The reads of a case in order of opening."""
    return [_read(row) for row in Read.objects.filter(case_id=case_id).order_by("opened_at", "id")]


@once
def studies_of(case_id: UUID) -> list[CaseStudyView]:
    """The studies of a case: current ones first, then priors by date, newest first."""
    rows = CaseStudy.objects.filter(case_id=case_id, detached_at__isnull=True)
    found = [CaseStudyView(**{n: getattr(r, n) for n in CaseStudyView.__dataclass_fields__}) for r in rows]
    found.sort(key=lambda s: (s.role != "current", -(s.study_date or date.min).toordinal()))
    return found


def clocks_of(case_id: UUID) -> list[ClockView]:
    """The clocks of a case, first to newest."""
    rows = Clock.objects.filter(case_id=case_id).order_by("number")
    return [ClockView(**{n: getattr(r, n) for n in ClockView.__dataclass_fields__}) for r in rows]


def pauses_of(case_id: UUID) -> list[PauseView]:
    """The pauses of a case in order."""
    rows = ClockPause.objects.filter(case_id=case_id).order_by("from_at")
    return [PauseView(**{n: getattr(r, n) for n in PauseView.__dataclass_fields__}) for r in rows]
