"""Reads of patients."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from overread.foundation.work.once import once
from overread.journey.patient.models import Patient, PatientLink
from overread.journey.patient.rules import Demographics, Difference, PatientView, differences, nhs_digits


@dataclass(frozen=True)
class LinkView:
    """Two records that a person judged to be the same human."""

    id: UUID
    first_id: UUID
    second_id: UUID
    evidence: str
    made_by: str
    made_at: datetime
    undone_by: str
    undone_at: datetime | None


def _view(row: Patient) -> PatientView:
    return PatientView(
        id=row.id,
        client_id=row.client_id,
        issuer=row.issuer,
        identifier=row.identifier,
        family=row.family,
        given=row.given,
        birth_date=row.birth_date,
        sex=row.sex,
        nhs_number=row.nhs_number,
    )


@once
def patient(patient_id: UUID) -> PatientView | None:
    """A patient in scope."""
    row = Patient.objects.filter(id=patient_id).first()
    return _view(row) if row else None


def patients(ids: Iterable[UUID]) -> dict[UUID, PatientView]:
    """Patients in scope by id, for lists: one query."""
    return {row.id: _view(row) for row in Patient.objects.filter(id__in=set(ids))}


def by_key(client_id: UUID, issuer: str, identifier: str) -> PatientView | None:
    """The patient whom a client calls by this number."""
    row = Patient.objects.filter(client_id=client_id, issuer=issuer.strip(), identifier=identifier.strip()).first()
    return _view(row) if row else None


def find(text: str, limit: int = 50) -> list[PatientView]:
    """Patients in scope by NHS number, the client's number, or the beginning of the family and given name.

    Args:
        text: as a person typed it: "999 123 4567", "H123456", "quillf", "Quillfeather, Os".
        limit: how many at most.
    """
    text = text.strip()
    if not text:
        return []
    family, _, given = text.partition(",")
    wanted = Q(identifier=text) | Q(family__istartswith=family.strip(), given__istartswith=given.strip())
    digits = nhs_digits(text)
    if digits:
        wanted |= Q(nhs_number=digits)
    return [_view(row) for row in Patient.objects.filter(wanted).order_by("family", "given", "id")[:limit]]


def linked_ids(patient_id: UUID) -> frozenset[UUID]:
    """The patient and every record linked to it, directly or through others, by links that were not undone."""
    found = {patient_id}
    edge = {patient_id}
    while edge:
        rows = PatientLink.objects.filter(undone_at__isnull=True).filter(Q(first_id__in=edge) | Q(second_id__in=edge))
        near = {i for pair in rows.values_list("first_id", "second_id") for i in pair}
        edge = near - found
        found |= near
    return frozenset(found)


def links_of(patient_id: UUID) -> list[LinkView]:
    """All links of a record, also undone ones, newest first."""
    rows = PatientLink.objects.filter(Q(first_id=patient_id) | Q(second_id=patient_id)).order_by("-made_at")
    return [
        LinkView(r.id, r.first_id, r.second_id, r.evidence, r.made_by, r.made_at, r.undone_by, r.undone_at)
        for r in rows
    ]


def contradictions(client_id: UUID, issuer: str, identifier: str, got: Demographics) -> tuple[Difference, ...]:
    """How these demographics contradict the patient already registered under the same key; nothing when none is."""
    have = by_key(client_id, issuer, identifier)
    return differences(have.demographics, got) if have else ()
