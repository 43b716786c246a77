"""`opened`: the entry that says who looked at what, written before the first byte is sent."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.ledger.queries import opened_since
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor

ONCE_PER = timedelta(minutes=15)


@action("access.opened")
def _write(*, actor: Actor, kind: str, subject_id: UUID | str, client_id: UUID, case_id: UUID | None) -> None:
    note(subject=(kind, subject_id), client_id=client_id, case_id=case_id)


def opened(*, actor: Actor, kind: str, subject_id: UUID | str, client_id: UUID, case_id: UUID | None = None) -> None:
    """Record that the actor opens something, once per person, case, subject and 15 minutes.

    Args:
        actor: who looks.
        kind: "series", "report", "referral", "document", ...
        subject_id: which one.
        client_id: whose it is.
        case_id: the case it is opened for, if any.

    Raises:
        Exception: the entry could not be written; then nothing may be sent (DESIGN 3).
    """
    since = timezone.now() - ONCE_PER
    if opened_since(actor=actor.text, kind=kind, subject_id=str(subject_id), case_id=case_id, since=since):
        return
    _write(actor=actor, kind=kind, subject_id=subject_id, client_id=client_id, case_id=case_id)
