"""Verbs of complaints."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.registers import dues, writing
from overread.foundation.registers.closing import closing_faults
from overread.foundation.registers.reading import Entry
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.governance.complaints import queries, rules
from overread.governance.complaints.models import Complaint
from overread.governance.complaints.rules import FIELDS


def _owner(kind: str, entry: Entry) -> UUID | None:
    owner: UUID | None = entry["owner"]
    return owner


def _title(entry: Entry) -> str:
    return f"C-{entry.number} {entry['title']}"


def _keep(actor: Actor, entries: Iterable[Entry], key: UUID | None = None) -> None:
    dues.keep(actor, tuple(rules.DUTIES), entries, queries.dues, _owner, _title, key)


@action("complaints.record")
def record(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write a complaint, or a version of one; all that must be done about it becomes duties.

    Raises:
        BadInput: a value cannot be taken, or it may not be closed like this.
        NotFound, Conflict: see foundation/registers/writing.py.
    """

    def faults(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, str]:
        return rules.faults(after) | closing_faults(before, after, actor, never=("concerns",))

    entry = writing.add_judged(
        Complaint, FIELDS, faults, actor=actor, values=values, key=key, why=why, valid_from=valid_from, seen=seen
    )
    _keep(actor, [entry], entry.key)
    return entry.key


@action("complaints.arrange")
def arrange(*, actor: Actor) -> None:
    """Compare the duties with the register; repairs what a changed time or a missed write left behind."""
    _keep(actor, queries.complaints())
    note(subject=("register", "complaints"), words="arranged")
