"""Pages of training: the matrix, the year ahead, one person, and the register of certificates."""

from collections.abc import Mapping, Sequence
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
from overread.foundation.accounts.rules import ROLE_WORDS, Role
from overread.foundation.clock.rules import end_of_day
from overread.foundation.registers import documents
from overread.foundation.registers.pages import REFUSED, found_entry, person_of
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Computed, Register
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotFound, Refused
from overread.governance.training import actions, queries, rules
from overread.governance.training.forms import OWN, HandInForm
from overread.governance.training.rules import FIELDS, HANDED_IN, SUBJECT, SUBJECTS, Member, Share, Standing, State

STATES = {
    State.IN_DATE: "ok",
    State.SOON: "warn",
    State.EXPIRED: "crit",
    State.MISSING: "crit",
    State.HANDED_IN: "hold",
}


def _name(person_id: UUID) -> str:
    return accounts.names([person_id]).get(person_id, "somebody unknown")


def _last_day(entry: Entry) -> Any:
    return rules.last_day(entry["completed_on"], queries.limits().months[entry["subject"]])


def _mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    if entry["standing"] == HANDED_IN:
        return "hold", "to be confirmed"
    return ("ok", "holds") if _last_day(entry) >= timezone.localdate(at) else ("idle", "has run out")


def _head(entries: Sequence[Entry], at: datetime) -> tuple[str, str]:
    waiting = sum(e["standing"] == HANDED_IN for e in entries)
    if waiting:
        return (
            f"{waiting} certificate{'s wait' if waiting > 1 else ' waits'} for somebody to look",
            "Each counts only then.",
        )
    return f"{len(entries)} certificates", "Each was seen by somebody other than the person it is about."


def _entry_context(request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    person = person_of(request)
    waiting = entry["standing"] == HANDED_IN
    return {
        "document": queries.document(entry.key),
        "may_confirm": waiting and person.may("governance.manage") and person.id != entry["person"],
        "own": person.id == entry["person"],
    }


REGISTER = Register(
    name="training",
    one="certificate",
    several="certificates",
    prefix="C",
    fields=FIELDS,
    computed=(Computed(title="Holds until", value=lambda e: _last_day(e)),),
    read=queries.certificates,
    versions=queries.versions,
    record=actions.record,
    end=actions.withdraw,
    end_words="Withdraw",
    see="governance.see",
    manage="governance.manage",
    label=lambda e: f"{SUBJECT[e['subject']].title}, {_name(e['person'])}",
    mark=_mark,
    head=_head,
    may_change=lambda person, entry: person.id != entry["person"],
    good=(
        "No certificate is here yet",
        "Good looks like a certificate for everybody in everything that their role asks for, directors and administrators "
        "too. People hand in their own; somebody else looks at it.",
    ),
    icon="mortarboard",
    preset=lambda request: {
        "person": _id(request.GET.get("person", "")),
        "subject": request.GET.get("subject", ""),
        "standing": rules.CONFIRMED,
    },
    entry_template="training/certificate.html",
    entry_context=_entry_context,
)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _row(member: Member, found: Mapping[tuple[UUID, str], Standing]) -> dict[str, Any]:
    cells = []
    for subject in SUBJECTS:
        one = found.get((member.id, subject.code))
        cells.append({"subject": subject, "one": one, "state": STATES[one.state] if one else "idle"})
    own = [s for s in found.values() if s.person == member.id]
    words = ", ".join(ROLE_WORDS[Role(role)] for role in sorted(member.roles))
    return {"member": member, "roles": words, "cells": cells, "share": rules.share(own)}


def _level(share: Share) -> str:
    """The state of a share against target and floor."""
    if share.percent >= thresholds.value("training.target"):
        return "ok"
    return "warn" if share.percent >= thresholds.value("training.floor") else "crit"


def _matrix_head(found: Mapping[tuple[UUID, str], Standing], whole: Share) -> tuple[str, str]:
    today = timezone.localdate()
    lapsed = [s for s in found.values() if s.state not in rules.COUNTS and s.due < today]
    people = len({s.person for s in lapsed})
    if lapsed:
        who = "1 person is" if people == 1 else f"{people} people are"
        what = f"{len(lapsed)} training{'s' if len(lapsed) > 1 else ''}"
        return f"{who} behind in {what}", "Each has been told, and the registered manager on the day it ran out."
    if whole.held < whole.asked:
        return "Nobody is behind, and not all is done yet", "What is missing is still within the time for beginners."
    return "Everybody is in date", "Administrators and directors are in this list like everybody else."


@require_GET
@needs("governance.see")
def matrix(request: HttpRequest) -> HttpResponse:
    """Everybody of the provider by subject, and the share in date of each role."""
    members, found = queries.matrix()
    whole = rules.share(found.values())
    heading, sentence = _matrix_head(found, whole)
    roles = [(ROLE_WORDS[Role(role)], share, _level(share)) for role, share in rules.by_role(members, found).items()]
    context = {
        "heading": heading,
        "sentence": sentence,
        "subjects": SUBJECTS,
        "rows": [_row(member, found) for member in members],
        "roles": roles,
        "whole": whole,
        "whole_state": _level(whole),
        "target": thresholds.words("training.target"),
        "floor": thresholds.words("training.floor"),
        "waiting": [e for e in queries.certificates() if e["standing"] == HANDED_IN],
        "may_add": person_of(request).may("governance.manage"),
    }
    return render(request, "training/matrix.html", context)


@require_GET
@needs("governance.see")
def year(request: HttpRequest) -> HttpResponse:
    """The schedule for the year ahead: who must renew what in which month."""
    members, found = queries.matrix()
    names = {m.id: m.name for m in members}
    today = timezone.localdate()
    months = [
        (month, [(names[s.person], s, SUBJECT[s.subject].title, STATES[s.state]) for s in standings])
        for month, standings in rules.schedule(found.values(), today)
    ]
    busiest = max((len(lines) for _, lines in months), default=0)
    return render(request, "training/year.html", {"months": months, "busiest": busiest, "people": len(members)})


def _person_page(request: HttpRequest, person_id: UUID, form: HandInForm | None = None) -> HttpResponse:
    member = next((m for m in queries.members() if m.id == person_id), None)
    if member is None:
        raise NotFound
    me = person_of(request)
    standings = queries.own(person_id)
    lines = [
        {
            "one": s,
            "subject": SUBJECT[s.subject],
            "state": STATES[s.state],
            "due_at": end_of_day(s.due),
            "months": queries.limits().months[s.subject],
        }
        for s in standings
    ]
    context = {
        "member": member,
        "roles": ", ".join(ROLE_WORDS[Role(role)] for role in sorted(member.roles)),
        "lines": lines,
        "share": rules.share(standings),
        "own": me.id == person_id,
        "form": (form or HandInForm(initial={"subject": request.GET.get("subject", "")}))
        if me.id == person_id
        else None,
        "may_add": me.may("governance.manage") and me.id != person_id,
        "sees_all": me.may("governance.see"),
        "certificates": [e for e in queries.certificates() if e["person"] == person_id],
    }
    status = REFUSED if form is not None and form.errors else 200
    return render(request, "training/person.html", context, status=status)


@require_GET
@needs("governance.see")
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One person: where they stand in everything that is asked of them."""
    return _person_page(request, person_id)


@require_http_methods(["GET", "POST"])
@needs("duty.see")
def mine(request: HttpRequest) -> HttpResponseBase:
    """One's own training, and the form that hands in a certificate."""
    me = person_of(request)
    if request.method == "GET":
        return _person_page(request, me.id)
    form = HandInForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            document = documents.stored(form.cleaned_data["document"])
            values = {name: form.cleaned_data.get(name) for name in OWN}
            actions.hand_in(actor=Actor.person(me.id), values=values, document=document)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, "Handed in. It counts as soon as somebody has looked at it.")
            return HttpResponseRedirect(reverse("training:mine"))
    return _person_page(request, me.id, form)


@require_GET
@needs("duty.see")
def duty(request: HttpRequest, subject_id: UUID) -> HttpResponseBase:
    """From a duty to the page of its person; one's own is the page on which it is done."""
    person_id = queries.person_of_duty(subject_id)
    me = person_of(request)
    if person_id is None or (person_id != me.id and not me.may("governance.see")):
        raise NotFound
    own = person_id == me.id
    return HttpResponseRedirect(reverse("training:mine") if own else reverse("training:person", args=[person_id]))


@require_POST
@needs("governance.manage")
def confirm(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Somebody has seen a certificate that was handed in."""
    found_entry(REGISTER, request, key)
    try:
        actions.confirm(actor=Actor.person(person_of(request).id), key=key)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "Confirmed. It counts from now on.")
    return HttpResponseRedirect(reverse("training:entry", args=[key]))


@require_POST
@needs("governance.manage")
def attach(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Put the file to a certificate that was recorded without one."""
    entry = found_entry(REGISTER, request, key)
    try:
        document = documents.stored(request.FILES.get("document"))
        if document is None:
            messages.error(request, "Choose a file first.")
        else:
            actor = Actor.person(person_of(request).id)
            why = "The certificate's file was added"
            actions.record(actor=actor, values=entry.values, key=key, why=why, document=document)
            messages.success(request, "The file is kept.")
    except Refused as refused:
        messages.error(request, refused.message)
    return HttpResponseRedirect(reverse("training:entry", args=[key]))


@require_GET
@needs("duty.see")
def document(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The file of a certificate: for the person it is about, and for who sees the registers."""
    entry = queries.certificate(key)
    me = person_of(request)
    if entry is None or not (me.may("governance.see") or me.id == entry["person"]):
        raise NotFound
    return documents.download(queries.document(key), f"certificate-C-{entry.number}")
