"""Reads of claims and eligibility."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.governance.credentials import queries as credentials
from overread.governance.credentials.rules import Asked, ReaderFacts, Reason
from overread.journey.allocation.models import Claim
from overread.journey.allocation.rules import ClaimFacts, Ended, complete, may_claim, stopping
from overread.journey.case import queries as cases
from overread.journey.case.queries import ReadCard


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


NO_READ = (Reason(False, "There is no such read for you", "role"),)


def _asked(card: ReadCard) -> Asked:
    return Asked(card.client_id, card.modality, card.read_type, card.body_part, card.procedure)


def _role(roles: frozenset[str]) -> Reason:
    is_reader = Role.RADIOLOGIST in roles
    return Reason(is_reader, "You read for this provider" if is_reader else "Only radiologists read", "role")


def _gates(card: ReadCard, roles: frozenset[str], facts: ReaderFacts, at: datetime) -> tuple[Reason, ...]:
    return (_role(roles), *credentials.reasons(facts, _asked(card), at=at), complete(card.incomplete))


def gates_of_reads(cards: Iterable[ReadCard], person_id: UUID) -> dict[UUID, tuple[Reason, ...]]:
    """Every gate of one reader for many reads, by read, in a number of queries that does not grow with them."""
    person, at = accounts.person(person_id), timezone.now()
    if person is None:
        return {card.read_id: NO_READ for card in cards}
    facts = credentials.facts_of([person_id], at=at)[person_id]
    return {card.read_id: _gates(card, person.roles, facts, at) for card in cards}


def gates_of_readers(card: ReadCard) -> dict[UUID, tuple[Reason, ...]]:
    """Every gate of every radiologist for one read, by reader, in a number of queries that does not grow with them."""
    at = timezone.now()
    readers = [p for p in accounts.people() if p.active and Role.RADIOLOGIST in p.roles]
    facts = credentials.facts_of([p.id for p in readers], at=at)
    return {p.id: _gates(card, p.roles, facts[p.id], at) for p in readers}


def gates(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """Every gate of this reader for this read: role, credentials, other registers, a whole study."""
    card = cases.read_card(read_id)
    return gates_of_reads([card], person_id)[read_id] if card else NO_READ


def hard_gates(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """The gates of role and register that nobody passes: what an opened read is asked at every image (H12)."""
    read, person = cases.read(read_id), accounts.person(person_id)
    case = cases.case(read.case_id) if read else None
    if case is None or person is None:
        return NO_READ
    asked = Asked(case.client_id, case.modality, case.read_type, case.body_part, case.procedure)
    return (_role(person.roles), *credentials.hard_gates_of(person_id, asked, at=timezone.now()))


def has_opened(read_id: UUID, person_id: UUID) -> bool:
    """Whether this reader opened the read and lost it only because their lease ran out, or still holds it (H33)."""
    mine = Claim.objects.filter(read_id=read_id, person_id=person_id)
    return bool(mine.filter(ended_how__in=["", Ended.LEASE_RAN_OUT]).exists())


def in_the_way(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """What stops this reader from taking this read; empty when it may be taken, perhaps with a reason at signing."""
    card = cases.read_card(read_id)
    if card is None:
        return NO_READ
    reasons = gates_of_reads([card], person_id)[read_id]
    return stopping(reasons, priority=card.priority, opened=has_opened(read_id, person_id))


def why(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """Why a read is this reader's to claim, or why not; every line in words for the screen."""
    claim = claim_of(read_id)
    facts = ClaimFacts(claim.person_id, claim.lease_until) if claim else None
    return may_claim(gates(read_id, person_id), facts, person_id=person_id, at=timezone.now())
