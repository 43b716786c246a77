"""Verbs of referral: make, match, un-match, rule out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.agreement import queries as agreements
from overread.journey.agreement.rules import DEFAULTS
from overread.journey.archive import actions as archive_actions
from overread.journey.archive import queries as archive
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.case.rules import Role, StudyFacts
from overread.journey.patient import actions as patients
from overread.journey.reception import queries as reception
from overread.journey.referral import queries
from overread.journey.referral.events import ReferralAccepted, ReferralMatched
from overread.journey.referral.models import Document, NotThis, Referral
from overread.journey.referral.rules import choose, nhs_digits, nhs_fault, referral_faults

TEXTS = (
    "read_type",
    "priority",
    "family",
    "given",
    "sex",
    "identifier",
    "issuer",
    "modality",
    "procedure",
    "body_part",
    "laterality",
    "question",
    "history",
    "referrer_name",
    "referrer_contact",
    "accession",
)
PRIORITIES = frozenset({"routine", "urgent", "emergency"})


def _faults(client_id: UUID, fields: Mapping[str, str], born: date | None, today: date) -> dict[str, str]:
    agreed = agreements.agreement_for(client_id) or DEFAULTS
    faults = referral_faults(fields, born=born, today=today, adult_age=agreed.adult_age)
    nhs = nhs_fault(fields.get("nhs_number", ""), allow_test=settings.OVERREAD_DEMO)
    if nhs:
        faults["nhs_number"] = nhs
    if fields.get("modality") not in agreed.modalities:
        faults["modality"] = f"Agreed with you are: {', '.join(agreed.modalities)}."
    if fields.get("priority", "routine") not in PRIORITIES:
        faults["priority"] = "Choose routine, urgent or emergency."
    return faults


def _patient(actor: Actor, client_id: UUID, fields: Mapping[str, str], born: date, number: str) -> UUID:
    """The patient by the client's own number, else by NHS number, else by the referral's number."""
    identifier, issuer = fields.get("identifier", "").strip(), fields.get("issuer", "").strip()
    nhs = nhs_digits(fields.get("nhs_number", ""))
    if not identifier:
        identifier, issuer = (nhs, "NHS") if nhs else (number, "OVERREAD")
    found: UUID = patients.register_patient(
        actor=actor,
        client_id=client_id,
        issuer=issuer,
        identifier=identifier,
        family=fields["family"].strip(),
        given=fields.get("given", "").strip(),
        birth_date=born,
        sex=fields.get("sex", "") if fields.get("sex") in {"M", "F", "O"} else "",
        nhs_number=nhs,
    )
    return found


@action("referral.make")
def make_referral(
    *,
    actor: Actor,
    client_id: UUID,
    fields: Mapping[str, str],
    birth_date: date | None,
    images_expected: int | None = None,
    documents: Sequence[Any] = (),
) -> UUID:
    """Take a referral, open its case, and look for its images.

    Args:
        client_id: who refers.
        fields: the texts of the form by field name (see TEXTS), and nhs_number.
        birth_date: the patient's.
        images_expected: how many images belong to it, if the client counted.
        documents: referral.rules-checked files whose bytes are stored (name, media_type, key, sha256, length).

    Raises:
        BadInput: `.errors` says by field what would be right.
    """
    at = current_unit().at
    faults = _faults(client_id, fields, birth_date, at.date())
    if faults or birth_date is None:
        raise BadInput("The referral cannot be taken yet.", errors=faults, code="referral")
    number = f"R-{Referral.objects.filter(client_id=client_id).count() + 1:05d}"
    patient_id = _patient(actor, client_id, fields, birth_date, number)
    row = Referral.objects.create(
        client_id=client_id,
        number=number,
        birth_date=birth_date,
        nhs_number=nhs_digits(fields.get("nhs_number", "")),
        images_expected=images_expected,
        received_at=at,
        made_by=actor.text,
        patient_id=patient_id,
        **{name: fields.get(name, "").strip() for name in TEXTS if fields.get(name, "").strip()},
    )
    Document.objects.bulk_create(
        [Document(client_id=client_id, referral=row, added_at=at, **_plain(d)) for d in documents]
    )
    row.case_id = _open_case(actor, row, at)
    row.save(update_fields=["case_id"])
    facts = {"priority": row.priority, "documents": len(documents)}
    note(subject=("referral", row.id), client_id=client_id, case_id=row.case_id, facts=facts)
    publish(ReferralAccepted(client_id=client_id, case_id=row.case_id, referral_id=row.id))
    return UUID(str(row.id))


def _plain(document: Any) -> dict[str, Any]:
    return {name: getattr(document, name) for name in ("name", "media_type", "key", "sha256", "length")}


def _open_case(actor: Actor, row: Referral, at: datetime) -> UUID:
    found: UUID = cases.open_case(
        actor=actor,
        client_id=row.client_id,
        priority=row.priority,
        read_type=row.read_type,
        referral_id=row.id,
        referral_number=row.number,
        referral_accepted_at=at,
        patient_id=row.patient_id,
        modality=row.modality,
        body_part=row.body_part,
        procedure=row.procedure,
        laterality=row.laterality,
        question=row.question,
        accession=row.accession,
    )
    return found


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
    archive_actions.set_patient(actor=actor, study_id=study_id, patient_id=row.patient_id)
    found = queries.referral(referral_id)
    for earlier in queries.earlier_studies(found, study) if found else []:
        archive_actions.set_patient(actor=actor, study_id=earlier.id, patient_id=row.patient_id)
    _attach(actor, row.case_id, study)
    _attach_priors(actor, row.case_id, study_id)
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

    Raises:
        BadInput: no reason.
        Conflict: a report was signed on the study.
    """
    row = Referral.objects.select_for_update().filter(id=referral_id).first()
    if row is None or row.study_id is None or row.case_id is None:
        raise NotFound
    if len(reason.strip()) < 5:
        raise BadInput("Say why the match was wrong.", errors={"reason": "Write the reason."})
    study_id = row.study_id
    cases.detach_study(actor=actor, case_id=row.case_id, study_id=study_id, reason="unmatched")
    archive_actions.set_patient(actor=actor, study_id=study_id, patient_id=None)
    Referral.objects.filter(id=referral_id).update(study_id=None, matched_at=None, matched_how="")
    _rule_out(actor, row, study_id)
    facts = {"study": str(study_id), "reason_length": len(reason)}
    note(subject=("referral", referral_id), client_id=row.client_id, case_id=row.case_id, facts=facts)


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
