"""Pages of the register of complaints."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from overread.foundation.clock.queries import working_day_after
from overread.foundation.registers.dues import first_day, is_late, still_to_do
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Computed, Register
from overread.governance.complaints import actions, queries, rules
from overread.governance.complaints.rules import FIELDS


def _late(entry: Entry, at: datetime) -> bool:
    return is_late(queries.dues(entry), at)


def _head(entries: Sequence[Entry], at: datetime) -> tuple[str, str]:
    still = [e for e in entries if not e["closed_on"]]
    late = sum(_late(e, at) for e in still)
    times = queries.limits()
    rhythm = (
        f"Acknowledged within {times.acknowledge} working days, answered within {times.private_reply} for private care."
    )
    if late:
        return f"Something is overdue on {late} complaint{'s' if late > 1 else ''}", rhythm
    if still:
        return f"{len(still)} complaint{'s are' if len(still) > 1 else ' is'} open, all in time", rhythm
    return (f"All {len(entries)} complaints are closed" if entries else "No complaint was received"), rhythm


def _mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    if entry["closed_on"]:
        return "ok", "closed"
    if _late(entry, at):
        return "crit", "overdue"
    return "warn", "open"


def _preset(request: HttpRequest) -> Mapping[str, Any]:
    return {"received_on": timezone.localdate(), "case_number": str(request.GET.get("case", ""))[:40]}


def _entry_context(_request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    return {"still": still_to_do(queries.dues(entry), rules.DUTIES)}


REGISTER = Register(
    name="complaints",
    one="complaint",
    several="complaints",
    prefix="C",
    fields=FIELDS,
    computed=(
        Computed(
            title="Reply by",
            value=lambda e: rules.reply_by(e.values, queries.limits(), working_day_after),
            listed=False,
        ),
        Computed(title="Who is not content turns to", value=lambda e: rules.next_stage(e.values), listed=False),
    ),
    read=queries.complaints,
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
        "No complaint was received",
        "Good looks like complaints that are easy to make, acknowledged within three working days, and each with what was "
        "learned. No complaint at all over a year is also stated to the inspector, with this register as evidence.",
    ),
    icon="chat-left-text",
    preset=_preset,
    entry_template="complaints/entry.html",
    entry_context=_entry_context,
)
