"""The patient banner of a case: the first line of every page about one patient."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.clients.queries import client as client_by_id
from overread.foundation.ui.values import PatientBanner
from overread.journey.case.queries.cases import case as case_by_id
from overread.journey.patient.queries import patient as patient_by_id
from overread.journey.patient.rules import age_at

SEX_WORDS = {"F": "Female", "M": "Male", "O": "Other sex", "U": "Sex not known", "": "Sex not sent"}
SIDE_WORDS = {"L": "Left", "R": "Right", "B": "Both sides", "U": ""}


def banner(case_id: UUID) -> PatientBanner | None:
    """Who a case is about, in words; None when it is not in scope.

    Args:
        case_id: the case whose patient and examination are named.
    """
    case = case_by_id(case_id)
    if case is None:
        return None
    patient = patient_by_id(case.patient_id) if case.patient_id else None
    client = client_by_id(case.client_id)
    examination = case.procedure or " ".join(part for part in (case.modality, case.body_part) if part)
    shared: dict[str, Any] = {
        "examination": examination,
        "side": SIDE_WORDS.get(case.laterality, ""),
        "accession": case.accession,
        "client_name": client.name if client else "",
    }
    if patient is None:
        return PatientBanner(family="", given="", **shared)
    born = patient.birth_date
    day = (case.acquired_at or case.received_at or timezone.now()).date()
    return PatientBanner(
        family=patient.family,
        given=patient.given,
        sex=SEX_WORDS.get(patient.sex, patient.sex),
        age=f"{age_at(born, day)} years" if born else "Age not known",
        born=f"{born:%d %b %Y}" if born else "not known",
        nhs_number=patient.nhs_number,
        identifier=patient.identifier,
        **shared,
    )
