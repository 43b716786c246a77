"""Verbs of the registered manager's override: one soft gate of one reader, for at most some hours (REQ-07)."""

from datetime import datetime
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.clock import actions as clock
from overread.foundation.history.rows import holding
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.credentials.actions._versions import _add_version, _end_version, _not_own
from overread.governance.credentials.events import GateOverridden
from overread.governance.credentials.models import Override
from overread.governance.credentials.queries import facts_of, general_gates
from overread.governance.credentials.rules import override_fault, shut

OVERRIDE_KIND = "credentials.override"


def _manager(actor: Actor) -> None:
    person = accounts.person(actor.person_id) if actor.person_id else None
    if person is None or Role.REGISTERED_MANAGER not in person.roles:
        raise NotAllowed("Only the registered manager lets a reader pass a gate.", code="not-manager")


@action("credentials.override")
def override(*, actor: Actor, person_id: UUID, gate: str, why: str, until: datetime) -> UUID:
    """Let a reader pass a soft gate that is shut now, until a time at most credential.override from now.

    Args:
        person_id: the reader.
        gate: name of the gate.
        why: the reason; it is shown wherever the override acts and printed in the evidence.
        until: when it ends by itself.

    Raises:
        NotAllowed: the actor is not a registered manager, or is the reader.
        BadInput: a hard gate, no reason, too long.
        Conflict: the gate is open.
    """
    _manager(actor)
    _not_own(actor, person_id)
    at = current_unit().at
    reasons = shut(general_gates(facts_of([person_id], at=at)[person_id], at=at))
    found = [r for r in reasons if r.gate == gate]
    fault = override_fault(
        gate=gate,
        hard=any(r.hard for r in found),
        own=actor.person_id == person_id,
        why=why,
        lasts=until - at,
        longest=thresholds.duration("credential.override"),
    )
    if fault:
        raise BadInput(fault, errors={"why": fault} if len(why.strip()) < 10 else {})
    if not found:
        raise Conflict("This gate is open now, so there is nothing to let pass. Load the page again.", code="gate-open")
    row = _add_version(
        Override, actor=actor, person_id=person_id, key=None, gate=gate, why=why.strip()[:500], valid_to=until
    )
    clock.set_deadline(actor=actor, kind=OVERRIDE_KIND, subject_id=row.key, due_at=until)
    publish(GateOverridden(person_id=person_id, override=row.key, gate=gate))
    return UUID(str(row.key))


@action("credentials.withdraw_override")
def withdraw_override(*, actor: Actor, key: UUID) -> None:
    """End an override before its time.

    Raises:
        NotAllowed: the actor is not a registered manager.
        NotFound: it does not run.
    """
    _manager(actor)
    _end_version(Override, actor=actor, key=key)
    clock.cancel_deadline(actor=actor, kind=OVERRIDE_KIND, subject_id=key)


@action("credentials.override_ended")
def override_ended(*, actor: Actor, key: UUID) -> None:
    """When an override's deadline fires: write down that it has ended; the gate has shut by itself at that time.

    Raises:
        NotFound: there is no such override.
    """
    row = Override.objects.filter(key=key).order_by("recorded_at").last()
    if row is None:
        raise NotFound
    running = bool(holding(Override.objects.filter(key=key), at=current_unit().at, known_by=current_unit().at))
    words = "still-runs" if running else "ended"
    note(subject=("override", key), words=words, facts={"person": str(row.person_id), "gate": row.gate})
