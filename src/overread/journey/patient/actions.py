"""Verbs of patients: register, correct, link, undo a link."""

from datetime import date
from uuid import UUID

from django.utils import timezone

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.journey.patient import rules
from overread.journey.patient.models import Patient, PatientLink
from overread.journey.patient.rules import FIELD_WORDS, Demographics


def _known(row: Patient) -> Demographics:
    return Demographics(row.family, row.given, row.birth_date, row.sex, row.nhs_number)


def _locked(patient_id: UUID) -> Patient:
    row = Patient.objects.select_for_update().filter(id=patient_id).first()
    if row is None:
        raise NotFound
    return row


def _write(row: Patient, known: Demographics) -> list[str]:
    """Put what is known into the row and return the names of the fields that changed."""
    changed = [name for name in FIELD_WORDS if getattr(row, name) != getattr(known, name)]
    for name in changed:
        setattr(row, name, getattr(known, name))
    if changed:
        row.save(update_fields=changed)
    return changed


def _refuse(found: tuple[rules.Difference, ...]) -> None:
    if found:
        words = {d.field: f"{FIELD_WORDS[d.field]}: we have {d.have}, this says {d.got}." for d in found}
        names = ", ".join(FIELD_WORDS[d.field].lower() for d in found)
        raise BadInput(
            f"This number already belongs to a patient with a different {names}. Nothing was changed. "
            "Check with the client which is right.",
            errors=words,
            code="demographics",
        )


@action("patient.register")
def register_patient(
    *,
    actor: Actor,
    client_id: UUID,
    issuer: str,
    identifier: str,
    family: str,
    given: str,
    birth_date: date | None = None,
    sex: str = "",
    nhs_number: str = "",
) -> UUID:
    """The patient whom a client calls by (issuer, identifier), made if new; gaps of a known one are filled.

    Args:
        actor: who registers.
        client_id: whose patient.
        issuer: who gave the identifier; "" when the client does not say.
        identifier: the client's number for the person.
        family: family name, as sent.
        given: given names, as sent.
        birth_date: date of birth, if known.
        sex: M, F, O or "".
        nhs_number: ten digits with or without spaces, or "".

    Raises:
        BadInput: a field cannot be taken, or (code "demographics") the key is known with contradicting details; then
            `.errors` names each field with both values, and nothing is changed (H01).
    """
    wrong = rules.faults(identifier=identifier, sex=sex, nhs_number=nhs_number)
    if wrong:
        raise BadInput(" ".join(wrong.values()), errors=wrong)
    got = Demographics(family.strip(), given.strip(), birth_date, sex, rules.nhs_digits(nhs_number))
    row, new = Patient.objects.get_or_create(
        client_id=client_id,
        issuer=issuer.strip(),
        identifier=identifier.strip(),
        defaults={**{name: getattr(got, name) for name in FIELD_WORDS}, "registered_at": timezone.now()},
    )
    changed: list[str] = []
    if not new:
        row = _locked(row.id)
        _refuse(rules.differences(_known(row), got))
        changed = _write(row, rules.completed(_known(row), got))
    note(subject=("patient", row.id), client_id=client_id, facts={"new": new, "fields": changed})
    return row.id


@action("patient.correct")
def correct_patient(
    *,
    actor: Actor,
    patient_id: UUID,
    evidence: str,
    family: str | None = None,
    given: str | None = None,
    birth_date: date | None = None,
    sex: str | None = None,
    nhs_number: str | None = None,
) -> None:
    """Correct a patient's details on a person's word; what is None stays. Signed reports keep the details they had.

    Raises:
        BadInput: no evidence was given, or a field cannot be taken.
        NotFound: there is no such patient in scope.
    """
    if not evidence.strip():
        raise BadInput("Say who confirmed the correction, and how.", errors={"evidence": "Evidence is needed."})
    row = _locked(patient_id)
    have = _known(row)
    wanted = Demographics(
        family=have.family if family is None else family.strip(),
        given=have.given if given is None else given.strip(),
        birth_date=birth_date or have.birth_date,
        sex=have.sex if sex is None else sex,
        nhs_number=have.nhs_number if nhs_number is None else rules.nhs_digits(nhs_number),
    )
    wrong = rules.faults(identifier=row.identifier, sex=wanted.sex, nhs_number=nhs_number or "")
    if wrong:
        raise BadInput(" ".join(wrong.values()), errors=wrong)
    note(subject=("patient", row.id), client_id=row.client_id, facts={"fields": _write(row, wanted)})


@action("patient.link")
def link_patients(*, actor: Actor, client_id: UUID, first_id: UUID, second_id: UUID, evidence: str) -> UUID:
    """Record that two records of one client are the same human. Neither record changes.

    Raises:
        BadInput: a record twice, or no evidence.
        NotFound: a record is not this client's.
        Conflict: they are linked already.
    """
    if first_id == second_id or not evidence.strip():
        raise BadInput("A link joins two different records and says on what evidence.", errors={"evidence": "Needed."})
    first_id, second_id = sorted((first_id, second_id))
    if Patient.objects.filter(client_id=client_id, id__in=(first_id, second_id)).count() != 2:
        raise NotFound
    if PatientLink.objects.filter(first_id=first_id, second_id=second_id, undone_at__isnull=True).exists():
        raise Conflict("These two records are already linked.", code="linked")
    row = PatientLink.objects.create(
        client_id=client_id,
        first_id=first_id,
        second_id=second_id,
        evidence=evidence.strip(),
        made_by=actor.text,
        made_at=timezone.now(),
    )
    note(
        subject=("patient_link", row.id),
        client_id=client_id,
        facts={"first": str(first_id), "second": str(second_id)},
    )
    return row.id


@action("patient.undo_link")
def undo_link(*, actor: Actor, link_id: UUID) -> None:
    """Undo a link; both records are again as they were, and the link stays visible as undone (H25).

    Raises:
        NotFound: there is no such link in scope.
        Conflict: it was undone before.
    """
    now = timezone.now()
    row = PatientLink.objects.filter(id=link_id).first()
    if row is None:
        raise NotFound
    undone = PatientLink.objects.filter(id=link_id, undone_at__isnull=True).update(undone_at=now, undone_by=actor.text)
    if not undone:
        raise Conflict("This link was already undone.", code="undone")
    note(subject=("patient_link", row.id), client_id=row.client_id)
