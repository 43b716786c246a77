"""Pages of the register of inspection findings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from overread.foundation.registers.dues import first_day, is_late, still_to_do
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Register
from overread.governance.findings import actions, queries, rules
from overread.governance.findings.rules import FIELDS


def _late(entry: Entry, at: datetime) -> bool:
    return is_late(queries.dues(entry), at)


def _head(entries: Sequence[Entry], at: datetime) -> tuple[str, str]:
    still = [e for e in entries if not e["closed_on"]]
    late = sum(_late(e, at) for e in still)
    sentence = "A finding is closed by somebody else than its owner, who looked at the evidence."
    if late:
        return f"{late} finding{'s are' if late > 1 else ' is'} overdue", sentence
    if still:
        return f"{len(still)} of {len(entries)} findings {'are' if len(still) > 1 else 'is'} open, in time", sentence
    return (f"All {len(entries)} findings are closed" if entries else "No finding is written down"), sentence


def _mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    if entry["closed_on"]:
        return "ok", "closed"
    if _late(entry, at):
        return "crit", "overdue"
    return ("info", "done, to be closed") if entry["done_on"] else ("warn", "open")


def _preset(_request: HttpRequest) -> Mapping[str, Any]:
    return {"body": "Care Quality Commission"}


def _entry_context(_request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    return {"still": still_to_do(queries.dues(entry), rules.DUTIES)}


REGISTER = Register(
    name="findings",
    one="finding",
    several="inspection findings",
    prefix="F",
    fields=FIELDS,
    read=queries.findings,
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
        "No finding is written down yet",
        "Good looks like every point of every past inspection, in your own words, with what was done about it and where "
        "anybody can see that it stays done. The next inspector asks about these first.",
    ),
    icon="clipboard-check",
    preset=_preset,
    entry_template="findings/entry.html",
    entry_context=_entry_context,
)
