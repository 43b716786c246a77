"""Verbs of the entry audit by which a new reader is let read (REQ-23)."""

from uuid import UUID

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.foundation.work.action import action
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.credentials.actions._versions import _add_version, _filled
from overread.governance.credentials.models import EntryAudit
from overread.governance.credentials.queries import limits
from overread.governance.credentials.rules import AuditFacts, AuditState, audit_fault


@action("credentials.record_audit")
def record_audit(
    *,
    actor: Actor,
    person_id: UUID,
    cross_sectional: int,
    auditors: tuple[str, ...],
    external: bool,
    outcome: str,
    passed: bool = True,
    key: UUID | None = None,
) -> UUID:
    """Record how far a new reader's entry audit has come; pass the key to record its next state.

    Args:
        cross_sectional: reports of CT, MRI and cone-beam CT audited so far.
        auditors: their names; a small provider names external ones.
        external: whether they come from outside.
        outcome: what they found, in words.
        passed: False when the auditors do not let the reader pass.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: there is no outcome.
    """
    _filled(outcome=outcome)
    row = _add_version(
        EntryAudit,
        actor=actor,
        person_id=person_id,
        key=key,
        state=AuditState.UNDER_WAY if passed else AuditState.FAILED,
        cross_sectional=cross_sectional,
        auditors=[a.strip() for a in auditors if a.strip()],
        external=external,
        outcome=outcome.strip()[:500],
    )
    return UUID(str(row.key))


@action("credentials.release_reader")
def release_reader(*, actor: Actor, key: UUID) -> None:
    """Let a new reader read, on the ground of a finished entry audit.

    Raises:
        NotFound: there is no such audit.
        NotAllowed: it is the actor's own.
        BadInput: too few reports or auditors, or it was not passed.
    """
    at = current_unit().at
    held = holding(EntryAudit.objects.filter(key=key), at=at, known_by=at)
    if not held:
        raise NotFound
    row = held[0]
    facts = AuditFacts(AuditState(row.state), row.cross_sectional, tuple(row.auditors))
    fault = audit_fault(facts, limits())
    if row.state == AuditState.FAILED:
        fault = "The auditors did not let this reader pass. Record a further audit first."
    if fault:
        raise BadInput(fault, errors={})
    copied = {name: getattr(row, name) for name in ("cross_sectional", "auditors", "external", "outcome")}
    released = {"state": AuditState.RELEASED, "released_on": timezone.localdate(at)}
    _add_version(EntryAudit, actor=actor, person_id=row.person_id, key=key, **copied, **released)
