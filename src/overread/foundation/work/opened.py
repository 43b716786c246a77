"""`opened`: the entry that says who looked at what, written before the first byte is sent."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.ledger.queries import opened_since
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor

ONCE_PER = timedelta(minutes=15)


@action("access.opened")
def _write(*, actor: Actor, kind: str, subject_id: UUID | str, client_id: UUID, case_id: UUID | None) -> None:
    note(subject=(kind, subject_id), client_id=client_id, case_id=case_id)


@action("access.frames")
def frames_sent(
    *, actor: Actor, series_uid: str, client_id: UUID, case_id: UUID | None, minute: datetime, frames: int
) -> None:
    """Record how many frames of a series the actor was sent in a minute, when the minute is over.

    That frames were sent at all is recorded by `opened` before the first of them.

    Args:
        actor: who looked.
        series_uid: at which series.
        client_id: whose it is.
        case_id: the case it was opened for, if any.
        minute: its beginning.
        frames: how many were sent; a second entry of the same minute adds to the first.
    """
    note(
        subject=("series", series_uid),
        client_id=client_id,
        case_id=case_id,
        facts={"frames": frames, "minute": minute.isoformat()},
    )


def opened(
    *,
    actor: Actor,
    kind: str,
    subject_id: UUID | str,
    client_id: UUID,
    case_id: UUID | None = None,
    since: datetime | None = None,
) -> None:
    """Record that the actor opens something, once per person, case, subject and 15 minutes.

    Args:
        actor: who looks.
        kind: "series", "report", "referral", "document", ...
        subject_id: which one.
        client_id: whose it is.
        case_id: the case it is opened for, if any.
        since: an entry since this time is enough; 15 minutes ago if None is given.

    Raises:
        Exception: the entry could not be written; then nothing may be sent (DESIGN 3).
    """
    from_then = since or timezone.now() - ONCE_PER
    if opened_since(actor=actor.text, kind=kind, subject_id=str(subject_id), case_id=case_id, since=from_then):
        return
    _write(actor=actor, kind=kind, subject_id=subject_id, client_id=client_id, case_id=case_id)
