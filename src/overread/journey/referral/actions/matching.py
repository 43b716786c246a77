"""Matching: a study with its referral, by itself or by a person; undone, and done again, with its history."""

from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.archive import actions as archive_actions
from overread.journey.archive import queries as archive
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.case.rules import Role, State, StudyFacts
from overread.journey.reception import queries as reception
from overread.journey.referral import queries
from overread.journey.referral.events import ReferralMatched, ReferralUnmatched
from overread.journey.referral.models import MatchStep, NotThis, Referral
from overread.journey.referral.rules import choose

UNMATCHED = "The match with its images was undone"


def _facts_of(study: archive.StudyView) -> StudyFacts:
    """What a case shows of a study."""
    return StudyFacts(
        description=study.description,
        modalities=study.modalities,
        study_date=study.study_date,
        acquired_at=study.acquired_at,
        series_count=study.series_count,
        image_count=study.image_count,
        image_set_sha256=archive.image_set(study.id),
    )


def _attach(actor: Actor, case_id: UUID, study: archive.StudyView) -> None:
    arrival = reception.arrival(study.id)
    cases.attach_study(
        actor=actor,
        case_id=case_id,
        study_id=study.id,
        facts=_facts_of(study),
        complete_at=arrival.completed_at if arrival else None,
    )


def _attach_priors(actor: Actor, case_id: UUID, study_id: UUID) -> None:
    """Earlier studies of the same matched patient of the same client, and of none other (H09)."""
    there = {s.study_id for s in case_queries.studies_of(case_id)}
    for prior in archive.priors(study_id):
        if prior.id not in there:
            cases.attach_study(actor=actor, case_id=case_id, study_id=prior.id, facts=_facts_of(prior), role=Role.PRIOR)


def _attach_of_case(actor: Actor, row: Referral, case_id: UUID, original: case_queries.CaseView) -> None:
    """The images of an opinion on our own report are those of the report: the same studies, in another case.

    Args:
        actor: who makes the referral.
        row: the referral; it counts as matched with the first of them.
        case_id: its case.
        original: the case whose report is in question.
    """
    current = []
    for one in case_queries.studies_of(original.id):
        study = archive.study(one.study_id)
        if study is None or one.role == Role.FOR_REVIEW:
            continue
        complete_at = one.complete_at if one.role == Role.CURRENT else None
        cases.attach_study(
            actor=actor,
            case_id=case_id,
            study_id=study.id,
            facts=_facts_of(study),
            role=one.role,
            complete_at=complete_at,
        )
        current += [study.id] if one.role == Role.CURRENT else []
    if current:
        at = current_unit().at
        Referral.objects.filter(id=row.id).update(study_id=current[0], matched_at=at, matched_how="original")
        _step(actor, row, current[0], "matched", how="original")


def _step(actor: Actor, row: Referral, study_id: UUID, step: str, *, how: str = "", reason: str = "") -> None:
    """Keep one step of the history of matches."""
    MatchStep.objects.create(
        client_id=row.client_id,
        referral_id=row.id,
        study_id=study_id,
        step=step,
        how=how,
        reason=reason[:300],
        by=actor.text,
        at=current_unit().at,
    )


def _let_wait_for_images(actor: Actor, case_id: UUID) -> None:
    """A case that was held because its match was undone while somebody read it may have images again."""
    case = case_queries.case(case_id)
    if case is not None and case.state == State.HELD and case.held_reason == UNMATCHED:
        cases.release_case(actor=actor, case_id=case_id)


@action("referral.match")
def match(*, actor: Actor, referral_id: UUID, study_id: UUID, by_itself: bool = False) -> UUID:
    """Match a study with a referral: the case gets its images, the study its patient.

    Returns:
        The case.

    Raises:
        NotFound: one of them is not in scope, or they belong to different clients.
        Conflict: one of them is matched already.
    """
    row = Referral.objects.select_for_update().filter(id=referral_id).first()
    study = archive.study(study_id)
    if row is None or study is None or study.client_id != row.client_id or row.case_id is None:
        raise NotFound
    if row.study_id is not None or study_id in case_queries.studies_with_case([study_id]):
        raise Conflict("This study or this referral has been matched meanwhile. Load the list again.", code="matched")
    changed = Referral.objects.filter(id=referral_id, study_id__isnull=True).update(
        study_id=study_id, matched_at=current_unit().at, matched_how="by-itself" if by_itself else "person"
    )
    if not changed:
        raise Conflict("This referral has been matched meanwhile. Load the list again.", code="matched")
    NotThis.objects.filter(client_id=row.client_id, referral_id=referral_id, study_id=study_id).delete()
    _let_wait_for_images(actor, row.case_id)
    archive_actions.set_patient(actor=actor, study_id=study_id, patient_id=row.patient_id)
    found = queries.referral(referral_id)
    for earlier in queries.earlier_studies(found, study) if found else []:
        archive_actions.set_patient(actor=actor, study_id=earlier.id, patient_id=row.patient_id)
    _attach(actor, row.case_id, study)
    _attach_priors(actor, row.case_id, study_id)
    _step(actor, row, study_id, "matched", how="by-itself" if by_itself else "person")
    facts = {"study": str(study_id), "by_itself": by_itself}
    note(subject=("referral", referral_id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    publish(
        ReferralMatched(
            client_id=row.client_id,
            case_id=row.case_id,
            referral_id=referral_id,
            study_id=study_id,
            by_itself=by_itself,
        )
    )
    return UUID(str(row.case_id))


@action("referral.unmatch")
def unmatch(*, actor: Actor, referral_id: UUID, reason: str) -> None:
    """Undo a match before anything is signed: the study goes back to the list, the case waits for images again.

    A reader who held the case loses it and is told. A signed report is not undone: it is corrected.

    Raises:
        BadInput: no reason.
        Conflict: a report was signed on the study.
        NotFound: no such referral in scope, or it has no study.
    """
    row = Referral.objects.select_for_update().filter(id=referral_id).first()
    if row is None or row.study_id is None or row.case_id is None:
        raise NotFound
    if len(reason.strip()) < 5:
        raise BadInput("Say why the match was wrong.", errors={"reason": "Write the reason."})
    study_id = row.study_id
    case = case_queries.case(row.case_id)
    if case is not None and case.signed_at is not None:
        words = (
            "A report was signed on these images, so the match stays. Sign a corrected report that says what is wrong."
        )
        raise Conflict(words, code="signed")
    cases.detach_study(actor=actor, case_id=row.case_id, study_id=study_id, reason=UNMATCHED)
    if not case_queries.studies_with_case([study_id]):  # else it is another case's too, and stays its patient's
        archive_actions.set_patient(actor=actor, study_id=study_id, patient_id=None)
    Referral.objects.filter(id=referral_id).update(study_id=None, matched_at=None, matched_how="")
    _rule_out(actor, row, study_id)
    _step(actor, row, study_id, "undone", how="person", reason=reason.strip())
    facts = {"study": str(study_id), "reason_length": len(reason)}
    note(subject=("referral", referral_id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    publish(ReferralUnmatched(client_id=row.client_id, case_id=row.case_id, referral_id=referral_id, study_id=study_id))


def _rule_out(actor: Actor, row: Referral, study_id: UUID) -> None:
    NotThis.objects.get_or_create(
        client_id=row.client_id,
        referral_id=row.id,
        study_id=study_id,
        defaults={"by": actor.text, "at": current_unit().at},
    )


@action("referral.not_this")
def not_this(*, actor: Actor, referral_id: UUID, study_id: UUID) -> None:
    """A person says that a study does not belong to a referral; the pair is not offered again."""
    row = Referral.objects.filter(id=referral_id).first()
    if row is None:
        raise NotFound
    _rule_out(actor, row, study_id)
    note(subject=("referral", referral_id), client_id=row.client_id, facts={"study": str(study_id)})


@action("referral.look_for_study")
def look_for_study(*, actor: Actor, referral_id: UUID) -> UUID | None:
    """Match a referral with a study that has arrived, if exactly one fits by itself."""
    found = queries.referral(referral_id)
    if found is None:
        raise NotFound
    candidates = queries.candidates_for_referral(found)
    chosen = choose(candidates) if found.study_id is None else None
    study = archive.study(chosen) if chosen else None
    # The other direction must agree: no second referral may want the same study.
    if study is not None and choose(queries.candidates_for_study(study)) == referral_id:
        match(actor=actor, referral_id=referral_id, study_id=study.id, by_itself=True)
    facts = {"candidates": len(candidates), "matched": study is not None}
    note(subject=("referral", referral_id), client_id=found.client_id, case_id=found.case_id, facts=facts)
    return study.id if study else None


@action("referral.look_for_referral")
def look_for_referral(*, actor: Actor, study_id: UUID) -> UUID | None:
    """Match a study that is whole with a referral that waits, if exactly one fits by itself."""
    study = archive.study(study_id)
    if study is None:
        raise NotFound
    candidates = queries.candidates_for_study(study)
    taken = study_id in case_queries.studies_with_case([study_id])
    chosen = None if taken else choose(candidates)
    if chosen is not None:
        match(actor=actor, referral_id=chosen, study_id=study_id, by_itself=True)
    prior_of = None if taken or chosen else queries.case_of_same_person(study)
    if prior_of is not None and prior_of.case_id is not None and prior_of.study_id is not None:
        archive_actions.set_patient(actor=actor, study_id=study_id, patient_id=prior_of.patient_id)
        _attach_priors(actor, prior_of.case_id, prior_of.study_id)
    facts = {"candidates": len(candidates), "matched": chosen is not None, "prior": prior_of is not None}
    note(subject=("study", study_id), client_id=study.client_id, facts=facts)
    return chosen
