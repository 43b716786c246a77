"""Pages of the register of actions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from overread.foundation.registers.dues import first_day, is_late, still_to_do
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Register
from overread.governance.improvements import actions, queries, rules
from overread.governance.improvements.rules import FIELDS


def _late(entry: Entry, at: datetime) -> bool:
    return is_late(queries.dues(entry), at)


def _head(entries: Sequence[Entry], at: datetime) -> tuple[str, str]:
    still = [e for e in entries if not e["closed_on"]]
    late = sum(_late(e, at) for e in still)
    sentence = "Each action has an owner, a day, evidence, and a second look at whether it worked."
    if late:
        return f"{late} action{'s are' if late > 1 else ' is'} overdue", sentence
    if still:
        return f"{len(still)} action{'s are' if len(still) > 1 else ' is'} open, all in time", sentence
    return (f"All {len(entries)} actions are done and looked at again" if entries else "No action is open"), sentence


def _mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    if entry["closed_on"]:
        return "ok", "closed"
    if _late(entry, at):
        return "crit", "overdue"
    return ("info", "done, to be looked at") if entry["done_on"] else ("warn", "open")


def _preset(request: HttpRequest) -> Mapping[str, Any]:
    return {name: str(request.GET.get(name, ""))[:40] for name in ("about", "reference")}


def _entry_context(_request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    return {"still": still_to_do(queries.dues(entry), rules.DUTIES)}


REGISTER = Register(
    name="improvements",
    one="action",
    several="actions",
    prefix="A",
    fields=FIELDS,
    read=queries.improvements,
    versions=queries.versions,
    record=actions.record,
    see="governance.see",
    manage="governance.manage",
    label=lambda e: str(e["title"]),
    due=lambda e: first_day(queries.dues(e)),
    due_title="Next step by",
    mark=_mark,
    head=_head,
    good=(
        "No action is written down yet",
        "Good looks like a few actions that somebody owns, done by their day, and looked at again two to three months later: "
        "did they change anything?",
    ),
    icon="list-check",
    preset=_preset,
    entry_template="improvements/entry.html",
    entry_context=_entry_context,
)
