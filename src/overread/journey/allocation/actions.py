"""Verbs of allocation: claim a read, keep it, give it back, take it over."""

from uuid import UUID

from django.db import IntegrityError

from overread.foundation.clock import actions as clock
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.credentials.rules import Reason
from overread.journey.allocation import queries
from overread.journey.allocation.events import ClaimEnded, ReadClaimed
from overread.journey.allocation.models import Claim
from overread.journey.allocation.rules import Ended, lease_end
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries

LEASE_KIND = "allocation.lease"


def _refuse(reasons: tuple[Reason, ...]) -> None:
    """Refuse with the words of what is in the way, if anything is."""
    if reasons:
        words = "; ".join(reason.words for reason in reasons)
        raise NotAllowed(f"This read cannot be yours now: {words}.", code="not-eligible")


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotAllowed("Only a person holds a read.")
    return actor.person_id


def _live(read_id: UUID) -> Claim | None:
    return Claim.objects.filter(read_id=read_id, ended_at__isnull=True).first()


def _end(actor: Actor, claim: Claim, how: Ended, reason: str = "") -> None:
    ended = Claim.objects.filter(id=claim.id, ended_at__isnull=True).update(
        ended_at=current_unit().at, ended_how=how, ended_reason=reason[:300]
    )
    if not ended:
        raise Conflict("This claim has ended already. Load the worklist again.", code="claim-ended")
    clock.cancel_deadline(actor=actor, kind=LEASE_KIND, subject_id=claim.id)
    publish(
        ClaimEnded(
            client_id=claim.client_id, case_id=claim.case_id, read_id=claim.read_id, person_id=claim.person_id, how=how
        )
    )


def _begin(actor: Actor, read_id: UUID, person_id: UUID) -> Claim:
    read = case_queries.read(read_id)
    if read is None:
        raise NotFound
    at = current_unit().at
    try:
        claim: Claim = Claim.objects.create(
            client_id=read.client_id,
            read_id=read_id,
            case_id=read.case_id,
            person_id=person_id,
            claimed_at=at,
            beat_at=at,
            lease_until=lease_end(at, thresholds.duration("allocation.lease")),
        )
    except IntegrityError as error:
        raise Conflict("Another reader claimed this read a moment before you.", code="claimed") from error
    cases.claim_read(actor=actor, read_id=read_id, reader_id=person_id)
    clock.set_deadline(
        actor=actor,
        kind=LEASE_KIND,
        subject_id=claim.id,
        due_at=claim.lease_until,
        client_id=claim.client_id,
        case_id=claim.case_id,
    )
    publish(ReadClaimed(client_id=claim.client_id, case_id=claim.case_id, read_id=read_id, person_id=person_id))
    return claim


@action("allocation.claim")
def claim(*, actor: Actor, read_id: UUID) -> UUID:
    """Take a read to yourself; claiming one's own again only renews it.

    Raises:
        NotFound: no such read in scope.
        NotAllowed: a gate stands in the way; its words say which (H12).
        Conflict: somebody was faster (H18).
    """
    person_id = _person(actor)
    if case_queries.read(read_id) is None:
        raise NotFound
    _refuse(queries.in_the_way(read_id, person_id))
    held = _live(read_id)
    if held is not None and held.person_id != person_id and held.lease_until > current_unit().at:
        raise Conflict("This read cannot be yours now: Another reader is reading it.", code="claimed")
    if held is not None and held.person_id == person_id:
        return _renew(held)
    if held is not None:
        cases.hand_back_read(actor=actor, read_id=read_id, reason="lease ran out")
        _end(actor, held, Ended.LEASE_RAN_OUT)
    row = _begin(actor, read_id, person_id)
    note(subject=("read", read_id), client_id=row.client_id, case_id=row.case_id, facts={"claim": str(row.id)})
    return row.id


def _renew(row: Claim) -> UUID:
    at = current_unit().at
    until = lease_end(at, thresholds.duration("allocation.lease"))
    Claim.objects.filter(id=row.id, ended_at__isnull=True).update(beat_at=at, lease_until=until)
    facts = {"claim": str(row.id), "until": until.isoformat()}
    note(subject=("read", row.read_id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    return row.id


@action("allocation.beat")
def beat(*, actor: Actor, read_id: UUID) -> UUID:
    """A sign of life from the reading page: the lease runs on.

    Raises:
        Conflict: the claim is not this person's any more.
    """
    held = _live(read_id)
    if held is None or held.person_id != _person(actor):
        raise Conflict(
            "This read is no longer yours: it was taken over, or its lease ran out. Your draft is kept.",
            code="lease-lost",
        )
    return _renew(held)


@action("allocation.hand_back")
def hand_back(*, actor: Actor, read_id: UUID, reason: str = "") -> None:
    """Give a read back to the worklist; its draft is kept.

    Raises:
        Conflict: it is not this person's.
    """
    held = _live(read_id)
    if held is None or held.person_id != _person(actor):
        raise Conflict("This read is not yours, so it cannot be handed back by you.", code="lease-lost")
    cases.hand_back_read(actor=actor, read_id=read_id, reason=reason)
    _end(actor, held, Ended.HANDED_BACK, reason)
    note(subject=("read", read_id), client_id=held.client_id, case_id=held.case_id, facts={"claim": str(held.id)})


@action("allocation.take_over")
def take_over(*, actor: Actor, read_id: UUID, reason: str) -> UUID:
    """Take a read that another reader holds, with a reason both will see.

    Raises:
        NotAllowed: a gate stands in the way.
        BadInput: no reason was given.
        NotFound: nobody holds it.
    """
    person_id = _person(actor)
    if not reason.strip():
        words = "Say why you take this read over; the other reader will see it."
        raise BadInput(words, errors={"reason": words})
    _refuse(queries.in_the_way(read_id, person_id))
    held = _live(read_id)
    if held is None:
        raise NotFound("Nobody holds this read. Claim it instead.")
    cases.hand_back_read(actor=actor, read_id=read_id, reason="taken over")
    _end(actor, held, Ended.TAKEN_OVER, reason)
    row = _begin(actor, read_id, person_id)
    facts = {"claim": str(row.id), "from_person": str(held.person_id)}
    note(subject=("read", read_id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    return row.id


@action("allocation.release_expired")
def release_expired(*, actor: Actor, claim_id: UUID) -> bool:
    """When a lease's deadline fires: look again, and give the read back if no sign of life came.

    Returns:
        Whether the read was given back.
    """
    row = Claim.objects.filter(id=claim_id, ended_at__isnull=True).first()
    if row is None:
        note(subject=("claim", claim_id), words="ended-already")
        return False
    facts = {"claim": str(row.id)}
    if row.lease_until > current_unit().at:
        clock.set_deadline(
            actor=actor,
            kind=LEASE_KIND,
            subject_id=row.id,
            due_at=row.lease_until,
            client_id=row.client_id,
            case_id=row.case_id,
        )
        note(subject=("read", row.read_id), client_id=row.client_id, words="still-alive", facts=facts)
        return False
    cases.hand_back_read(actor=actor, read_id=row.read_id, reason="lease ran out")
    _end(actor, row, Ended.LEASE_RAN_OUT)
    note(subject=("read", row.read_id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    return True


@action("allocation.end_with")
def end_with(*, actor: Actor, read_id: UUID, how: Ended) -> None:
    """End the claim on a read because the read was signed or withdrawn; nothing to do when there is none."""
    row = _live(read_id)
    if row is None:
        note(subject=("read", read_id), words="no-claim")
        return
    _end(actor, row, how)
    note(subject=("read", read_id), client_id=row.client_id, case_id=row.case_id, facts={"claim": str(row.id)})
