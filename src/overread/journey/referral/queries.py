"""Reads of referrals and of matches that wait for a person."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.referral.models import Document, NotThis, Referral
from overread.journey.referral.rules import WORTH_A_LOOK, Candidate, Score, Side, score


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


@dataclass(frozen=True)
class Pair:
    """A study and a referral side by side."""

    referral: ReferralView
    score: Score


@dataclass(frozen=True)
class Unmatched:
    """A study that belongs to no case yet, with the referrals that might be its own, best first."""

    study: archive.StudyView
    pairs: tuple[Pair, ...]


def _view(row: Referral) -> ReferralView:
    return ReferralView(**{name: getattr(row, name) for name in ReferralView.__dataclass_fields__})


def referral(referral_id: UUID) -> ReferralView | None:
    """A referral in scope."""
    row = Referral.objects.filter(id=referral_id).first()
    return _view(row) if row else None


def referrals(limit: int = 200) -> list[ReferralView]:
    """Referrals in scope, newest first."""
    return [_view(row) for row in Referral.objects.order_by("-received_at")[:limit]]


def waiting_for_images() -> list[ReferralView]:
    """Accepted referrals without a study, oldest first."""
    rows = Referral.objects.filter(state="accepted", study_id__isnull=True).order_by("received_at")
    return [_view(row) for row in rows]


def documents_of(referral_id: UUID) -> list[DocumentView]:
    """The files that came with a referral."""
    return [
        DocumentView(d.id, d.referral_id, d.client_id, d.name, d.media_type, d.key, d.length)
        for d in Document.objects.filter(referral_id=referral_id).order_by("added_at")
    ]


def document(document_id: UUID) -> DocumentView | None:
    """One attached file in scope."""
    row = Document.objects.filter(id=document_id).first()
    if row is None:
        return None
    return DocumentView(row.id, row.referral_id, row.client_id, row.name, row.media_type, row.key, row.length)


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


def pairs_for_study(study: archive.StudyView) -> list[Pair]:
    """Referrals of the same client that wait for images, with their scores, best first; those a person ruled out left out."""
    waiting = [r for r in waiting_for_images() if r.client_id == study.client_id]
    ruled_out = _said_no({r.id for r in waiting})
    side = study_side(study)
    found = [Pair(r, score(side, referral_side(r))) for r in waiting if (r.id, study.id) not in ruled_out]
    return sorted(
        (p for p in found if p.score.points >= WORTH_A_LOOK), key=lambda p: (-p.score.points, p.referral.received_at)
    )


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
    return [Candidate(s.id, score(study_side(s), referral_side(found))) for s in free]


def earlier_studies(found: ReferralView, study: archive.StudyView) -> list[archive.StudyView]:
    """Studies of the client that belong to no case and are, beyond doubt, of the same person and made earlier (H09)."""
    studies = archive.studies_matching(
        found.client_id, identifier=found.identifier, issuer=found.issuer, nhs_number=found.nhs_number
    )
    taken = cases.studies_with_case(s.id for s in studies)
    side = referral_side(found)
    return [
        s
        for s in studies
        if s.id != study.id
        and s.id not in taken
        and s.patient_id is None
        and _made_before(s, study)
        and score(study_side(s), side).same_person
    ]


def _made_before(one: archive.StudyView, other: archive.StudyView) -> bool:
    return one.study_date is not None and other.study_date is not None and one.study_date < other.study_date


def case_of_same_person(study: archive.StudyView) -> ReferralView | None:
    """A matched referral of the same person whose images were made later: this study is a prior for it."""
    rows = Referral.objects.filter(client_id=study.client_id, study_id__isnull=False).order_by("-received_at")[:500]
    side = study_side(study)
    for row in rows:
        found = _view(row)
        current = archive.study(found.study_id) if found.study_id else None
        if current and _made_before(study, current) and score(side, referral_side(found)).same_person:
            return found
    return None


def unmatched(limit: int = 100) -> list[Unmatched]:
    """Studies without a case: the administrator's matching list; nothing received is ever left off it (H28)."""
    studies = archive.studies_newest(limit)
    taken = cases.studies_in_any_case(s.id for s in studies)
    return [Unmatched(s, tuple(pairs_for_study(s))) for s in studies if s.id not in taken]


def unmatched_study(study_id: UUID) -> Unmatched | None:
    """One of them."""
    study = archive.study(study_id)
    if study is None or study_id in cases.studies_with_case([study_id]):
        return None
    return Unmatched(study, tuple(pairs_for_study(study)))
