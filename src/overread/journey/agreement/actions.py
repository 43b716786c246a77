"""Verbs of agreements."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput
from overread.journey.agreement import queries
from overread.journey.agreement.events import Agreed
from overread.journey.agreement.models import Agreement
from overread.journey.agreement.rules import AgreementView, Terms, faults, to_json, view_of


@action("agreement.agree")
def agree(
    *, actor: Actor, client_id: UUID, terms: Terms, valid_from: datetime | None = None, reason: str = ""
) -> AgreementView:
    """Record a new version of what is agreed with a client; earlier versions stay as they were.

    Args:
        actor: who records it.
        client_id: with whom.
        terms: all terms; a version is whole.
        valid_from: when it begins to hold; None for now.
        reason: why it changed.

    Raises:
        BadInput: the terms cannot be saved; `.errors` says why by field. No contact who answers out of hours is one
            of the reasons (RELIABILITY 4.1, escalation invariant 7).
    """
    wrong = faults(terms, queries.bounds())
    if wrong:
        raise BadInput("The agreement was not saved. " + " ".join(wrong.values()), errors=wrong, code="terms")
    now = timezone.now()
    row = Agreement.objects.create(
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
    return view_of(terms, client_id=client_id, version_id=row.id, valid_from=row.valid_from)
