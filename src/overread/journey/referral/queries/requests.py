"""Reads of referrals, of what came with them, and of matches that wait for a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from overread.foundation.thresholds import current as thresholds
from overread.journey.agreement.rules import READ_TYPE_WORDS, ReadType
from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.case.rules import DENTAL_PURPOSES, FieldOfView, field_words, region_words, teeth_words
from overread.journey.reception import queries as reception
from overread.journey.referral.models import (
    DentalRequest,
    Document,
    MatchStep,
    NotThis,
    Original,
    Referral,
)
from overread.journey.referral.rules import (
    OUTSIDE_REPORT,
    REVIEW_PURPOSES,
    Bars,
    Candidate,
    Score,
    Side,
    nhs_digits,
    score,
)


@dataclass(frozen=True)
class ReferralView:
    """A referral as the client wrote it, and what became of it."""

    id: UUID
    client_id: UUID
    number: str
    state: str
    read_type: str
    priority: str
    family: str
    given: str
    birth_date: date
    sex: str
    nhs_number: str
    identifier: str
    issuer: str
    modality: str
    procedure: str
    body_part: str
    laterality: str
    question: str
    history: str
    referrer_name: str
    referrer_contact: str
    accession: str
    images_expected: int | None
    received_at: datetime
    patient_id: UUID | None
    case_id: UUID | None
    study_id: UUID | None
    matched_at: datetime | None
    matched_how: str

    @property
    def name(self) -> str:
        """Family, Given, as lists show it."""
        return ", ".join(part for part in (self.family, self.given) if part)

    @property
    def read_type_words(self) -> str:
        """The kind of work for people."""
        return READ_TYPE_WORDS[ReadType(self.read_type)]


@dataclass(frozen=True)
class DocumentView:
    """A file that came with a referral."""

    id: UUID
    referral_id: UUID
    client_id: UUID
    name: str
    media_type: str
    key: str
    length: int
    sha256: str
    kind: str

    @property
    def is_report(self) -> bool:
        """Whether it is the report that is in question."""
        return self.kind == OUTSIDE_REPORT


@dataclass(frozen=True)
class DentalView:
    """What a dental practice asks of a volume, and how it was made."""

    purpose: str
    region: str
    teeth: tuple[str, ...]
    deciduous_retained: bool
    field: FieldOfView
    voxel_mm: float | None
    scanner: str
    dose_mgycm2: float | None
    referrer_number: str

    @property
    def purpose_words(self) -> str:
        """The purpose for people."""
        return DENTAL_PURPOSES.get(self.purpose, self.purpose)

    @property
    def region_words(self) -> str:
        """The region for people."""
        return region_words(self.region)

    @property
    def teeth_words(self) -> str:
        """The teeth for people."""
        return teeth_words(self.teeth)

    @property
    def field_words(self) -> str:
        """The field of view for people."""
        return field_words(self.field)

    @property
    def above_achievable(self) -> bool:
        """Whether the dose is above what is achievable: told to the practice, never a bar (REQ-85)."""
        return self.dose_mgycm2 is not None and self.dose_mgycm2 > thresholds.value("cbct.dap_achievable")


@dataclass(frozen=True)
class OriginalView:
    """The report that an opinion or a review is about."""

    referral_id: UUID
    purpose: str
    author: str
    organisation: str
    written_on: date | None
    words: str
    document: DocumentView | None
    case_id: UUID | None

    @property
    def purpose_words(self) -> str:
        """What a review is for, for people."""
        return REVIEW_PURPOSES.get(self.purpose, "")

    @property
    def source_words(self) -> str:
        """Who wrote the report in question, and when, for people."""
        day = f"{self.written_on:%d %b %Y}" if self.written_on else ""
        return ", ".join(part for part in (self.author, self.organisation, day) if part)


@dataclass(frozen=True)
class StepView:
    """One step of a referral's matches."""

    study_id: UUID
    step: str
    how: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Pair:
    """A study and a referral side by side."""

    referral: ReferralView
    score: Score


@dataclass(frozen=True)
class Unmatched:
    """A study that belongs to no case yet, with the referrals that might be its own, best first.

    `ruled_out` are those that a person said it does not belong to: never offered, still there to be matched again.
    """

    study: archive.StudyView
    pairs: tuple[Pair, ...]
    ruled_out: tuple[Pair, ...] = ()


def _view(row: Referral) -> ReferralView:
    return ReferralView(**{name: getattr(row, name) for name in ReferralView.__dataclass_fields__})


def referral(referral_id: UUID) -> ReferralView | None:
    """A referral in scope."""
    row = Referral.objects.filter(id=referral_id).first()
    return _view(row) if row else None


def referrals(limit: int = 200, text: str = "") -> list[ReferralView]:
    """Referrals in scope, newest first.

    Args:
        limit: how many at most.
        text: only those of this patient ("Family" or "Family, Given"), NHS or hospital number, accession, referral or case number.
    """
    rows = Referral.objects.filter(_named(text)) if text else Referral.objects.all()
    return [_view(row) for row in rows.order_by("-received_at")[:limit]]


def _named(text: str) -> Q:
    family, _, given = text.partition(",")
    wanted = Q(family__istartswith=family.strip(), given__istartswith=given.strip())
    wanted |= Q(number__iexact=text) | Q(accession__iexact=text) | Q(identifier__iexact=text)
    if digits := nhs_digits(text):
        wanted |= Q(nhs_number=digits)
    found, _ = cases.search(cases.CaseSearch(text=text), limit=50)
    return wanted | Q(case_id__in=[row.case.id for row in found])


def waiting_for_images() -> list[ReferralView]:
    """Accepted referrals without a study, oldest first."""
    rows = Referral.objects.filter(state="accepted", study_id__isnull=True).order_by("received_at")
    return [_view(row) for row in rows]


def _document(row: Document) -> DocumentView:
    return DocumentView(
        row.id, row.referral_id, row.client_id, row.name, row.media_type, row.key, row.length, row.sha256, row.kind
    )


def documents_of(referral_id: UUID) -> list[DocumentView]:
    """The files that came with a referral."""
    return [_document(d) for d in Document.objects.filter(referral_id=referral_id).order_by("added_at")]


def document(document_id: UUID) -> DocumentView | None:
    """One attached file in scope."""
    row = Document.objects.filter(id=document_id).first()
    return _document(row) if row else None


def dental_of(referral_id: UUID) -> DentalView | None:
    """What was asked of a dental volume, or None for another examination."""
    row = DentalRequest.objects.filter(referral_id=referral_id).first()
    if row is None:
        return None
    return DentalView(
        row.purpose,
        row.region,
        tuple(row.teeth),
        row.deciduous_retained,
        FieldOfView(row.field_diameter_mm, row.field_height_mm),
        row.voxel_mm,
        row.scanner,
        row.dose_mgycm2,
        row.referrer_number,
    )


def original_of(referral_id: UUID) -> OriginalView | None:
    """The report that an opinion or a review is about, or None for a primary report."""
    row = Original.objects.filter(referral_id=referral_id).select_related("document").first()
    if row is None:
        return None
    return OriginalView(
        row.referral_id,
        row.purpose,
        row.author,
        row.organisation,
        row.written_on,
        row.words,
        _document(row.document) if row.document else None,
        row.case_id,
    )


def authors_of(referral_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The author that each report in question from outside names, by referral."""
    rows = Original.objects.filter(referral_id__in=set(referral_ids)).exclude(author="")
    return dict(rows.values_list("referral_id", "author"))


def steps_of(referral_id: UUID) -> list[StepView]:
    """How a referral was matched and un-matched, oldest first."""
    rows = MatchStep.objects.filter(referral_id=referral_id).order_by("at", "id")
    return [StepView(r.study_id, r.step, r.how, r.reason, r.by, r.at) for r in rows]


def study_side(study: archive.StudyView) -> Side:
    """A study as matching compares it."""
    family, _, given = study.patient_name.partition("^")
    return Side(
        family=family,
        given=given.replace("^", " ").strip(),
        birth_date=study.birth_date,
        sex=study.sex,
        nhs_number=study.nhs_number,
        identifier=study.identifier,
        issuer=study.issuer,
        accession=study.accession,
        modality=_main_modality(study.modalities),
        procedure=study.description,
        laterality=study.laterality,
        at=study.acquired_at,
    )


def _main_modality(modalities: str) -> str:
    parts = [m for m in modalities.replace("\\", ",").replace(" ", ",").split(",") if m]
    return next((m for m in parts if m not in {"SR", "PR", "KO", "OT", "DOC"}), "")


def referral_side(found: ReferralView) -> Side:
    """A referral as matching compares it; a cone-beam CT is a CT to the scanner."""
    return Side(
        family=found.family,
        given=found.given,
        birth_date=found.birth_date,
        sex=found.sex,
        nhs_number=found.nhs_number,
        identifier=found.identifier,
        issuer=found.issuer,
        accession=found.accession,
        modality="CT" if found.modality == "CBCT" else found.modality,
        procedure=found.procedure,
        laterality=found.laterality,
        at=found.received_at,
    )


def _said_no(referral_ids: set[UUID]) -> set[tuple[UUID, UUID]]:
    return set(NotThis.objects.filter(referral_id__in=referral_ids).values_list("referral_id", "study_id"))


def _bars() -> Bars:
    """What a comparison must reach, as the thresholds say now."""
    return Bars(
        by_itself=thresholds.whole("referral.match_by_itself"),
        worth_a_look=thresholds.whole("referral.worth_a_look"),
        same_name=float(thresholds.value("referral.same_name")),
        like_name=float(thresholds.value("referral.like_name")),
        taken_within=thresholds.duration("referral.taken_within"),
    )


def _pairs(study: archive.StudyView, *, ruled_out: bool) -> list[Pair]:
    waiting = [r for r in waiting_for_images() if r.client_id == study.client_id]
    no = _said_no({r.id for r in waiting})
    side, bars = study_side(study), _bars()
    found = [Pair(r, score(side, referral_side(r), bars)) for r in waiting if ((r.id, study.id) in no) is ruled_out]
    return sorted(
        (p for p in found if p.score.points >= bars.worth_a_look),
        key=lambda p: (-p.score.points, p.referral.received_at),
    )


def pairs_for_study(study: archive.StudyView) -> list[Pair]:
    """Referrals of the same client that wait for images, with their scores, best first; those a person ruled out left out."""
    return _pairs(study, ruled_out=False)


def candidates_for_study(study: archive.StudyView) -> list[Candidate]:
    """The same as candidates for the rule that chooses."""
    return [Candidate(p.referral.id, p.score) for p in pairs_for_study(study)]


def candidates_for_referral(found: ReferralView) -> list[Candidate]:
    """Studies of the client that belong to no case and might be this referral's."""
    studies = archive.studies_matching(
        found.client_id,
        accession=found.accession,
        identifier=found.identifier,
        issuer=found.issuer,
        nhs_number=found.nhs_number,
        birth_date=found.birth_date,
    )
    taken = cases.studies_with_case(s.id for s in studies)
    ruled_out = _said_no({found.id})
    free = [s for s in studies if s.id not in taken and (found.id, s.id) not in ruled_out]
    bars = _bars()
    return [Candidate(s.id, score(study_side(s), referral_side(found), bars)) for s in free]


def earlier_studies(found: ReferralView, study: archive.StudyView) -> list[archive.StudyView]:
    """Studies of the client that belong to no case and are, beyond doubt, of the same person and made earlier (H09)."""
    studies = archive.studies_matching(
        found.client_id, identifier=found.identifier, issuer=found.issuer, nhs_number=found.nhs_number
    )
    taken = cases.studies_with_case(s.id for s in studies)
    side, bars = referral_side(found), _bars()
    return [
        s
        for s in studies
        if s.id != study.id
        and s.id not in taken
        and s.patient_id is None
        and _made_before(s, study)
        and score(study_side(s), side, bars).same_person
    ]


def _made_before(one: archive.StudyView, other: archive.StudyView) -> bool:
    return one.study_date is not None and other.study_date is not None and one.study_date < other.study_date


def case_of_same_person(study: archive.StudyView) -> ReferralView | None:
    """A matched referral of the same person whose images were made later: this study is a prior for it."""
    rows = Referral.objects.filter(client_id=study.client_id, study_id__isnull=False).order_by("-received_at")[:500]
    side, bars = study_side(study), _bars()
    for row in rows:
        found = _view(row)
        current = archive.study(found.study_id) if found.study_id else None
        if current and _made_before(study, current) and score(side, referral_side(found), bars).same_person:
            return found
    return None


def unmatched(limit: int = 100) -> list[Unmatched]:
    """Studies without a case: the administrator's matching list, with the referrals that might be theirs (H28)."""
    return [Unmatched(s, tuple(pairs_for_study(s))) for s in reception.studies_without_case(limit)]


def unmatched_study(study_id: UUID) -> Unmatched | None:
    """One of them."""
    study = archive.study(study_id)
    if study is None or study_id in cases.studies_with_case([study_id]):
        return None
    return Unmatched(study, tuple(pairs_for_study(study)), tuple(_pairs(study, ruled_out=True)))
