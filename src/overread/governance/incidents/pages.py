"""Pages of the register of incidents, and the form that everybody reaches from any page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from overread.foundation.accounts.doors import needs
from overread.foundation.registers.dues import first_day, is_late, moment_of
from overread.foundation.registers.pages import REFUSED, person_of
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Computed, Register
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Refused
from overread.governance.incidents import actions, queries, rules
from overread.governance.incidents.forms import ReportForm
from overread.governance.incidents.rules import DUTIES, FIELDS

STATES = {"none": "info", "low": "warn", "moderate": "urg", "severe": "crit", "fatal": "crit"}


def _late(entry: Entry, at: datetime) -> bool:
    return is_late(queries.dues(entry), at)


def _head(entries: Sequence[Entry], at: datetime) -> tuple[str, str]:
    still = [e for e in entries if not e["closed_on"]]
    late = sum(_late(e, at) for e in still)
    never = sum(e["never_event"] == rules.YES for e in entries)
    record = f"Never events: {never}. Near misses: {sum(e['kind'] == rules.NEAR_MISS for e in entries)}."
    quiet = queries.quiet_days(list(entries), timezone.localdate(at))
    if quiet:
        record += f" No near miss in {quiet} days: that is rarely true. Ask everybody."
    if late:
        return f"Something is overdue on {late} incident{'s' if late > 1 else ''}", record
    if still:
        return f"{len(still)} incident{'s are' if len(still) > 1 else ' is'} open, all in time", record
    return ("Nothing is open" if entries else "Nothing was reported"), record


def _mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    if entry["closed_on"]:
        return "ok", "closed"
    if _late(entry, at):
        return "crit", "overdue"
    return STATES[entry["harm"]], "open"


def _entry_context(request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    dues = queries.dues(entry)
    lines = sorted(((moment_of(due), DUTIES[kind]) for kind, due in dues.items()), key=lambda line: line[0])
    return {
        "still": lines,
        "candour": rules.needs_candour(entry.values),
        "never_asked": rules.asks_never_event(entry.values) and entry["never_event"] == rules.OPEN,
        "may_act": person_of(request).may("governance.manage"),
    }


REGISTER = Register(
    name="incidents",
    one="incident",
    several="incidents and near misses",
    prefix="I",
    fields=FIELDS,
    computed=(
        Computed(
            title="Duty of candour", value=lambda e: "yes" if rules.needs_candour(e.values) else "no", listed=False
        ),
    ),
    read=queries.incidents,
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
        "Nothing was reported yet",
        "Good looks like several near misses a quarter and few incidents: people who report small things early. "
        "Anybody who works here reports in three minutes, from any page.",
    ),
    icon="exclamation-diamond",
    new_url="incidents:report",
    entry_template="incidents/entry.html",
    entry_context=_entry_context,
)


@require_http_methods(["GET", "POST"])
@needs("incident.report")
def report(request: HttpRequest) -> HttpResponseBase:
    """GET and POST /incidents/report/: the three-minute form, filled from the case that one comes from."""
    person = person_of(request)
    case = str(request.GET.get("case", ""))[:40] or queries.case_of(request)
    first = {"happened_at": timezone.localtime(), "harm": rules.NO_HARM, "case_number": case}
    form = ReportForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            key = actions.report(actor=Actor.person(person.id), **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _thanks(request, key)
    status = REFUSED if form.errors else 200
    return render(request, "incidents/report.html", {"form": form, "case": case}, status=status)


def _thanks(request: HttpRequest, key: UUID) -> HttpResponseBase:
    days = queries.limits().feedback
    messages.success(request, f"Thank you. It is in the register; you hear what came of it within {days} working days.")
    if person_of(request).may("governance.see"):
        return HttpResponseRedirect(reverse("incidents:entry", args=[key]))
    return HttpResponseRedirect(reverse("incidents:report"))
