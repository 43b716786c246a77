"""Work of every kind, ready to be claimed: a dental volume, a second opinion, a clinical review; made by real referrals."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.journey.agreement import actions as agreement
from overread.journey.archive import actions as archive
from overread.journey.case import actions as case
from overread.journey.case import queries as cases
from overread.journey.referral import actions as referrals
from overread.journey.referral import queries as referral_queries
from tests.world import SEED, World

PERSON = {
    "family": "Quillfeather",
    "given": "Osric",
    "sex": "M",
    "identifier": "H000001",
    "referrer_name": "Dr Pascoe Wren",
    "referrer_contact": "01632 960014",
    "priority": "urgent",
}
MRI = {
    **PERSON,
    "modality": "MR",
    "procedure": "MR head with contrast",
    "question": "Is the lesion of the left temporal lobe a glioma?",
}
DENTAL = {
    **PERSON,
    "modality": "CBCT",
    "procedure": "CBCT lower jaw",
    "question": "Enough bone for an implant?",
    "purpose": "implant",
    "region": "lower-jaw",
    "teeth": "36",
    "field_diameter": "8",
    "field_height": "8",
    "voxel": "0.2",
    "scanner": "Planscan 3D",
    "dose": "312",
    "referrer_number": "123456",
    "entitled": "yes",
}
OUTSIDE = {
    "read_type": "second_opinion",
    "original_words": "Lesion of 14 mm in the left temporal lobe, most likely a low-grade glioma. Biopsy advised.",
    "original_author": "Dr Peregrine Holt",
    "original_organisation": "Westmoor Hospital",
    "original_date": "2026-03-02",
}


def agreed(world: World, code: str = "NORTH", **changes: Any) -> None:
    """The client's agreement holds every kind of work, and these changes."""
    kinds = ("primary", "second_opinion", "clinical_review")
    with world.scope(code):
        terms = replace(world.terms[code], **({"read_types": kinds} | changes))
        agreement.agree(actor=SEED, client_id=world.clients[code], terms=terms)


def ready(world: World, fields: dict[str, str], code: str = "NORTH") -> tuple[UUID, UUID]:
    """A referral with these fields and its whole study; returns case and read."""
    who = {"NORTH": "north", "SOUTH": "south"}[code]
    modality = "CT" if fields["modality"] == "CBCT" else fields["modality"]
    study_id = (
        None
        if fields.get("original_case")
        else world.study(code, modality=modality, study_description=fields["procedure"])
    )
    with world.scope(code):
        referral_id = referrals.make_referral(
            actor=world.actor(who), client_id=world.clients[code], fields=fields, birth_date=date(1955, 2, 3)
        )
        found = referral_queries.referral(referral_id)
        assert found is not None
        assert found.case_id is not None
        if study_id is not None:
            archive.set_patient(actor=SEED, study_id=study_id, patient_id=found.patient_id)
            case.attach_study(
                actor=SEED,
                case_id=found.case_id,
                study_id=study_id,
                facts=world.facts(study_id),
                complete_at=timezone.now(),
            )
        return found.case_id, cases.reads_of(found.case_id)[0].id
