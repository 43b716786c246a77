"""Verbs of incidents."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.registers import dues, writing
from overread.foundation.registers.closing import closing_faults
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.rules import whole
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.unit import current_unit
from overread.governance.incidents import queries, rules
from overread.governance.incidents.models import Incident
from overread.governance.incidents.rules import FIELDS

SILENCE_ID = uuid5(UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "overread:incidents.silence")


def _title(entry: Entry) -> str:
    return f"I-{entry.number} {entry['title']}"


def _keep(actor: Actor, entries: Iterable[Entry], key: UUID | None = None) -> None:
    dues.keep(actor, tuple(rules.DUTIES), entries, queries.dues, lambda _kind, e: e["owner"], _title, key)
    ends = end_of_day(queries.silence_ends(queries.incidents()))
    silence = WantedDuty(SILENCE_ID, None, "No near miss was reported for long: ask everybody", ends)
    clock.keep_duties(actor=actor, kind=rules.SILENCE, wanted=[silence])


@action("incidents.record")
def record(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write an incident, or a version of one; all that must be done about it becomes duties.

    Raises:
        BadInput: a value cannot be taken, something is still open at its end, or its closer is concerned.
        NotFound, Conflict: see foundation/registers/writing.py.
    """

    def faults(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, str]:
        return rules.faults(after) | closing_faults(before, after, actor, never=("involved",))

    entry = writing.add_judged(
        Incident, FIELDS, faults, actor=actor, values=values, key=key, why=why, valid_from=valid_from, seen=seen
    )
    _keep(actor, [entry], entry.key)
    return entry.key


@action("incidents.report")
def report(
    *,
    actor: Actor,
    kind: str,
    title: str,
    what: str,
    happened_at: datetime,
    category: str,
    harm: str,
    case_number: str = "",
    at_once: str = "",
    involved: UUID | None = None,
) -> UUID:
    """Report an incident in a few words; anybody who works here may (REQ-18). The rest is asked later.

    Raises:
        BadInput: a value cannot be taken.
    """
    given = {
        "kind": kind,
        "title": title,
        "what": what,
        "happened_at": happened_at,
        "category": category,
        "harm": harm,
        "case_number": case_number,
        "at_once": at_once,
        "involved": involved,
        "reported_at": current_unit().at,
        "reporter": actor.person_id,
        "distress": rules.NO_HARM,
        "never_event": rules.OPEN,
        "notifiable": rules.OPEN,
    }
    key = record(actor=actor, values=whole(FIELDS, given))
    note(subject=("incident", key), words="reported", facts={"kind": kind})
    return key


@action("incidents.arrange")
def arrange(*, actor: Actor) -> None:
    """Compare the duties with the register; repairs what a changed time or a missed write left behind."""
    _keep(actor, queries.incidents())
    note(subject=("register", "incidents"), words="arranged")
