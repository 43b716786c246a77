"""The verb that says in time that something runs out."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.governance.credentials.actions._versions import _watch_again
from overread.governance.credentials.events import CredentialRunsOut
from overread.governance.credentials.models import Appraisal, Dbs, Indemnity, Privilege, Registration, Revalidation
from overread.governance.credentials.queries import limits
from overread.governance.credentials.rules import months_after

LAST_DAYS = {"indemnity": "expires_on", "dbs": "renew_by", "revalidation": "due_on"}


def _last_day(what: str, row: Any) -> date | None:
    if what == "registration-check":
        return row.checked_on + limits().recheck
    if what == "appraisal":
        return months_after(row.held_on, limits().appraisal_months)
    if what == "privilege":
        return timezone.localdate(row.valid_to) if row.valid_to else None
    found: date = getattr(row, LAST_DAYS[what])
    return found


KINDS = (
    ("registration-check", Registration),
    ("privilege", Privilege),
    ("indemnity", Indemnity),
    ("dbs", Dbs),
    ("appraisal", Appraisal),
    ("revalidation", Revalidation),
)


def _found(key: UUID, at: datetime) -> tuple[str, Any] | None:
    for what, model in KINDS:
        rows = holding(model.objects.filter(key=key), at=at, known_by=at)
        if rows:
            return what, rows[0]
    return None


@action("credentials.remind")
def remind(*, actor: Actor, key: UUID, at: datetime) -> None:
    """When a reminder's deadline fires: look again, say what runs out, and set the next reminder; daily once it is over.

    Args:
        key: of the thing that runs out.
        at: when the reminder was due.
    """
    found = _found(key, at)
    last_day = _last_day(*found) if found else None
    if found is None or last_day is None:
        note(subject=("credential", key), words="ended-already")
        return
    what, row = found
    left = (last_day - timezone.localdate(at)).days
    note(subject=("credential", key), words="runs-out", facts={"what": what, "days_left": left})
    publish(CredentialRunsOut(person_id=row.person_id, key=key, what=what, days_left=left))
    _watch_again(actor, key, last_day, at)
