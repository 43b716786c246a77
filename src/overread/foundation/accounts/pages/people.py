"""People and their roles, for the registered manager."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from overread.foundation.accounts import actions, queries, sessions
from overread.foundation.accounts.doors import needs
from overread.foundation.accounts.entitlement import active_clients
from overread.foundation.accounts.forms import GrantForm, InviteForm
from overread.foundation.accounts.rules import NewLink
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotFound, Refused


def _actor(request: HttpRequest) -> Actor:
    return sessions.own_actor(request)


def _client_choices() -> list[tuple[str, str]]:
    return [(str(client_id), f"{name} ({code})") for client_id, code, name in active_clients()]


def _client_words() -> dict[UUID, str]:
    return {client_id: name for client_id, _, name in active_clients()}


@needs("people.manage")
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody who can sign in, and their roles."""
    everybody = [(p, queries.has_second_factor(p.id)) for p in queries.people()]
    waiting = sum(1 for p, ready in everybody if p.active and not ready)
    without = sum(1 for p, _ in everybody if p.active and not p.roles)
    context = {
        "people": everybody,
        "waiting": waiting,
        "without": without,
        "active": sum(p.active for p, _ in everybody),
    }
    return render(request, "accounts/people.html", context)


@never_cache
@needs("people.manage")
def invite(request: HttpRequest) -> HttpResponseBase:
    """Make an account with its first role, and the link that opens it, shown once."""
    form = InviteForm(request.POST or None, clients=_client_choices())
    if request.method == "POST" and form.is_valid():
        try:
            person_id, link = _invited(request, form)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _show_link(request, person_id, link)
    return render(request, "accounts/invite.html", {"form": form})


def _invited(request: HttpRequest, form: InviteForm) -> tuple[UUID, NewLink]:
    values = form.cleaned_data
    client_id = UUID(values["client"]) if values["client"] else None
    person_id, link = actions.invite(
        actor=_actor(request),
        email=values["email"],
        full_name=values["full_name"],
        role=values["role"],
        client_id=client_id,
    )
    return person_id, link


def _show_link(request: HttpRequest, person_id: UUID, link: NewLink) -> HttpResponseBase:
    address = f"{settings.OVERREAD_URL}{link.path}"
    context = {"person": queries.person(person_id), "address": address, "expires_at": link.expires_at}
    return render(request, "accounts/link.html", context)


@needs("people.manage")
def person(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """One person: roles, ways to sign in, sessions."""
    return _draw(request, person_id)


def _draw(request: HttpRequest, person_id: UUID, form: GrantForm | None = None) -> HttpResponseBase:
    view = queries.person(person_id)
    if view is None:
        raise NotFound()
    clients = _client_words()
    grants = [
        (g, clients.get(g.client_id, "a closed client") if g.client_id else "") for g in queries.grants_of(person_id)
    ]
    context = {
        "person": view,
        "grants": grants,
        "factors": queries.factors_of(person_id),
        "sessions": queries.sessions_of(person_id, timezone.now()),
        "own": person_id == request.user.pk,
        "form": form or GrantForm(clients=_client_choices()),
    }
    return render(request, "accounts/person.html", context)


def _back(request: HttpRequest, person_id: UUID, saved: str = "", refused: str = "") -> HttpResponseRedirect:
    if saved:
        messages.success(request, saved)
    if refused:
        messages.error(request, refused)
    return HttpResponseRedirect(reverse("accounts:person", args=[person_id]))


@require_POST
@needs("people.manage")
def grant(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """Give a role."""
    form = GrantForm(request.POST, clients=_client_choices())
    if not form.is_valid():
        return _draw(request, person_id, form)
    client_id = UUID(form.cleaned_data["client"]) if form.cleaned_data["client"] else None
    try:
        actions.grant_role(
            actor=_actor(request), person_id=person_id, role=form.cleaned_data["role"], client_id=client_id
        )
    except Refused as refused:
        form.add_refusal(refused)
        return _draw(request, person_id, form)
    return _back(request, person_id, "The role is given. It counts from the next click.")


@require_POST
@needs("people.manage")
def revoke(request: HttpRequest, person_id: UUID, grant_id: UUID) -> HttpResponseBase:
    """Take a role."""
    try:
        actions.revoke_role(actor=_actor(request), grant_id=grant_id)
    except Refused as refused:
        return _back(request, person_id, refused=refused.message)
    return _back(request, person_id, "The role is taken. The next click is without it.")


@require_POST
@needs("people.manage")
def standing(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """Close an account, or open it again."""
    closing = request.POST.get("to") == "closed"
    try:
        if closing:
            actions.deactivate(actor=_actor(request), person_id=person_id)
        else:
            actions.reactivate(actor=_actor(request), person_id=person_id)
    except Refused as refused:
        return _back(request, person_id, refused=refused.message)
    return _back(
        request, person_id, "The account is closed and signed out everywhere." if closing else "The account is open."
    )


@require_POST
@never_cache
@needs("people.manage")
def link(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """A new link: for a first sign-in that was not finished, or when all ways to sign in are lost."""
    try:
        made = actions.make_enrolment_link(actor=_actor(request), person_id=person_id)
    except Refused as refused:
        return _back(request, person_id, refused=refused.message)
    return _show_link(request, person_id, made)
