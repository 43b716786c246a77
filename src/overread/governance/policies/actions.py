"""Verbs of policies."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.registers import writing
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.rules import changed_names
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.policies import queries, rules
from overread.governance.policies.models import Policy, Reading
from overread.governance.policies.rules import APPROVED, DRAFT, FIELDS

REVIEW, READ, APPROVE = "policies.review", "policies.read", "policies.approve"


def _name(entry: Entry) -> str:
    return f"P-{entry.number} {entry['title']}"


def _to_read(force: Mapping[UUID, Entry]) -> list[WantedDuty]:
    return [
        WantedDuty(
            rules.reading_id(key, force[key]["edition"], one.person.id),
            one.person.id,
            f"Read {_name(force[key])}, edition {force[key]['edition']}",
            end_of_day(one.due),
        )
        for key, readers in queries.readers(force.values()).items()
        for one in readers
        if one.read_at is None
    ]


def _keep(actor: Actor) -> None:
    """Reviews for owners, reading for everybody in scope, approval for whoever may."""
    force = queries.in_force()
    reviews = [WantedDuty(k, e["owner"], _name(e), end_of_day(e["review_by"])) for k, e in force.items()]
    days = timedelta(days=thresholds.whole("policy.approve"))
    drafts = [WantedDuty(e.key, None, f"Draft of {_name(e)}", e.recorded_at + days) for e in queries.waiting()]
    clock.keep_duties(actor=actor, kind=REVIEW, wanted=reviews)
    clock.keep_duties(actor=actor, kind=READ, wanted=_to_read(force))
    clock.keep_duties(actor=actor, kind=APPROVE, wanted=drafts)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    tidied = writing.taken(FIELDS, values)
    fault = rules.text_fault(tidied["text"], queries.words)
    if fault:
        raise BadInput(fault, errors={"text": fault})
    return tidied


@action("policies.record")
def record(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write a policy, or a change of one, as a draft; what was approved before stays in force until this is.

    Raises:
        BadInput: a value cannot be taken, the text names a threshold that does not exist, or nothing was changed.
        NotFound, Conflict: see foundation/registers/writing.py.
    """
    tidied = _checked(values)
    held = queries.policy(key) if key else None
    if held is not None and not changed_names(FIELDS, held.values, tidied):
        raise BadInput("Nothing was changed.", code="unchanged")
    options: dict[str, Any] = {"why": why, "valid_from": valid_from, "seen": seen}
    entry = writing.add_version(Policy, FIELDS, actor=actor, values=tidied, key=key, state=DRAFT, **options)
    _keep(actor)
    return entry.key


@action("policies.propose")
def propose(*, actor: Actor, key: UUID, what: str) -> None:
    """Say that a policy was looked at and may stay as it is; another person's approval then begins its next interval.

    Raises:
        NotFound: there is no such policy.
        Conflict: a draft waits already.
        BadInput: nothing is said about what was looked at.
    """
    held = queries.policy(key)
    if held is None:
        raise NotFound
    if held["state"] == DRAFT:
        raise Conflict("A draft waits for approval already.", code="draft-waits")
    if not what.strip():
        raise BadInput("A review says what was looked at.", errors={"what": "Say in a few words what you looked at."})
    why = f"Reviewed, stays as it is: {what.strip()}"
    writing.add_version(Policy, FIELDS, actor=actor, values=held.values, key=key, why=why, state=DRAFT)
    _keep(actor)


@action("policies.approve")
def approve(*, actor: Actor, key: UUID, seen: UUID | None = None) -> None:
    """Put a draft in force; a new edition must be read by everybody in its scope (REQ-03, REQ-04).

    Raises:
        NotFound: there is no such policy.
        NotAllowed: the actor wrote the draft, may not approve, or is no person.
        Conflict: no draft waits, or another than the one that was looked at.
    """
    held = queries.policy(key)
    if held is None:
        raise NotFound
    person = accounts.person(actor.person_id) if actor.person_id else None
    if person is None or not person.may("governance.approve"):
        raise NotAllowed("A policy is approved by a registered manager, a director or the clinical lead.")
    if held["state"] != DRAFT:
        raise Conflict("This is approved already. A draft must be written first.", code="no-draft")
    fault = rules.approval_fault(actor=actor.text, authors=queries.authors(key), state=held["state"])
    if fault:
        raise NotAllowed(fault, code="own-draft")
    today = timezone.localdate(current_unit().at)
    before = queries.in_force().get(key)
    again = rules.is_new_edition(before.values if before else None, held.values)
    months = (thresholds.whole("policy.review"), thresholds.whole("policy.review_critical"))
    entry = writing.add_version(
        Policy,
        FIELDS,
        actor=actor,
        values=_checked(held.values),
        key=key,
        seen=seen,
        why="Approved",
        state=APPROVED,
        edition=(held["edition"] or 0) + (1 if again else 0),
        approved_by_id=person.id,
        approved_on=today,
        review_by=rules.next_review(today, held["category"], *months),
        numbers={name: queries.words(name) for name in rules.numbers_in(held["text"])},
    )
    note(subject=("policies.policy", key), words="approved", facts={"version": str(entry.version)})
    _keep(actor)


@action("policies.acknowledge")
def acknowledge(*, actor: Actor, key: UUID, edition: int) -> None:
    """Say that one has read and understood the edition in force; saying it twice changes nothing (REQ-04).

    Raises:
        NotFound: no such policy is in force, or the actor is not in its scope.
        Conflict: another edition is in force than the one that was read.
    """
    held = queries.in_force().get(key)
    scope = queries.readers([held])[key] if held else []
    if held is None or actor.person_id not in {one.person.id for one in scope}:
        raise NotFound
    if held["edition"] != edition:
        raise Conflict("Another edition came into force meanwhile. Read that one.", code="edition-changed")
    Reading.objects.get_or_create(
        policy_key=key, edition=edition, person_id=actor.person_id, defaults={"at": current_unit().at}
    )
    note(subject=("policies.policy", key), words="read", facts={"edition": edition})
    _keep(actor)


@action("policies.withdraw")
def withdraw(*, actor: Actor, key: UUID, why: str) -> None:
    """Take a policy out of force for good, with the reason; its duties end.

    Raises:
        NotFound: there is no such policy.
        BadInput: there is no reason.
    """
    writing.end_entry(Policy, FIELDS, actor=actor, key=key, why=why)
    _keep(actor)


@action("policies.arrange")
def arrange(*, actor: Actor) -> None:
    """Compare the duties with the policies: people come, go and change their roles."""
    _keep(actor)
    note(subject=("register", "policies"), words="arranged")
