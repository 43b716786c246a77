"""Verbs of actions that improve the service."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.registers import dues, writing
from overread.foundation.registers.closing import closing_faults
from overread.foundation.registers.reading import Entry
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.governance.improvements import queries, rules
from overread.governance.improvements.models import Improvement
from overread.governance.improvements.rules import FIELDS


def _owner(kind: str, entry: Entry) -> UUID | None:
    owner: UUID | None = entry["owner"]
    return owner if kind == rules.DO else None


def _title(entry: Entry) -> str:
    return f"A-{entry.number} {entry['title']}"


def _keep(actor: Actor, entries: Iterable[Entry], key: UUID | None = None) -> None:
    dues.keep(actor, tuple(rules.DUTIES), entries, queries.dues, _owner, _title, key)


@action("improvements.record")
def record(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write an action, or a version of one; all that must be done about it becomes duties.

    Raises:
        BadInput: a value cannot be taken, or it may not be closed like this.
        NotFound, Conflict: see foundation/registers/writing.py.
    """

    def faults(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, str]:
        return rules.faults(after, queries.effect_from()) | closing_faults(before, after, actor, never=("owner",))

    entry = writing.add_judged(
        Improvement, FIELDS, faults, actor=actor, values=values, key=key, why=why, valid_from=valid_from, seen=seen
    )
    _keep(actor, [entry], entry.key)
    return entry.key


@action("improvements.arrange")
def arrange(*, actor: Actor) -> None:
    """Compare the duties with the register; repairs what a changed time or a missed write left behind."""
    _keep(actor, queries.improvements())
    note(subject=("register", "improvements"), words="arranged")
