"""The studies of a case: attached, described, complete, late, detached."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.journey.case.actions._steps import (
    _advance,
    _change,
    _current_studies,
    _images_are_complete,
    _images_now_complete,
    _locked,
    _now,
    _offer_reads,
    _open_clock,
    _withdraw_reads,
)
from overread.journey.case.events import LateImages, StudyAttached, StudyDetached
from overread.journey.case.models import Case, CaseStudy, Read
from overread.journey.case.rules import SIGNED, Move, ReadKind, Role, State, StudyFacts

_DESCRIBED = ("description", "modalities", "study_date", "series_count", "image_count")


def _described(facts: StudyFacts) -> dict[str, object]:
    found: dict[str, object] = {name: getattr(facts, name) for name in _DESCRIBED}
    if facts.image_set_sha256:
        found["image_set_sha256"] = facts.image_set_sha256
    return found


def _row(case: Case, study_id: UUID) -> CaseStudy:
    row: CaseStudy | None = CaseStudy.objects.filter(case=case, study_id=study_id, detached_at__isnull=True).first()
    if row is None:
        raise NotFound("This study is not part of the case.")
    return row


def _remember_acquisition(case: Case, facts: StudyFacts) -> None:
    if facts.acquired_at and (case.acquired_at is None or facts.acquired_at < case.acquired_at):
        _change(case, acquired_at=facts.acquired_at)


@action("case.attach_study")
def attach_study(
    *,
    actor: Actor,
    case_id: UUID,
    study_id: UUID,
    facts: StudyFacts,
    role: str = "current",
    complete_at: datetime | None = None,
) -> None:
    """Make a study part of a case; with complete images of all current studies the case moves on.

    Args:
        actor: who attaches it.
        case_id: the case.
        study_id: the study, of the same client.
        facts: what the case shows of the study.
        role: current, prior or for_review.
        complete_at: when its images were complete; None while they still arrive.

    Raises:
        BadInput: the role is none.
        Conflict: it is attached already, or a current study comes after the case is being read.
        NotFound: there is no such case in scope.
    """
    if role not in set(Role):
        raise BadInput("A study is current, prior or for review.", errors={"role": "Choose one of the three."})
    case = _locked(case_id)
    at = _now()
    if CaseStudy.objects.filter(case=case, study_id=study_id, detached_at__isnull=True).exists():
        raise Conflict("This study is already part of the case.", code="attached")
    waiting = case.state in (State.AWAITING_IMAGES, State.AWAITING_REFERRAL, State.READY)
    if role == Role.CURRENT and not waiting:
        raise Conflict(
            "The case is past the point where a current study can be added. Attach it for review, or open a case.",
            code="too-late",
        )
    CaseStudy.objects.create(
        client_id=case.client_id,
        case=case,
        study_id=study_id,
        role=role,
        complete_at=complete_at,
        attached_at=at,
        **_described(facts),
    )
    note(
        subject=("study", study_id),
        client_id=case.client_id,
        case_id=case.id,
        facts={"role": role, "images": facts.image_count, "series": facts.series_count},
    )
    publish(StudyAttached(client_id=case.client_id, case_id=case.id, study_id=study_id, role=role))
    if role != Role.CURRENT:
        return
    _remember_acquisition(case, facts)
    if _images_are_complete(case):
        if case.images_complete_at is None or case.state != State.READY:
            done = max(s.complete_at for s in _current_studies(case) if s.complete_at)
            _images_now_complete(case, actor=actor, at=done)
    elif case.state == State.READY:
        _withdraw_reads(case, at)
        _advance(case, Move.IMAGES_WITHDRAWN)


@action("case.describe_study")
def describe_study(*, actor: Actor, client_id: UUID, study_id: UUID, facts: StudyFacts) -> int:
    """Renew what every case shows of a study.

    Returns:
        In how many cases the study is.
    """
    rows = CaseStudy.objects.filter(client_id=client_id, study_id=study_id, detached_at__isnull=True)
    count: int = rows.update(**_described(facts))
    note(subject=("study", study_id), client_id=client_id, facts={"cases": count, "images": facts.image_count})
    return count


@action("case.images_arriving")
def images_arriving(*, actor: Actor, case_id: UUID, study_id: UUID) -> None:
    """Images come after the study had counted as complete: until it is complete again the case shows as incomplete."""
    case = _locked(case_id)
    row = _row(case, study_id)
    if row.role == Role.CURRENT and not case.incomplete:
        _change(case, incomplete=True)
    note(subject=("study", study_id), client_id=case.client_id, case_id=case.id, words="more-images")


@action("case.images_complete")
def images_complete(
    *, actor: Actor, case_id: UUID, study_id: UUID, at: datetime, facts: StudyFacts, short: bool = False
) -> None:
    """A study of the case has arrived whole; with all current ones the case moves on.

    Args:
        actor: who found it complete.
        case_id: the case.
        study_id: the study.
        at: when it was complete.
        facts: its counts and the hash of its image set.
        short: fewer images came than were declared; the case then shows as incomplete (H03).
    """
    case = _locked(case_id)
    row = _row(case, study_id)
    CaseStudy.objects.filter(id=row.id).update(complete_at=row.complete_at or at, **_described(facts))
    note(
        subject=("study", study_id),
        client_id=case.client_id,
        case_id=case.id,
        facts={"images": facts.image_count, "sha256": facts.image_set_sha256, "short": short},
    )
    if row.role != Role.CURRENT:
        return
    if case.incomplete != short:
        _change(case, incomplete=short)
    _remember_acquisition(case, facts)
    if case.images_complete_at is None and _images_are_complete(case):
        _images_now_complete(case, actor=actor, at=at)


@action("case.images_late")
def images_late(
    *, actor: Actor, case_id: UUID, study_id: UUID, images: int, at: datetime, facts: StudyFacts, short: bool = False
) -> None:
    """Images came after the study had counted as complete: another clock, and after a signature the case is open again.

    No earlier clock moves (H04). Author and client are told by those who react to `LateImages`.

    Args:
        actor: who found it.
        case_id: the case.
        study_id: the study that grew.
        images: how many came late.
        at: when the study was complete again.
        facts: its counts and new image-set hash.
        short: there are still fewer than declared.
    """
    case = _locked(case_id)
    row = _row(case, study_id)
    CaseStudy.objects.filter(id=row.id).update(**_described(facts))
    state = State(case.state)
    signed = state in SIGNED
    note(
        subject=("study", study_id),
        client_id=case.client_id,
        case_id=case.id,
        facts={"images": images, "signed": signed, "sha256": facts.image_set_sha256},
    )
    if row.role == Role.CURRENT:
        _change(case, late_images=True, incomplete=short)
        if signed:
            Read.objects.create(client_id=case.client_id, case=case, kind=ReadKind.LATE.value, opened_at=at)
            _advance(case, Move.REOPEN, reason="late-images")
        if signed or state in (State.READY, State.CLAIMED, State.HELD):
            _open_clock(case, actor=actor, received_at=at, reason="late-images", at=at)
        if signed:
            _offer_reads(case, at)
    publish(LateImages(client_id=case.client_id, case_id=case.id, study_id=study_id, images=images, signed=signed))


@action("case.detach_study")
def detach_study(*, actor: Actor, case_id: UUID, study_id: UUID, reason: str) -> None:
    """Take a study out of a case, when a match was wrong. A signed case keeps its studies.

    Raises:
        Conflict: a report has been signed on it.
        NotFound: it is not part of the case.
    """
    case = _locked(case_id)
    row = _row(case, study_id)
    if case.signed_at is not None and row.role == Role.CURRENT:
        raise Conflict("A report has been signed on this study. Addend the report instead.", code="signed")
    at = _now()
    CaseStudy.objects.filter(id=row.id).update(detached_at=at)
    note(subject=("study", study_id), client_id=case.client_id, case_id=case.id, words=reason[:80])
    if row.role == Role.CURRENT and not _images_are_complete(case):
        if case.state in (State.READY, State.CLAIMED):
            _withdraw_reads(case, at)
            held = {"held_from": case.state, "held_reason": reason[:200]} if case.state == State.CLAIMED else {}
            _advance(case, Move.IMAGES_WITHDRAWN, reason="study-detached", **held)
        Case.objects.filter(id=case.id).update(images_complete_at=None, version=F("version") + 1)
    publish(StudyDetached(client_id=case.client_id, case_id=case.id, study_id=study_id))
