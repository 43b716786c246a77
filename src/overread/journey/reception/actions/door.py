"""What happens at the door: associations that ended, and callers that were refused."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from overread.foundation.thresholds import current
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.journey.reception.models import Refusal


@action("reception.record_association")
def record_association(
    *, actor: Actor, client_id: UUID, receipt_id: str, sender_id: str, facts: dict[str, Any]
) -> None:
    """One finished association, request or upload of a known sender, with its counts and hashes.

    Args:
        actor: the listener.
        client_id: whose sender.
        receipt_id: names the association.
        sender_id: the peer's or token's id.
        facts: counts, times, hashes, how it ended; no names.
    """
    note(subject=("association", receipt_id), client_id=client_id, facts={**facts, "sender": sender_id})


@action("reception.record_refusal")
def record_refusal(*, actor: Actor, calling_aet: str, address: str, reason: str, at: datetime | None = None) -> None:
    """A caller was refused. Repeats within an hour raise a count instead of filling the list.

    More than a threshold of different callers in an hour are counted under one line, so that a scan fills nothing.

    Args:
        actor: the listener.
        calling_aet: as the caller names itself; not trusted.
        address: where it calls from.
        reason: unknown-sender, called-aet, no-context, busy, malformed, bad-token ...
        at: when; None for now.
    """
    at = at or timezone.now()
    hour = at.replace(minute=0, second=0, microsecond=0)
    name = "".join(c for c in calling_aet if c.isprintable())[:64]
    who = {"hour": hour, "calling_aet": name, "address": address[:64], "reason": reason[:40]}
    again = Refusal.objects.filter(**who).update(count=F("count") + 1, last_at=at)
    if not again:
        if Refusal.objects.filter(hour=hour).count() >= current.whole("reception.senders_an_hour"):
            who |= {"calling_aet": "", "address": "others"}
        row, new = Refusal.objects.get_or_create(**who, defaults={"first_at": at, "last_at": at})
        if not new:
            Refusal.objects.filter(id=row.id).update(count=F("count") + 1, last_at=at)
    note(subject=("refusal", reason[:40]), words="again" if again else "first")
