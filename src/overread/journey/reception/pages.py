"""Pages of reception: what is held, what stands in quarantine, who was refused."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.accounts.queries import names
from overread.foundation.clients.queries import clients_by_id
from overread.foundation.work.actor import Actor
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound, Refused
from overread.journey.archive.rules import PROBLEM_WORDS, REFUSAL_WORDS
from overread.journey.reception import actions, queries
from overread.journey.reception.forms import QuarantineForm, ReleaseForm, ReturnForm
from overread.journey.reception.queries import HoldView, QuarantinedView
from overread.journey.reception.rules import (
    HOLD_WORDS,
    QUARANTINE_WORDS,
    WHAT_TO_DO,
    HoldReason,
    QuarantineReason,
)

REFUSED_WORDS = {
    "unknown-sender": "Its AE title and address are not those of a client.",
    "called-aet": "It called another AE title than ours.",
    "no-context": "It offered nothing that we take.",
    "busy": "Too many associations were open.",
    "malformed": "It did not speak DICOM.",
    "bad-token": "Its token is not known, or has ended.",
}


def _actor(request: HttpRequest) -> Actor:
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def _deciders(holds: list[HoldView]) -> dict[str, str]:
    people = {h.resolved_by: Actor.parse(h.resolved_by).person_id for h in holds if h.resolved_by}
    known = names({i for i in people.values() if i})
    return {text: known.get(i, "A person") if i else "Overread" for text, i in people.items()}


@needs("hold.resolve")
@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """Studies that wait for a decision, and below them what was decided, kept apart or refused."""
    waiting, decided = queries.held(), queries.decided_holds(20)
    apart = queries.quarantined()
    clients = clients_by_id([h.client_id for h in [*waiting, *decided]] + [q.client_id for q in apart])
    by = _deciders(decided)
    context = {
        "waiting": [(h, clients[h.client_id].name, HOLD_WORDS[HoldReason(h.reason)]) for h in waiting],
        "decided": [(h, clients[h.client_id].name, by.get(h.resolved_by, "")) for h in decided],
        "apart": [(q, clients[q.client_id].name, quarantine_words(q)) for q in apart],
        "refused": [(r, REFUSED_WORDS.get(r.reason, r.reason)) for r in queries.refusals(20)],
    }
    return render(request, "reception/held.html", context)


def _hold(hold_id: UUID) -> HoldView:
    hold = queries.hold(hold_id)
    if hold is None:
        raise NotFound
    return hold


@needs("hold.resolve")
@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """One held study with its evidence, and the two ways on: enter the client's word, or return it."""
    found = _hold(hold_id)
    opened(actor=_actor(request), kind="hold", subject_id=found.id, client_id=found.client_id)
    release, back = ReleaseForm(auto_id="release_%s"), ReturnForm(auto_id="return_%s")
    status = 200
    if request.method == "POST":
        returning = "return" in request.POST
        form: Any = (ReturnForm if returning else ReleaseForm)(
            request.POST, auto_id="return_%s" if returning else "release_%s"
        )
        done = form.is_valid() and (_returned if returning else _released)(request, found, form)
        if done:
            return redirect("reception:held")
        release, back = (release, form) if returning else (form, back)
        status = 422
    client = clients_by_id([found.client_id])[found.client_id]
    context = {
        "hold": found,
        "client": client,
        "why": HOLD_WORDS[HoldReason(found.reason)],
        "what_to_do": WHAT_TO_DO[HoldReason(found.reason)],
        "release": release,
        "back": back,
        "decided_by": _deciders([found]).get(found.resolved_by, ""),
    }
    return render(request, "reception/hold.html", context, status=status)


def _released(request: HttpRequest, found: HoldView, form: ReleaseForm) -> bool:
    given = form.cleaned_data
    try:
        actions.release_hold(
            actor=_actor(request), hold_id=found.id, evidence=given["evidence"], birth_date=given["birth_date"]
        )
    except Refused as refused:
        form.add_refusal(refused)
        return False
    messages.success(request, "The study is in the archive. It goes on to its referral.")
    return True


def _returned(request: HttpRequest, found: HoldView, form: ReturnForm) -> bool:
    try:
        actions.return_hold(actor=_actor(request), hold_id=found.id, reason=form.cleaned_data["reason"])
    except Refused as refused:
        form.add_refusal(refused)
        return False
    messages.success(request, "The study is returned. Its images are being removed from here.")
    return True


def quarantine_words(found: QuarantinedView) -> str:
    """Why an object is kept apart, with its detail in words where there are words for it."""
    return f"{QUARANTINE_WORDS[QuarantineReason(found.reason)]} {detail_words(found.detail)}".strip()


def detail_words(detail: str) -> str:
    """What was found wrong, in words; a code that has none is left out, as the reason has said the rest."""
    known = {**{str(p): w for p, w in PROBLEM_WORDS.items()}, **{str(r): w for r, w in REFUSAL_WORDS.items()}}
    return " ".join(known[part] for part in detail.split(", ") if part in known)


@needs("hold.resolve")
@require_GET
def quarantined(request: HttpRequest, quarantined_id: UUID) -> HttpResponse:
    """One object in quarantine, and what can be done with it."""
    found = queries.quarantined_object(quarantined_id)
    if found is None:
        raise NotFound
    context = {
        "object": found,
        "client": clients_by_id([found.client_id])[found.client_id],
        "why": QUARANTINE_WORDS[QuarantineReason(found.reason)],
        "detail": detail_words(found.detail),
        "may_accept": found.reason == QuarantineReason.DAMAGED and found.state == "open",
        "form": QuarantineForm(),
    }
    return render(request, "reception/quarantined.html", context)


@needs("hold.resolve")
@require_POST
def decide_quarantined(request: HttpRequest, quarantined_id: UUID) -> HttpResponse:
    """Let a damaged object in, or set an object aside."""
    actor, reason = _actor(request), request.POST.get("reason", "")
    try:
        if "accept" in request.POST:
            done = actions.accept_quarantined(actor=actor, quarantined_id=quarantined_id, reason=reason)
            messages.success(
                request,
                "The object has joined its study." if done == "accepted" else "The object waits with its held study.",
            )
        else:
            actions.discard_quarantined(actor=actor, quarantined_id=quarantined_id, reason=reason)
            messages.success(request, "The object is set aside. Its record stays.")
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("reception:quarantined", quarantined_id=quarantined_id)
    return redirect("reception:held")
