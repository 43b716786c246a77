"""Reads of claims and eligibility."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.rules import Role as AccountRole
from overread.foundation.thresholds import current as thresholds
from overread.governance.credentials import queries as credentials
from overread.governance.credentials.rules import Asked, ReaderFacts, Reason, field_of_view
from overread.journey.agreement.rules import ReadType
from overread.journey.allocation.models import Claim
from overread.journey.allocation.rules import ClaimFacts, Ended, complete, may_claim, own_report, same_person, stopping
from overread.journey.archive import queries as archive
from overread.journey.case import queries as cases
from overread.journey.case.queries import CaseView, ReadCard
from overread.journey.case.rules import FieldOfView, Role, beyond_dento_alveolar, field_found, larger
from overread.journey.referral import queries as referrals

DENTAL = "CBCT"


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
    mine = Claim.objects.filter(read_id=read_id, person_id=person_id, ended_at__isnull=True)
    return bool(mine.filter(lease_until__gt=timezone.now()).exists())


NO_READ = (Reason(False, "There is no such read for you", "role"),)


def _asked(card: ReadCard | CaseView) -> Asked:
    return Asked(card.client_id, card.modality, card.read_type, card.body_part, card.procedure)


def _role(roles: frozenset[str]) -> Reason:
    is_reader = AccountRole.RADIOLOGIST in roles
    return Reason(is_reader, "You read for this provider" if is_reader else "Only radiologists read", "role")


@dataclass(frozen=True)
class Volume:
    """What decides who may read a dental volume: why it shows more than teeth and jaws, and what form and images differ in."""

    beyond: str
    differ: str


def volumes(cards: Iterable[ReadCard]) -> dict[UUID, Volume]:
    """The dental volumes among some reads, by read, measured and as the form says; one query (REQ-81)."""
    dental = [card for card in cards if card.modality == DENTAL]
    measured = archive.fields_of(study_id for card in dental for study_id in card.study_ids) if dental else {}
    limit = float(thresholds.value("cbct.dento_alveolar_fov_cm"))
    return {card.read_id: _volume(card, card.study_ids, measured, limit) for card in dental}


def _volume(
    case: ReadCard | CaseView, study_ids: Iterable[UUID], measured: dict[UUID, FieldOfView], limit: float
) -> Volume:
    form = case.field_diameter_mm, case.field_height_mm
    said = FieldOfView(form[0], form[1]) if form[0] is not None and form[1] is not None else None
    found = field_found(said, larger(measured[study_id] for study_id in study_ids if study_id in measured))
    return Volume(beyond_dento_alveolar(found.field, case.region, limit_cm=limit), found.differ)


@dataclass(frozen=True)
class Author:
    """Who wrote the report that a read is to judge: our own signers, and the name on a report from outside."""

    signers: frozenset[UUID]
    name: str


_SIGNERS: list[Callable[[Iterable[UUID]], Mapping[UUID, frozenset[UUID]]]] = []


def register_signers(source: Callable[[Iterable[UUID]], Mapping[UUID, frozenset[UUID]]]) -> None:
    """Let a later stage say who signed the reports of some cases; called once by site/wiring.py."""
    _SIGNERS.append(source)


def _signers(case_ids: set[UUID]) -> dict[UUID, frozenset[UUID]]:
    found = {case_id: cases.readers_of(case_id) for case_id in case_ids}
    for source in _SIGNERS:
        for case_id, people in source(case_ids).items():
            found[case_id] |= people
    return found


def authors(judging: Iterable[ReadCard | CaseView]) -> dict[UUID, Author]:
    """Who wrote the report in question, by the case that judges it; only opinions and reviews have one."""
    asked = [c for c in judging if c.read_type != ReadType.PRIMARY]
    signers = _signers({c.original_case_id for c in asked if c.original_case_id})
    names = referrals.authors_of(c.referral_id for c in asked if c.referral_id)
    found = {}
    for one in asked:
        case_id = one.case_id if isinstance(one, ReadCard) else one.id
        wrote = signers.get(one.original_case_id, frozenset()) if one.original_case_id else frozenset()
        found[case_id] = Author(wrote, names.get(one.referral_id, "") if one.referral_id else "")
    return found


def _own(author: Author | None, person: PersonView) -> tuple[Reason, ...]:
    """The gate of the own report, for an opinion or a review."""
    if author is None:
        return ()
    named = bool(author.name) and same_person(person.full_name, author.name)
    return (own_report(wrote=person.id in author.signers, named=named),)


def _dental(facts: ReaderFacts, asked: Asked, volume: Volume | None) -> tuple[Reason, ...]:
    """The gate of the field of view, for a dental volume."""
    if volume is None:
        return ()
    return (field_of_view(facts, asked, beyond=volume.beyond, differ=volume.differ),)


def _gates(
    card: ReadCard | CaseView,
    person: PersonView,
    facts: ReaderFacts,
    at: datetime,
    volume: Volume | None,
    author: Author | None,
) -> tuple[Reason, ...]:
    asked = _asked(card)
    first = (_role(person.roles), *_own(author, person), *_dental(facts, asked, volume))
    return (*first, *credentials.reasons(facts, asked, at=at), complete(card.incomplete))


def gates_of_reads(cards: Iterable[ReadCard], person_id: UUID) -> dict[UUID, tuple[Reason, ...]]:
    """Every gate of one reader for many reads, by read, in a number of queries that does not grow with them."""
    cards = list(cards)
    person, at = accounts.person(person_id), timezone.now()
    if person is None:
        return {card.read_id: NO_READ for card in cards}
    facts, dental, wrote = credentials.facts_of([person_id], at=at)[person_id], volumes(cards), authors(cards)
    return {
        card.read_id: _gates(card, person, facts, at, dental.get(card.read_id), wrote.get(card.case_id))
        for card in cards
    }


def gates_of_readers(card: ReadCard) -> dict[UUID, tuple[Reason, ...]]:
    """Every gate of every radiologist for one read, by reader, in a number of queries that does not grow with them."""
    at = timezone.now()
    readers = [p for p in accounts.people() if p.active and AccountRole.RADIOLOGIST in p.roles]
    facts = credentials.facts_of([p.id for p in readers], at=at)
    volume = volumes([card]).get(card.read_id)
    author = authors([card]).get(card.case_id)
    return {p.id: _gates(card, p, facts[p.id], at, volume, author) for p in readers}


def _case_of(read_id: UUID) -> CaseView | None:
    """The case of a read, with the modality that a list shows: the referral's, or else its current study's."""
    read = cases.read(read_id)
    case = cases.case(read.case_id) if read else None
    if case is None or case.modality:
        return case
    found = (s.modalities for s in cases.studies_of(case.id) if s.role == Role.CURRENT and s.modalities)
    return replace(case, modality=next(found, ""))


def gates(read_id: UUID, person_id: UUID, at: datetime | None = None) -> tuple[Reason, ...]:
    """Every gate of this reader for this read: role, credentials, other registers, a whole study."""
    case, person, at = _case_of(read_id), accounts.person(person_id), at or timezone.now()
    if case is None or person is None:
        return NO_READ
    facts = credentials.facts_of([person_id], at=at)[person_id]
    return _gates(case, person, facts, at, _volume_of_case(case), authors([case]).get(case.id))


def hard_gates(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """The gates of role and register that nobody passes: what an opened read is asked at every image (H12)."""
    case, person = _case_of(read_id), accounts.person(person_id)
    if case is None or person is None:
        return NO_READ
    asked, at = _asked(case), timezone.now()
    facts = credentials.facts_of([person_id], at=at, hard_only=True)[person_id]
    held = tuple(r for r in credentials.reasons(facts, asked, at=at) if r.hard)
    own = _own(authors([case]).get(case.id), person)
    return (_role(person.roles), *own, *_dental(facts, asked, _volume_of_case(case)), *held)


def _volume_of_case(case: CaseView) -> Volume | None:
    if case.modality != DENTAL:
        return None
    study_ids = [s.study_id for s in cases.studies_of(case.id) if s.role == Role.CURRENT]
    limit = float(thresholds.value("cbct.dento_alveolar_fov_cm"))
    return _volume(case, study_ids, archive.fields_of(study_ids), limit)


def volume_words(read_id: UUID) -> str:
    """What form and images of a dental volume differ in, and why it is large, for the page beside the images; "" if nothing."""
    read = cases.read(read_id)
    case = cases.case(read.case_id) if read else None
    found = _volume_of_case(case) if case else None
    return ". ".join(part for part in (found.differ, found.beyond.capitalize()) if part) if found else ""


def has_opened(read_id: UUID, person_id: UUID) -> bool:
    """Whether this reader opened the read and lost it only because their lease ran out, or still holds it (H33)."""
    mine = Claim.objects.filter(read_id=read_id, person_id=person_id)
    return bool(mine.filter(ended_how__in=["", Ended.LEASE_RAN_OUT]).exists())


def in_the_way(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """What stops this reader from taking this read; empty when it may be taken, perhaps with a reason at signing."""
    case = _case_of(read_id)
    if case is None:
        return NO_READ
    return stopping(gates(read_id, person_id), priority=case.priority, opened=has_opened(read_id, person_id))


def why(read_id: UUID, person_id: UUID) -> tuple[Reason, ...]:
    """Why a read is this reader's to claim, or why not; every line in words for the screen."""
    claim = claim_of(read_id)
    facts = ClaimFacts(claim.person_id, claim.lease_until) if claim else None
    return may_claim(gates(read_id, person_id), facts, person_id=person_id, at=timezone.now())
