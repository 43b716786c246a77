"""Writes entries. Only foundation/work/action.py may call this, inside the action's transaction."""

from datetime import datetime
from uuid import UUID

from overread.foundation.ledger.models import Entry


def write(
    *,
    at: datetime,
    actor: str,
    verb: str,
    subject: tuple[str, str],
    client_id: UUID | None,
    case_id: UUID | None,
    facts: dict[str, object],
) -> UUID:
    """Add one entry and return its key.

    Args:
        at: when it was done.
        actor: "person:<id>" or "system:<name>".
        verb: the action's name, such as "report.sign".
        subject: kind and id of what it was done to.
        client_id: whose chain it belongs to; None for the provider's.
        case_id: the case whose timeline shows it, if any.
        facts: ids, field names, hashes and counts as JSON values.
    """
    entry = Entry.objects.create(
        at=at,
        actor=actor,
        verb=verb,
        subject_type=subject[0],
        subject_id=subject[1],
        client_id=client_id,
        case_id=case_id,
        facts=facts,
    )
    return entry.key
