"""Reads of drafts and signed reports."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.work.once import once
from overread.foundation.work.refusals import NotFound
from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.case.rules import Role
from overread.journey.reading import queries as reading
from overread.journey.referral import queries as referrals
from overread.journey.reporting.models import AlertMark, Draft, GateMark, ReportFile, ReportVersion
from overread.journey.reporting.rules import (
    CORRECTION_CODES,
    KIND_WORDS,
    WHOLE,
    CaseFacts,
    Kind,
    Piece,
    changes,
    is_changed,
    read_on_words,
    title_of,
    whole_sections,
)


@dataclass(frozen=True)
class DraftView:
    """What a reader has written so far."""

    id: UUID
    read_id: UUID
    case_id: UUID
    client_id: UUID
    author_id: UUID
    sections: dict[str, str]
    answers: dict[str, str]
    version: int
    saved_at: datetime
    signed: bool


@dataclass(frozen=True)
class ReportView:
    """A signed version."""

    id: UUID
    client_id: UUID
    case_id: UUID
    read_id: UUID | None
    kind: str
    number: int
    adds_to_id: UUID | None
    adds_to_sha256: str
    read_type: str
    correction_code: str
    correction_reason: str
    sections: dict[str, str]
    text: str
    text_sha256: str
    image_set_sha256: str
    facts: dict[str, str]
    passed_gates: list[dict[str, str]]
    display: dict[str, Any] | None
    answers: dict[str, str]
    alert_category: str
    alert_finding: str
    alert_side: str
    signed_by_id: UUID
    signed_by_words: str
    signed_at: datetime

    @property
    def read_on(self) -> str:
        """The displays that it was read on and their check, in words."""
        return read_on_words(self.display)

    @property
    def title(self) -> str:
        """What the document is called: an opinion or a review is a document of its own (REQ-40)."""
        return title_of(self.read_type, self.kind)

    @property
    def kind_words(self) -> str:
        """Its kind for people."""
        return KIND_WORDS.get(self.kind, self.kind)

    @property
    def correction_words(self) -> str:
        """The coded reason of a correction for people."""
        return CORRECTION_CODES.get(self.correction_code, "")

    @property
    def is_whole(self) -> bool:
        """Whether its text stands on its own."""
        return self.kind in WHOLE


@dataclass(frozen=True)
class FileView:
    """A document made from a signed version."""

    report_id: UUID
    kind: str
    key: str
    sha256: str
    length: int
    uid: str


def _draft(row: Draft) -> DraftView:
    return DraftView(
        row.id,
        row.read_id,
        row.case_id,
        row.client_id,
        row.author_id,
        dict(row.sections),
        dict(row.answers),
        row.version,
        row.saved_at,
        row.signed_at is not None,
    )


def _report(row: ReportVersion) -> ReportView:
    return ReportView(**{name: getattr(row, name) for name in ReportView.__dataclass_fields__})


def draft(read_id: UUID, author_id: UUID) -> DraftView | None:
    """A reader's own draft of a read."""
    row = Draft.objects.filter(read_id=read_id, author_id=author_id).first()
    return _draft(row) if row else None


@once
def report(report_id: UUID) -> ReportView | None:
    """A signed version in scope."""
    row = ReportVersion.objects.filter(id=report_id).first()
    return _report(row) if row else None


def signed_under(person_id: UUID, gate: str, since: datetime, until: datetime) -> list[ReportView]:
    """The versions in scope that a reader signed while the registered manager let this gate pass, oldest first."""
    rows = ReportVersion.objects.filter(signed_by_id=person_id, signed_at__gte=since, signed_at__lt=until)
    found = [_report(row) for row in rows.order_by("signed_at")]
    return [r for r in found if any(p["gate"] == gate and p["by"] == "manager" for p in r.passed_gates)]


@once
def reports_of(case_id: UUID) -> list[ReportView]:
    """A case's signed versions, oldest first."""
    return [_report(row) for row in ReportVersion.objects.filter(case_id=case_id).order_by("number")]


def reports_by_id(report_ids: Iterable[UUID]) -> dict[UUID, ReportView]:
    """Signed versions in scope by id: one query."""
    return {row.id: _report(row) for row in ReportVersion.objects.filter(id__in=set(report_ids))}


def kinds_of(report_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The kind of each of some versions: one query."""
    return dict(ReportVersion.objects.filter(id__in=set(report_ids)).values_list("id", "kind"))


def latest(case_id: UUID) -> ReportView | None:
    """The newest signed version of a case."""
    found = reports_of(case_id)
    return found[-1] if found else None


def standing(case_id: UUID, *, below: int = 10_000) -> dict[str, str]:
    """What a case's versions say together, by section: the newest whole text and the addenda signed since.

    Args:
        case_id: the case.
        below: only versions with a smaller number: what stood before one of them.
    """
    return whole_sections([(r.is_whole, r.sections) for r in reports_of(case_id) if r.number < below])


def differences(found: ReportView) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
    """What a version changes of what stood before it; empty for a first version and for an addendum."""
    if found.adds_to_id is None or not found.is_whole:
        return ()
    return changes(standing(found.case_id, below=found.number), found.sections)


def changes_conclusion(found: ReportView) -> bool:
    """Whether a version takes the place of one that concluded something else."""
    if found.adds_to_id is None or not found.is_whole:
        return False
    before = standing(found.case_id, below=found.number)
    return is_changed(before.get("conclusion", ""), found.sections.get("conclusion", ""))


def signers_of(case_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Who signed any version of some cases, by case: they do not judge their own report (REQ-71)."""
    found: dict[UUID, set[UUID]] = {}
    rows = ReportVersion.objects.filter(case_id__in=set(case_ids))
    for case_id, person_id in rows.values_list("case_id", "signed_by_id"):
        found.setdefault(case_id, set()).add(person_id)
    return {case_id: frozenset(people) for case_id, people in found.items()}


def signed_since(at: datetime) -> list[ReportView]:
    """Versions signed since a time, newest first."""
    return [_report(row) for row in ReportVersion.objects.filter(signed_at__gte=at).order_by("-signed_at")]


def finals_since(at: datetime) -> int:
    """How many reports in scope were signed as final since a time; what was added or corrected later is not counted again."""
    return ReportVersion.objects.filter(signed_at__gte=at, kind=Kind.FINAL).count()


def file_of(report_id: UUID, kind: str) -> FileView | None:
    """A document of a version: kind "pdf" or "encapsulated"."""
    row = ReportFile.objects.filter(report_id=report_id, kind=kind).first()
    if row is None:
        return None
    return FileView(row.report_id, row.kind, row.key, row.sha256, row.length, row.uid)


def _current_studies(case_id: UUID) -> list[UUID]:
    return [s.study_id for s in cases.studies_of(case_id) if s.role == Role.CURRENT]


def image_set(case_id: UUID) -> str:
    """Hash over the images of the current studies: what the signature says the reader reported on (H04)."""
    return archive.image_set(*_current_studies(case_id))


def dicom_side(case_id: UUID) -> str:
    """The side that the images of the current studies name: L, R, B, or "" when none or in doubt."""
    attached = cases.studies_of(case_id)
    studies = archive.studies(s.study_id for s in attached)
    found: set[str] = set()
    for study_id in (s.study_id for s in attached if s.role == Role.CURRENT):
        found |= {studies[study_id].laterality} if study_id in studies else set()
        found |= {series.laterality for series in archive.series_of(study_id)}
    sides = found & {"L", "R", "B"}
    return sides.pop() if len(sides) == 1 else ""


def is_alerted(case_id: UUID) -> bool:
    """Whether an alert was raised for the case."""
    return bool(AlertMark.objects.filter(case_id=case_id).exists())


def signer_words(person_id: UUID) -> str:
    """How a signer is named on a report."""
    found = accounts.person(person_id)
    return found.full_name if found else "unknown person"


@dataclass(frozen=True)
class GateMarkView:
    """A version that was signed although a soft gate was shut."""

    id: UUID
    report_id: UUID
    case_id: UUID
    gates: tuple[dict[str, str], ...]
    signed_by_id: UUID
    signed_by_name: str
    at: datetime
    seen_at: datetime | None


def _mark(row: GateMark, names: dict[UUID, str]) -> GateMarkView:
    name = names.get(row.signed_by_id, "")
    return GateMarkView(
        row.id, row.report_id, row.case_id, tuple(row.gates), row.signed_by_id, name, row.at, row.seen_at
    )


def unseen_gate_marks() -> list[GateMarkView]:
    """Versions signed through a soft gate that no manager has seen yet, oldest first."""
    rows = list(GateMark.objects.filter(seen_at__isnull=True).order_by("at"))
    names = accounts.names({r.signed_by_id for r in rows})
    return [_mark(r, names) for r in rows]


def gate_mark(report_id: UUID) -> GateMarkView | None:
    """The mark of a version that was signed through a soft gate."""
    row = GateMark.objects.filter(report_id=report_id).first()
    return _mark(row, accounts.names([row.signed_by_id])) if row else None


def facts_for(read_id: UUID, person_id: UUID, *, alert: bool = False) -> CaseFacts:
    """What is known besides the text, for the checks: from rows, so that no caller can leave it out.

    Args:
        read_id, person_id: the read, and who reads it.
        alert: an alert goes out with the signature.

    Raises:
        NotFound: no such read in scope.
    """
    read = cases.read(read_id)
    case = cases.case(read.case_id) if read else None
    if read is None or case is None:
        raise NotFound
    shown = reading.coverage(read_id, person_id)
    dental = referrals.dental_of(case.referral_id) if case.referral_id else None
    original = referrals.original_of(case.referral_id) if case.referral_id else None
    return CaseFacts(
        referral_side=case.laterality,
        dicom_side=dicom_side(read.case_id),
        incomplete=case.incomplete,
        images=sum(s.images for s in shown),
        images_shown=sum(s.shown for s in shown),
        has_alert=alert or is_alerted(read.case_id),
        read_type=case.read_type,
        modality=case.modality,
        has_original=bool(original and (original.words or original.document or original.case_id)),
        teeth=dental.teeth if dental else (),
        deciduous_retained=bool(dental and dental.deciduous_retained),
        questions=tuple(q.subject for q in referrals.queries_of(case.id) if q.is_open),
    )
