"""Reads of credentials, as at and as known by a time."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.governance.credentials.models import Privilege, Registration
from overread.governance.credentials.rules import PrivilegeFacts, Reason, RegistrationFacts
from overread.governance.credentials.rules import may_read as decide


def registrations_of(person_id: UUID, *, at: datetime, known_by: datetime | None = None) -> list[RegistrationFacts]:
    """A person's registrations that hold at a time."""
    rows = holding(Registration.objects.filter(person_id=person_id), at=at, known_by=known_by or timezone.now())
    return [RegistrationFacts(r.body, r.number, r.checked_on) for r in rows]


def privileges_of(person_id: UUID, *, at: datetime, known_by: datetime | None = None) -> list[PrivilegeFacts]:
    """A person's privileges that hold at a time."""
    rows = holding(Privilege.objects.filter(person_id=person_id), at=at, known_by=known_by or timezone.now())
    return [PrivilegeFacts(r.for_client_id, frozenset(r.modalities), frozenset(r.read_types)) for r in rows]


def may_read(
    *, person_id: UUID, client_id: UUID, modality: str, read_type: str, at: datetime
) -> tuple[bool, tuple[Reason, ...]]:
    """Whether a person may read such a case at a time, with reasons in words (H12)."""
    return decide(
        registrations_of(person_id, at=at),
        privileges_of(person_id, at=at),
        client_id=client_id,
        modality=modality,
        read_type=read_type,
    )
