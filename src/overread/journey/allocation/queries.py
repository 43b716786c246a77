"""Reads of claims and eligibility."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.governance.credentials import queries as credentials
from overread.governance.credentials.rules import Reason
from overread.journey.allocation.models import Claim
from overread.journey.allocation.rules import ClaimFacts, may_claim
from overread.journey.case import queries as cases


@dataclass(frozen=True)
class ClaimView:
    """A claim that has not ended."""

    id: UUID
    read_id: UUID
    case_id: UUID
    person_id: UUID
    person_name: str
    claimed_at: datetime
    lease_until: datetime


def _view(row: Claim, names: dict[UUID, str]) -> ClaimView:
    return ClaimView(
        row.id, row.read_id, row.case_id, row.person_id, names.get(row.person_id, ""), row.claimed_at, row.lease_until
    )


def claims_of(read_ids: Iterable[UUID]) -> dict[UUID, ClaimView]:
    """The claims on some reads that have not ended, by read."""
    rows = list(Claim.objects.filter(read_id__in=list(read_ids), ended_at__isnull=True))
    names = accounts.names({row.person_id for row in rows})
    return {row.read_id: _view(row, names) for row in rows}


def claim_of(read_id: UUID) -> ClaimView | None:
    """The claim on a read that has not ended, or None."""
    return claims_of([read_id]).get(read_id)


def holds(read_id: UUID, person_id: UUID) -> bool:
    """Whether this person holds the read now; checked when opening, saving and signing (H12, H18, H20)."""
    claim = claim_of(read_id)
    return claim is not None and claim.person_id == person_id and timezone.now() < claim.lease_until


def gates(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """What role, registration and privilege say of this reader and this read."""
    read = cases.read(read_id)
    case = cases.case(read.case_id) if read else None
    person = accounts.person(person_id)
    if read is None or case is None or person is None:
        return (Reason(False, "There is no such read for you"),)
    is_reader = Role.RADIOLOGIST in person.roles
    role = Reason(is_reader, "You read for this provider" if is_reader else "Only radiologists read")
    _, found = credentials.may_read(
        person_id=person_id,
        client_id=case.client_id,
        modality=case.modality,
        read_type=case.read_type,
        at=timezone.now(),
    )
    return (role, *found)


def why(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """Why a read is this reader's to claim, or why not; every line in words for the screen."""
    claim = claim_of(read_id)
    facts = ClaimFacts(claim.person_id, claim.lease_until) if claim else None
    return may_claim(gates(read_id, person_id), facts, person_id=person_id, at=timezone.now())
