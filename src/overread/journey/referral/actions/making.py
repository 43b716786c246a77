"""Making a referral: what it holds is checked, its patient known, its case opened."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput
from overread.foundation.work.unit import current_unit
from overread.journey.agreement import queries as agreements
from overread.journey.agreement.rules import READ_TYPE_WORDS, ReadType
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.case.rules import field_mm, teeth_of
from overread.journey.patient import actions as patients
from overread.journey.referral.actions.matching import _attach_of_case
from overread.journey.referral.events import ReferralAccepted
from overread.journey.referral.models import DentalRequest, Document, Original, Referral, ReferralCounter
from overread.journey.referral.rules import (
    OUTSIDE_REPORT,
    NewDocument,
    decimal_of,
    kind_faults,
    nhs_digits,
    nhs_fault,
    referral_faults,
)

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


def _faults(
    client_id: UUID, fields: Mapping[str, str], born: date | None, today: date, *, has_report: bool
) -> dict[str, str]:
    agreed = agreements.terms_for(client_id)
    faults = referral_faults(fields, born=born, today=today, adult_age=agreed.adult_age)
    nhs = nhs_fault(fields.get("nhs_number", ""), allow_test=settings.OVERREAD_DEMO)
    if nhs:
        faults["nhs_number"] = nhs
    if fields.get("modality") not in agreed.modalities:
        faults["modality"] = f"Agreed with you are: {', '.join(agreed.modalities)}."
    if fields.get("priority", "routine") not in PRIORITIES:
        faults["priority"] = "Choose routine, urgent or emergency."
    read_type = fields.get("read_type", "") or ReadType.PRIMARY.value
    if read_type not in agreed.read_types:
        kinds = ", ".join(READ_TYPE_WORDS[ReadType(one)].lower() for one in agreed.read_types)
        faults["read_type"] = f"Agreed with you are: {kinds}."
    return faults | kind_faults({**fields, "read_type": read_type}, has_report=has_report, today=today)


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


def _next_number(client_id: UUID) -> str:
    """The client's next number. Who comes at the same moment waits here, and gets the one after."""
    before = Referral.objects.filter(client_id=client_id).count
    counter, _ = ReferralCounter.objects.get_or_create(client_id=client_id, defaults={"last": before})
    ReferralCounter.objects.filter(id=counter.id).update(last=F("last") + 1)
    return f"R-{ReferralCounter.objects.get(id=counter.id).last:05d}"


@action("referral.make")
def make_referral(
    *,
    actor: Actor,
    client_id: UUID,
    fields: Mapping[str, str],
    birth_date: date | None,
    images_expected: int | None = None,
    documents: Sequence[NewDocument] = (),
) -> UUID:
    """Take a referral, open its case, and look for its images.

    Args:
        client_id: who refers.
        fields: the texts of the form by field name (see TEXTS), nhs_number, and those of the kind of work:
            rules.dental_faults and rules.original_faults name them.
        birth_date: the patient's.
        images_expected: how many images belong to it, if the client counted.
        documents: referral.rules-checked files whose bytes are stored (name, media_type, key, sha256, length).

    Raises:
        BadInput: `.errors` says by field what would be right.
    """
    at = current_unit().at
    has_report = any(d.kind == OUTSIDE_REPORT for d in documents)
    faults = _faults(client_id, fields, birth_date, at.date(), has_report=has_report)
    original, wrong = _our_case(client_id, fields)
    faults |= wrong
    if faults or birth_date is None:
        raise BadInput("The referral cannot be taken yet.", errors=faults, code="referral")
    number = _next_number(client_id)
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
    _keep_and_open(actor, row, fields, documents, original)
    facts = {"priority": row.priority, "documents": len(documents)}
    note(subject=("referral", row.id), client_id=client_id, case_id=row.case_id, facts=facts)
    publish(ReferralAccepted(client_id=client_id, case_id=row.case_id, referral_id=row.id))
    return UUID(str(row.id))


def _keep_and_open(
    actor: Actor,
    row: Referral,
    fields: Mapping[str, str],
    documents: Sequence[NewDocument],
    original: case_queries.CaseView | None,
) -> None:
    """What came with the referral and what its kind of work asks for is kept, and its case opened."""
    client_id, at = row.client_id, current_unit().at
    kept = [Document(client_id=client_id, referral=row, added_at=at, **_plain(d)) for d in documents]
    Document.objects.bulk_create(kept)
    dental = _keep_dental(row, fields) if row.modality == "CBCT" else None
    if row.read_type != ReadType.PRIMARY:
        _keep_original(row, fields, kept, original)
    case_id = row.case_id = _open_case(actor, row, at, dental, original)
    row.save(update_fields=["case_id"])
    if original is not None:
        _attach_of_case(actor, row, case_id, original)


def _plain(document: NewDocument) -> dict[str, Any]:
    return {name: getattr(document, name) for name in ("name", "media_type", "key", "sha256", "length", "kind")}


def _our_case(client_id: UUID, fields: Mapping[str, str]) -> tuple[case_queries.CaseView | None, dict[str, str]]:
    """The case whose report is in question, when this provider wrote it; and what is wrong with the number given."""
    number = fields.get("original_case", "").strip()
    if not number or fields.get("read_type", ReadType.PRIMARY) == ReadType.PRIMARY:
        return None, {}
    found = case_queries.case_by_number(client_id, number)
    if found is None or found.signed_at is None:
        return None, {"original_case": "No report of ours has this case number. It stands on top of the report."}
    return found, {}


def _keep_dental(row: Referral, fields: Mapping[str, str]) -> DentalRequest:
    made: DentalRequest = DentalRequest.objects.create(
        client_id=row.client_id,
        referral=row,
        purpose=fields["purpose"],
        region=fields["region"],
        teeth=list(teeth_of(fields.get("teeth", ""))),
        deciduous_retained=fields.get("deciduous_retained", "") == "yes",
        field_diameter_mm=field_mm(fields["field_diameter"]),
        field_height_mm=field_mm(fields["field_height"]),
        voxel_mm=decimal_of(fields.get("voxel", ""), least=0.05, most=2),
        scanner=fields.get("scanner", "").strip()[:100],
        dose_mgycm2=decimal_of(fields.get("dose", ""), least=0.1, most=20_000),
        referrer_number=fields["referrer_number"].strip(),
    )
    return made


def _keep_original(
    row: Referral, fields: Mapping[str, str], kept: Sequence[Document], original: case_queries.CaseView | None
) -> None:
    report = next((d for d in kept if d.kind == OUTSIDE_REPORT), None)
    day = fields.get("original_date", "").strip()
    Original.objects.create(
        client_id=row.client_id,
        referral=row,
        purpose=fields.get("review_purpose", "") if row.read_type == ReadType.CLINICAL_REVIEW else "",
        author=fields.get("original_author", "").strip()[:200],
        organisation=fields.get("original_organisation", "").strip()[:200],
        written_on=date.fromisoformat(day) if day else None,
        words=fields.get("original_words", "").strip(),
        document_id=report.id if report else None,
        case_id=original.id if original else None,
    )


def _open_case(
    actor: Actor,
    row: Referral,
    at: datetime,
    dental: DentalRequest | None,
    original: case_queries.CaseView | None,
) -> UUID:
    if original is not None and original.patient_id != row.patient_id:
        words = "That case is of another patient. Check the case number, the name and the hospital number."
        raise BadInput("The referral cannot be taken yet.", errors={"original_case": words}, code="referral")
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
        region=dental.region if dental else "",
        field_diameter_mm=dental.field_diameter_mm if dental else None,
        field_height_mm=dental.field_height_mm if dental else None,
        original_case_id=original.id if original else None,
    )
    return found
