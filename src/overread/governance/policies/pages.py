"""Pages of policies."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.clock.rules import end_of_day
from overread.foundation.registers.pages import REFUSED, draw_entry, found_entry, person_of
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Computed, Register
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotFound, Refused
from overread.governance.policies import actions, queries, rules
from overread.governance.policies.forms import ReviewForm
from overread.governance.policies.rules import DRAFT, FIELDS


def _late(entries: Sequence[Entry], at: datetime) -> list[Entry]:
    return [e for e in entries if e["review_by"] and end_of_day(e["review_by"]) < at]


def _head(entries: Sequence[Entry], at: datetime) -> tuple[str, str]:
    late, drafts = len(_late(entries, at)), sum(e["state"] == DRAFT for e in entries)
    if late:
        words = f"{late} polic{'ies are' if late > 1 else 'y is'} overdue for review"
        return words, "Owner and registered manager are told every morning until it is reviewed and approved."
    if drafts:
        wait = "draft waits" if drafts == 1 else "drafts wait"
        return (
            f"{drafts} {wait} for approval",
            "Nobody approves what they wrote. Until then the edition before stays in force.",
        )
    if not entries:
        return "No policy is written down", "Without policies nobody can be held to anything."
    return f"All {len(entries)} policies are in date", "Each was approved by somebody who did not write it."


def _mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    if entry["review_by"] and end_of_day(entry["review_by"]) < at:
        return "crit", "review overdue"
    if entry["state"] == DRAFT:
        return ("warn", "draft waits") if entry["edition"] else ("warn", "not in force yet")
    return "ok", "in force"


def _shares(_request: HttpRequest, entries: Sequence[Entry]) -> Mapping[str, Any]:
    force = queries.in_force()
    readers = queries.readers(force.values())
    everyone = [one for ones in readers.values() for one in ones]
    late = [one for one in everyone if one.read_at is None and end_of_day(one.due) < timezone.now()]
    return {
        "asked": len(everyone),
        "read": sum(one.read_at is not None for one in everyone),
        "late_readers": sorted({one.person.name for one in late}),
    }


def _entry_context(request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    person = person_of(request)
    force = queries.in_force().get(entry.key)
    readers = queries.readers([force])[entry.key] if force else []
    at = timezone.now()
    drafted = entry["state"] == DRAFT
    own = Actor.person(person.id).text in queries.authors(entry.key)
    approver = person.may("governance.approve")
    approved_by = accounts.names([force["approved_by"]]) if force and force["approved_by"] else {}
    return {
        "force": force,
        "approved_by": next(iter(approved_by.values()), ""),
        "blocks": rules.printed(force["text"], queries.words) if force else (),
        "draft_blocks": rules.printed(entry["text"], queries.words) if drafted else (),
        "drafted": drafted,
        "may_approve": drafted and approver and not own,
        "own_draft": drafted and own,
        "may_propose": not drafted and force is not None and person.may("governance.manage"),
        "review_form": ReviewForm(),
        "moved": rules.moved(queries.stated(entry.key), queries.words),
        "readers": [(r, r.read_at is None and end_of_day(r.due) < at) for r in readers],
        "read_count": sum(r.read_at is not None for r in readers),
        "must_read": any(r.person.id == person.id and r.read_at is None for r in readers),
    }


REGISTER = Register(
    name="policies",
    one="policy",
    several="policies",
    prefix="P",
    fields=FIELDS,
    computed=(
        Computed(title="Edition", value=lambda e: e["edition"] or "none", css="r"),
        Computed(title="Approved on", value=lambda e: e["approved_on"], listed=False),
        Computed(title="Review by", value=lambda e: e["review_by"], listed=False),
    ),
    read=queries.policies,
    versions=queries.versions,
    record=actions.record,
    end=actions.withdraw,
    end_words="Withdraw this policy",
    see="governance.see",
    manage="governance.manage",
    label=lambda e: str(e["title"]),
    due=lambda e: e["review_by"],
    due_title="Review by",
    mark=_mark,
    head=_head,
    good=(
        "No policy is written down yet",
        "Good looks like a policy for each thing that must go right, short enough to be read, approved by somebody who did "
        "not write it, read by everybody it is about, and reviewed in time.",
    ),
    icon="journal-text",
    list_template="policies/list.html",
    list_context=_shares,
    entry_template="policies/entry.html",
    entry_context=_entry_context,
)


def _done(request: HttpRequest, key: UUID, verb: Callable[[Actor], Any], saved: str) -> HttpResponseBase:
    """Do a verb that asks for nothing more, and go back to the policy."""
    try:
        verb(Actor.person(person_of(request).id))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, saved)
    return HttpResponseRedirect(reverse("policies:entry", args=[key]))


@require_POST
@needs("governance.approve")
def approve(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Put the draft in force that was looked at."""
    entry = found_entry(REGISTER, request, key)
    seen = request.POST.get("seen", "")
    if seen != str(entry.version):
        messages.error(request, "The draft was changed meanwhile. Look at it again.")
        return HttpResponseRedirect(reverse("policies:entry", args=[key]))
    return _done(
        request, key, lambda actor: actions.approve(actor=actor, key=key, seen=entry.version), "It is in force now."
    )


@require_POST
@needs("governance.manage")
def propose(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """A policy was looked at and may stay as it is."""
    entry = found_entry(REGISTER, request, key)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return draw_entry(REGISTER, request, entry, status=REFUSED, review_form=form)
    what = form.cleaned_data["what"]
    saved = "Written. Somebody else approves it now."
    return _done(request, key, lambda actor: actions.propose(actor=actor, key=key, what=what), saved)


def _to_read(person_id: UUID) -> list[tuple[Entry, queries.Reader]]:
    force = queries.in_force()
    found = [
        (force[key], one)
        for key, readers in queries.readers(force.values()).items()
        for one in readers
        if one.person.id == person_id
    ]
    return sorted(found, key=lambda f: (f[1].read_at is not None, f[1].due, f[0].number))


@require_GET
@needs("duty.see")
def mine(request: HttpRequest) -> HttpResponse:
    """What one must have read, what is open first."""
    found = _to_read(person_of(request).id)
    lines = [(entry, one, end_of_day(one.due)) for entry, one in found]
    open_count = sum(one.read_at is None for _, one in found)
    return render(request, "policies/mine.html", {"lines": lines, "open_count": open_count})


@require_http_methods(["GET", "POST"])
@needs("duty.see")
def read(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """A policy as it is in force, for everybody in its scope; POST says that it is read and understood."""
    me = person_of(request)
    found = next(((e, one) for e, one in _to_read(me.id) if e.key == key), None)
    if found is None:
        raise NotFound
    entry, one = found
    if request.method == "POST":
        edition = request.POST.get("edition", "")
        try:
            number = int(edition) if edition.isdecimal() and len(edition) < 6 else 0
            actions.acknowledge(actor=Actor.person(me.id), key=key, edition=number)
        except Refused as refused:
            messages.error(request, refused.message)
            return HttpResponseRedirect(reverse("policies:read", args=[key]))
        messages.success(request, "Thank you. It is written down that you have read it.")
        return HttpResponseRedirect(reverse("policies:mine"))
    blocks = rules.printed(entry["text"], queries.words)
    context = {"entry": entry, "one": one, "due_at": end_of_day(one.due), "blocks": blocks}
    return render(request, "policies/read.html", context)


@require_GET
@needs("duty.see")
def duty(request: HttpRequest, subject_id: UUID) -> HttpResponseBase:
    """From a duty to read to the policy; somebody else's leads to the register."""
    me = person_of(request)
    key = queries.of_duty(subject_id, me.id)
    if key is not None:
        return HttpResponseRedirect(reverse("policies:read", args=[key]))
    if not me.may("governance.see"):
        raise NotFound
    return HttpResponseRedirect(reverse("policies:list"))
