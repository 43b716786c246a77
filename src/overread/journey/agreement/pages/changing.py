"""Changing an agreement: the form, the difference that is looked at before it is asked for, and the decision of another."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotFound, Refused
from overread.journey.agreement import actions, queries
from overread.journey.agreement.forms import AnswerForm, TermsForm
from overread.journey.agreement.pages._shown import found_client, person_of, shown, who
from overread.journey.agreement.queries import ProposalView
from overread.journey.agreement.rules import Terms, differences, faults, terms_of, to_json, warnings


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _signs_in(client_id: UUID) -> list[tuple[UUID, str]]:
    held = accounts.people_of_clients()
    return [(one.id, one.full_name) for one in accounts.people() if client_id in held.get(one.id, frozenset())]


def _digest(form: TermsForm) -> str:
    said = {"terms": to_json(form.terms()), "from": str(form.cleaned_data["starts_on"])}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _base(request: HttpRequest, client_id: UUID) -> Terms:
    """The terms from which the form starts: those that hold, or an older version that shall hold again."""
    wanted = request.GET.get("like", "")
    if wanted:
        try:
            older = queries.version(client_id, UUID(wanted))
        except ValueError:
            older = None
        if older is None:
            raise NotFound
        return terms_of(older)
    return terms_of(queries.terms_for(client_id))


@require_http_methods(["GET", "POST"])
@needs("agreement.write")
def change(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """The terms as a form; the difference is shown first, and only what was looked at is asked for."""
    client = found_client(request, client_id)
    form = TermsForm(_base(request, client_id), _signs_in(client_id), request.POST or None)
    context: dict[str, Any] = {"client": client, "form": form, "waits": queries.waiting(client_id)}
    if request.method == "POST" and form.is_valid():
        made = _asked(request, client_id, form, context)
        if made is not None:
            messages.success(request, "The change waits for another person's approval. What is agreed has not changed.")
            return redirect("agreement:proposal", key=made)
    return render(request, "agreement/change.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest, client_id: UUID, form: TermsForm, context: dict[str, Any]) -> UUID | None:
    """Ask for the change when its difference was looked at; else show the difference. The proposal, or None."""
    terms, held = form.terms(), queries.agreement_for(client_id)
    wrong = faults(terms, queries.bounds())
    if wrong:
        form.add_refusal(BadInput(" ".join(wrong.values()), errors=wrong))
        return None
    digest = _digest(form)
    if "ask" in request.POST and form.cleaned_data["seen"] == digest:
        said = {"terms": terms, "reason": form.cleaned_data["reason"], "starts_at": form.starts_at()}
        try:
            return actions.propose(actor=_actor(request), client_id=client_id, **said)
        except Refused as refused:
            form.add_refusal(refused)
            return None
    context |= {
        "looked": True,
        "digest": digest,
        "moved": "ask" in request.POST,
        "changes": differences(held or queries.defaults(), terms),
        "warnings": warnings(terms),
    }
    return None


def _found(request: HttpRequest, key: UUID) -> ProposalView:
    found = queries.proposal(key)
    if found is None or found.client_id not in person_of(request).client_ids:
        raise NotFound
    return found


def _draw(request: HttpRequest, found: ProposalView, form: AnswerForm, status: int = 200) -> HttpResponse:
    person, held = person_of(request), queries.agreement_for(found.client_id)
    names = who([found.proposed_by, found.decided_by])
    mine = found.proposed_by == _actor(request).text
    moved = not found.outcome and (held.version_id if held else None) != found.based_on
    base = queries.version(found.client_id, found.based_on) if found.based_on else None
    context = {
        "client": found_client(request, found.client_id),
        "change": found,
        "changes": differences(base or queries.defaults(), found.terms),
        "warnings": warnings(found.terms),
        "author": names[found.proposed_by],
        "decider": names.get(found.decided_by, ""),
        "mine": mine,
        "moved": moved,
        "may_approve": person.may("agreement.approve") and not mine and not found.outcome,
        "answer_form": form,
        **shown(found.terms),
    }
    return render(request, "agreement/proposal.html", context, status=status)


@require_GET
@needs("agreement.see")
def proposal(request: HttpRequest, key: UUID) -> HttpResponse:
    """GET /agreements/changes/ID/: what a change alters, why, from when, and what became of it."""
    return _draw(request, _found(request, key), AnswerForm())


@require_POST
@needs("agreement.approve")
def approve(request: HttpRequest, key: UUID) -> HttpResponse:
    """Put the change in force."""
    found = _found(request, key)
    actions.approve(actor=_actor(request), proposal_id=key)
    messages.success(request, "The change is in force from its day. Cases received before keep the times they had.")
    return redirect("agreement:detail", client_id=found.client_id)


@require_POST
@needs("agreement.approve")
def send_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Decline the change, with the reason."""
    found, form = _found(request, key), AnswerForm(request.POST)
    if not form.is_valid():
        return _draw(request, found, form, 422)
    actions.send_back(actor=_actor(request), proposal_id=key, answer=form.cleaned_data["answer"])
    messages.success(request, "The change is sent back. What is agreed has not changed.")
    return redirect("agreement:proposal", key=key)


@require_POST
@needs("agreement.write")
def withdraw(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take back a change of one's own."""
    found = _found(request, key)
    actions.withdraw(actor=_actor(request), proposal_id=key)
    messages.success(request, "The change is taken back. What is agreed has not changed.")
    return redirect("agreement:detail", client_id=found.client_id)
