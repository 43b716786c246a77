"""Opening a case, and accepting its referral."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput
from overread.journey.agreement.rules import ReadType
from overread.journey.case import rules
from overread.journey.case.actions._steps import (
    _advance,
    _become_ready,
    _change,
    _images_are_complete,
    _locked,
    _now,
)
from overread.journey.case.events import CaseOpened
from overread.journey.case.models import Case, CaseCounter, Read
from overread.journey.case.rules import Move, Priority, State


def _next_number(at: datetime) -> str:
    row, _ = CaseCounter.objects.get_or_create(year=at.year)
    CaseCounter.objects.filter(id=row.id).update(last=F("last") + 1)
    return rules.case_number(at.year, CaseCounter.objects.get(id=row.id).last)


def _demand_known(priority: str, read_type: str) -> None:
    if priority not in set(Priority):
        raise BadInput("The priority is routine, urgent or emergency.", errors={"priority": "Choose one of the three."})
    if read_type not in set(ReadType):
        raise BadInput(
            "The work is a primary report, a second opinion or a clinical review.",
            errors={"read_type": "Choose one of the three."},
        )


def _begin(case: Case) -> None:
    """Its first read waits, and everybody concerned knows of it."""
    Read.objects.create(client_id=case.client_id, case=case, opened_at=case.opened_at)
    facts = {"number": case.number, "priority": case.priority, "state": case.state, "read_type": case.read_type}
    if case.referral_id:
        facts["referral"] = str(case.referral_id)
    note(subject=("case", case.id), client_id=case.client_id, case_id=case.id, facts=facts)
    publish(CaseOpened(client_id=case.client_id, case_id=case.id, state=case.state))


@action("case.open")
def open_case(
    *,
    actor: Actor,
    client_id: UUID,
    priority: str = "routine",
    read_type: str = "primary",
    referral_id: UUID | None = None,
    referral_number: str = "",
    referral_accepted_at: datetime | None = None,
    patient_id: UUID | None = None,
    site_id: UUID | None = None,
    modality: str = "",
    body_part: str = "",
    procedure: str = "",
    laterality: str = "",
    question: str = "",
    accession: str = "",
    region: str = "",
    field_diameter_mm: int | None = None,
    field_height_mm: int | None = None,
    original_case_id: UUID | None = None,
) -> UUID:
    """Open a case, with its first read waiting.

    Args:
        actor, client_id: who opens it, and whose case it is.
        priority: routine, urgent or emergency.
        read_type: primary, second_opinion or clinical_review.
        referral_id: the accepted referral; None when images came first, then the case waits for one.
        referral_accepted_at: when it was accepted; None for now.
        patient_id: the registered patient, if known.
        region, field_diameter_mm, field_height_mm: of a dental volume; they decide who may read it (REQ-81).
        original_case_id: the case of ours whose report is to be judged.
        Other arguments describe the examination, as the referral does.

    Returns:
        The case's id.

    Raises:
        BadInput: the priority or the read type is none.
    """
    _demand_known(priority, read_type)
    at = _now()
    state = rules.first_state(has_images=False, has_referral=referral_id is not None)
    case: Case = Case.objects.create(
        client_id=client_id,
        number=_next_number(at),
        state=state.value,
        priority=priority,
        read_type=read_type,
        referral_id=referral_id,
        referral_number=referral_number,
        referral_accepted_at=(referral_accepted_at or at) if referral_id else None,
        patient_id=patient_id,
        site_id=site_id,
        modality=modality[:16],
        body_part=body_part[:64],
        procedure=procedure[:200],
        laterality=laterality[:1],
        question=question,
        accession=accession[:64],
        region=region[:40],
        field_diameter_mm=field_diameter_mm,
        field_height_mm=field_height_mm,
        original_case_id=original_case_id,
        opened_at=at,
    )
    _begin(case)
    return case.id


@action("case.accept_referral")
def accept_referral(
    *,
    actor: Actor,
    case_id: UUID,
    referral_id: UUID,
    referral_number: str = "",
    accepted_at: datetime | None = None,
    priority: str | None = None,
    patient_id: UUID | None = None,
    modality: str = "",
    body_part: str = "",
    procedure: str = "",
    laterality: str = "",
    question: str = "",
    accession: str = "",
) -> None:
    """Give a case that waits for one its accepted referral; it becomes ready when its images are complete.

    The priority becomes the higher of the case's and the referral's (H27). Descriptions that are "" stay.

    Raises:
        Conflict: the case has a referral already, or is past that point.
        NotFound: there is no such case in scope.
    """
    case = _locked(case_id)
    at = _now()
    described = {
        "referral_number": referral_number,
        "modality": modality[:16],
        "body_part": body_part[:64],
        "procedure": procedure[:200],
        "laterality": laterality[:1],
        "question": question,
        "accession": accession[:64],
    }
    _change(
        case,
        referral_id=referral_id,
        referral_accepted_at=accepted_at or at,
        patient_id=patient_id or case.patient_id,
        priority=rules.higher_priority(case.priority, priority or case.priority).value,
        **{name: value for name, value in described.items() if value},
    )
    if _images_are_complete(case):
        _advance(case, Move.REFERRAL_ACCEPTED)
        _become_ready(case, actor=actor, at=at)
    else:
        _advance(case, Move.AWAIT_IMAGES)
    note(
        subject=("case", case.id),
        client_id=case.client_id,
        case_id=case.id,
        facts={"referral": str(referral_id), "state": State(case.state).value},
    )
