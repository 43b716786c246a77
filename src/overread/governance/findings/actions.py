"""Verbs of findings."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.registers import dues, writing
from overread.foundation.registers.closing import closing_faults
from overread.foundation.registers.reading import Entry
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.governance.findings import queries, rules
from overread.governance.findings.models import Finding
from overread.governance.findings.rules import FIELDS


def _owner(kind: str, entry: Entry) -> UUID | None:
    owner: UUID | None = entry["owner"]
    return owner if kind == rules.ACT else None


def _title(entry: Entry) -> str:
    return f"F-{entry.number} {entry['title']}"


def _keep(actor: Actor, entries: Iterable[Entry], key: UUID | None = None) -> None:
    dues.keep(actor, tuple(rules.DUTIES), entries, queries.dues, _owner, _title, key)


def _closing(before: Mapping[str, Any] | None, after: Mapping[str, Any], actor: Actor, **more: Any) -> dict[str, str]:
    found = closing_faults(before, after, actor, **more)
    closer = after["closed_by"]
    if found or closer is None or (before and before["closed_by"] == closer):
        return found
    person = accounts.person(closer)
    if person is None or not person.may("governance.approve"):
        return {"closed_by": "Only a registered manager, a director or the clinical lead closes a finding."}
    return {}


@action("findings.record")
def record(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write a finding, or a version of one; all that must be done about it becomes duties.

    Raises:
        BadInput: a value cannot be taken, or it may not be closed like this.
        NotFound, Conflict: see foundation/registers/writing.py.
    """

    def faults(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, str]:
        return rules.faults(after) | _closing(before, after, actor, never=("owner",))

    entry = writing.add_judged(
        Finding, FIELDS, faults, actor=actor, values=values, key=key, why=why, valid_from=valid_from, seen=seen
    )
    _keep(actor, [entry], entry.key)
    return entry.key


@action("findings.arrange")
def arrange(*, actor: Actor) -> None:
    """Compare the duties with the register; repairs what a changed time or a missed write left behind."""
    _keep(actor, queries.findings())
    note(subject=("register", "findings"), words="arranged")
