"""Objects in quarantine: let in on a person's word, or set aside."""

from uuid import UUID

from django.utils import timezone

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.journey.agreement.queries import terms_for
from overread.journey.archive.queries import study_by_uid
from overread.journey.archive.rules import object_from_json
from overread.journey.reception import rules
from overread.journey.reception.actions._holding import _hold, _open_holds
from overread.journey.reception.actions._taking import _take
from overread.journey.reception.models import Quarantined
from overread.journey.reception.rules import Arrived, Outcome, QuarantineReason, Reference


def _open(quarantined_id: UUID) -> Quarantined:
    row: Quarantined | None = Quarantined.objects.select_for_update().filter(id=quarantined_id).first()
    if row is None:
        raise NotFound
    if row.state != "open":
        raise Conflict("Somebody has decided about this object already.", code="decided")
    return row


def _resolve(row: Quarantined, actor: Actor, state: str, words: str) -> None:
    Quarantined.objects.filter(id=row.id).update(
        state=state, resolved_at=timezone.now(), resolved_by=actor.text, note=words
    )
    note(
        subject=("quarantined", row.id),
        client_id=row.client_id,
        facts={"reason": row.reason, "sha256": row.sha256, "state": state},
    )


def _demand(words: str) -> str:
    if not words.strip():
        raise BadInput("Say why, in a few words.", errors={"note": "A reason is needed."})
    return words.strip()


@action("reception.accept_quarantined")
def accept_quarantined(*, actor: Actor, quarantined_id: UUID, reason: str) -> str:
    """Let a damaged object into its study after looking at it. Who it shows is still decided by the adults rule.

    Returns:
        "accepted", or "held" when its study must wait for a date of birth.

    Raises:
        BadInput: no reason.
        NotAllowed: objects kept apart for another reason never go in (another version of one we have, unreadable).
    """
    row = _open(quarantined_id)
    words = _demand(reason)
    if row.reason != QuarantineReason.DAMAGED:
        raise NotAllowed(
            "Only a damaged object can be let in. Ask the client to send this one again.", code="not-damage"
        )
    stored = object_from_json(row.facts)
    before = study_by_uid(row.client_id, stored.study_uid)
    known = Reference(before.birth_date, before.birth_date_given, before.identifier) if before else rules.NOTHING_KNOWN
    decision = rules.decide(Arrived(stored), terms_for(row.client_id), known)
    holds = _open_holds(row.client_id, [stored.study_uid])
    if decision.outcome is Outcome.HOLD or holds:
        _hold(row.client_id, holds.get(stored.study_uid), [stored], decision.reason)
        _resolve(row, actor, "accepted", words)
        return "held"
    _take(row.client_id, [stored], actor=actor)
    _resolve(row, actor, "accepted", words)
    return "accepted"


@action("reception.discard_quarantined")
def discard_quarantined(*, actor: Actor, quarantined_id: UUID, reason: str) -> None:
    """Set an object in quarantine aside for good; its record and its bytes stay as evidence.

    Raises:
        BadInput: no reason.
        Conflict: it was decided already.
    """
    row = _open(quarantined_id)
    _resolve(row, actor, "discarded", _demand(reason))
