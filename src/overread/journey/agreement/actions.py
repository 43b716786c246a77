"""Verbs of agreements."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.clients import queries as clients
from overread.foundation.clock import actions as clock
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.journey.agreement import queries, rules
from overread.journey.agreement.events import Agreed
from overread.journey.agreement.models import Agreement, Proposal
from overread.journey.agreement.rules import AgreementView, Outcome, Terms, faults, from_json, to_json, view_of

APPROVE = "agreement.approve"
REASON = 300


def _checked(terms: Terms) -> None:
    wrong = faults(terms, queries.bounds())
    if wrong:
        raise BadInput("The agreement was not saved. " + " ".join(wrong.values()), errors=wrong, code="terms")


def _record(actor: Actor, client_id: UUID, terms: Terms, valid_from: datetime | None, reason: str) -> Agreement:
    now = timezone.now()
    row: Agreement = Agreement.objects.create(
        client_id=client_id,
        key=client_id,
        valid_from=valid_from or now,
        recorded_at=now,
        recorded_by=actor.text,
        terms=to_json(terms),
        reason=reason,
    )
    note(subject=("agreement", row.id), client_id=client_id, facts={"rungs": len(terms.ladder)})
    publish(Agreed(client_id=client_id, version_id=row.id))
    return row


@action("agreement.agree")
def agree(
    *, actor: Actor, client_id: UUID, terms: Terms, valid_from: datetime | None = None, reason: str = ""
) -> AgreementView:
    """Record a new version of what is agreed with a client; earlier versions stay as they were.

    Named systems set a client up by it; what a person changes is proposed, and another person approves it.

    Args:
        actor: who records it; no person.
        client_id: with whom.
        terms: all terms; a version is whole.
        valid_from: when it begins to hold; None for now.
        reason: why it changed.

    Raises:
        NotAllowed: a person asks for it.
        BadInput: the terms cannot be saved; `.errors` says why by field. No contact who answers out of hours is one
            of the reasons (RELIABILITY 4.1, escalation invariant 7).
    """
    if actor.person_id is not None:
        raise NotAllowed("A person proposes a change of an agreement; another person approves it.")
    _checked(terms)
    row = _record(actor, client_id, terms, valid_from, reason)
    return view_of(terms, client_id=client_id, version_id=row.id, valid_from=row.valid_from)


def _person(actor: Actor, permission: str) -> accounts.PersonView:
    found = accounts.person(actor.person_id) if actor.person_id else None
    if found is None or not found.may(permission):
        raise NotAllowed("Your roles do not allow this with agreements.")
    return found


def _keep_duty(actor: Actor, row: Proposal) -> None:
    """The approval is a duty while the change waits; the registered manager is told, who asks another if it is theirs."""
    client = clients.client(row.client_id)
    due = row.proposed_at + timedelta(days=thresholds.whole("agreement.approve"))
    title = f"Change of the agreement with {client.name if client else 'a client'}"
    wanted = [] if row.outcome else [WantedDuty(row.id, None, title, due, row.client_id)]
    clock.keep_duties(actor=actor, kind=APPROVE, wanted=wanted, subject_ids=[row.id])


@action("agreement.propose")
def propose(*, actor: Actor, client_id: UUID, terms: Terms, reason: str, starts_at: datetime | None = None) -> UUID:
    """Ask for a change of what is agreed; it changes nothing until another person approves it.

    Args:
        actor: a person who may change agreements.
        client_id: with whom.
        terms: all terms as they shall be.
        reason: why; both sides read it.
        starts_at: from when it shall hold, never in the past; None for the moment of its approval.

    Raises:
        NotAllowed: the actor's roles do not allow it.
        NotFound: no such client.
        BadInput: the terms cannot be saved, say what holds already, or the reason or the day is missing or wrong.
        Conflict: another change waits.
    """
    _person(actor, "agreement.write")
    if clients.client(client_id) is None:
        raise NotFound
    now = timezone.now()
    wrong = {
        "reason": "" if 0 < len(reason.strip()) <= REASON else f"Say why it changes, in at most {REASON} characters.",
        "starts_at": rules.start_fault(starts_at, now),
    }
    found = {name: words for name, words in wrong.items() if words}
    if found:
        raise BadInput(" ".join(found.values()), errors=found)
    _checked(terms)
    held = queries.agreement_for(client_id)
    if held is not None and not rules.differences(held, terms):
        raise BadInput("This says what is agreed already.", code="unchanged")
    if queries.waiting(client_id) is not None:
        raise Conflict("Another change waits for approval. Decide that one first.", code="change-waits")
    row = Proposal.objects.create(
        client_id=client_id,
        terms=to_json(terms),
        starts_at=starts_at,
        reason=reason.strip(),
        based_on=held.version_id if held else None,
        proposed_at=now,
        proposed_by=actor.text,
    )
    note(subject=("agreement_proposal", row.id), client_id=client_id)
    _keep_duty(actor, row)
    return row.id


def _waiting(proposal_id: UUID) -> Proposal:
    row: Proposal | None = Proposal.objects.filter(id=proposal_id).select_for_update().first()
    if row is None:
        raise NotFound
    return row


def _decide(actor: Actor, row: Proposal, outcome: Outcome, answer: str = "", version_id: UUID | None = None) -> None:
    """Write what became of a change, once."""
    decided = {
        "outcome": outcome.value,
        "decided_at": timezone.now(),
        "decided_by": actor.text,
        "answer": answer,
        "version_id": version_id,
    }
    if not Proposal.objects.filter(id=row.id, outcome="").update(**decided):
        raise Conflict("This change was decided already.", code="decided")
    row.outcome = outcome.value
    note(subject=("agreement_proposal", row.id), client_id=row.client_id, words=outcome.value)
    _keep_duty(actor, row)


@action("agreement.approve")
def approve(*, actor: Actor, proposal_id: UUID) -> UUID:
    """Put a proposed change in force as a new version, from its day or from now; returns the version.

    Cases received from then on get its times. Clocks that run keep theirs.

    Raises:
        NotFound: no such change in scope.
        NotAllowed: the actor may not approve, or proposed it.
        Conflict: it was decided already, or another version came into force meanwhile.
        BadInput: the terms cannot be saved any more.
    """
    _person(actor, "agreement.approve")
    row = _waiting(proposal_id)
    held = queries.agreement_for(row.client_id)
    fault = rules.approval_fault(
        author=row.proposed_by,
        approver=actor.text,
        outcome=row.outcome,
        moved=(held.version_id if held else None) != row.based_on,
    )
    if fault and row.proposed_by == actor.text and not row.outcome:
        raise NotAllowed(fault, code="own-change")
    if fault:
        raise Conflict(fault, code="decided" if row.outcome else "moved")
    terms = from_json(row.terms)
    _checked(terms)
    now = timezone.now()
    version = _record(actor, row.client_id, terms, max(row.starts_at or now, now), row.reason)
    _decide(actor, row, Outcome.APPROVED, version_id=version.id)
    return version.id


@action("agreement.send_back")
def send_back(*, actor: Actor, proposal_id: UUID, answer: str) -> None:
    """Decline a proposed change, with the reason.

    Raises:
        NotFound: no such change in scope.
        NotAllowed: the actor may not approve changes.
        BadInput: no reason is given.
        Conflict: it was decided already.
    """
    _person(actor, "agreement.approve")
    row = _waiting(proposal_id)
    if not 0 < len(answer.strip()) <= REASON:
        words = f"Say why it is sent back, in at most {REASON} characters."
        raise BadInput(words, errors={"answer": words})
    _decide(actor, row, Outcome.SENT_BACK, answer.strip())


@action("agreement.withdraw")
def withdraw(*, actor: Actor, proposal_id: UUID) -> None:
    """Take back a change that one proposed oneself.

    Raises:
        NotFound: no such change in scope.
        NotAllowed: somebody else proposed it.
        Conflict: it was decided already.
    """
    row = _waiting(proposal_id)
    if row.proposed_by != actor.text:
        raise NotAllowed("Only who proposed a change takes it back.")
    _decide(actor, row, Outcome.WITHDRAWN)
