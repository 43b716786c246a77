"""Pages of clients: who sends work, through which nodes and tokens, who signs in for them, and what is agreed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.clients import actions, queries
from overread.foundation.clients.forms import (
    KIND_WORDS,
    SCOPE_WORDS,
    ClientForm,
    NodeForm,
    SiteChangeForm,
    SiteForm,
    TokenForm,
)
from overread.foundation.clients.queries import ClientView
from overread.foundation.clients.rules import Kind, scopes_of
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotFound, Refused


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _found(client_id: UUID) -> ClientView:
    found = queries.client(client_id)
    if found is None:
        raise NotFound
    return found


def _kind_words(client: ClientView) -> str:
    return KIND_WORDS.get(Kind(client.kind), client.kind) if client.kind in set(Kind) else client.kind


@needs("client.manage")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """GET /clients/: every client with its nodes and people."""
    everybody = accounts.people_of_clients()
    nodes = queries.nodes_by_client()
    rows = [
        (one, _kind_words(one), nodes.get(one.id, 0), sum(one.id in held for held in everybody.values()))
        for one in queries.clients_all()
    ]
    silent = [one.name for one, _, count, people in rows if one.active and not (count and people)]
    return render(request, "clients/list.html", {"rows": rows, "silent": silent})


@needs("client.manage")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a client; its nodes, people and agreement come next."""
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            client_id = actions.add_client(actor=_actor(request), **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, "The client is added. Nothing is taken from it until it has a node or a token.")
            return redirect("clients:detail", client_id=client_id)
    return render(request, "clients/new.html", {"form": form}, status=422 if form.errors else 200)


def _people_of(client_id: UUID) -> list[accounts.PersonView]:
    held = accounts.people_of_clients()
    return [one for one in accounts.people() if client_id in held.get(one.id, frozenset())]


def _shown(client: ClientView) -> dict[str, Any]:
    return {
        "client": client,
        "kind": _kind_words(client),
        "nodes": [one for one in queries.peers(client.id) if one.active],
        "people": _people_of(client.id),
        "sites": _sites(client.id),
    }


def _sites(client_id: UUID) -> list[tuple[queries.SiteView, list[tuple[queries.SiteVersionView, str]], SiteChangeForm]]:
    """Each place with what it was called, by whose word, and the form to change it."""
    versions = queries.site_versions(client_id)
    actors = {v.recorded_by: Actor.parse(v.recorded_by) for held in versions.values() for v in held}
    names = accounts.names(a.person_id for a in actors.values() if a.person_id)
    who = {text: names.get(a.person_id, "somebody") if a.person_id else a.name for text, a in actors.items()}
    return [
        (
            one,
            [(v, who[v.recorded_by]) for v in versions.get(one.id, [])],
            SiteChangeForm(auto_id=f"site_{one.code}_%s", initial={"name": one.name}),
        )
        for one in queries.sites(client_id)
    ]


def _node_form(client_id: UUID, data: Any = None) -> NodeForm:
    open_ones = [(one.id, one.name) for one in queries.sites(client_id) if one.active]
    return NodeForm(open_ones, data, auto_id="node_%s")


def _draw(request: HttpRequest, client_id: UUID, status: int = 200, **more: Any) -> HttpResponse:
    client = _found(client_id)
    context = {
        **_shown(client),
        "tokens": [
            (one, ", ".join(SCOPE_WORDS[s] for s in sorted(scopes_of(one.scopes)))) for one in queries.tokens(client.id)
        ],
        "node_form": _node_form(client.id),
        "site_form": SiteForm(auto_id="site_%s"),
        "token_form": TokenForm(auto_id="token_%s"),
        **more,
    }
    return render(request, "clients/detail.html", context, status=status)


@needs("client.manage")
@require_GET
def detail(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """GET /clients/ID/: nodes, tokens, people and the way to the agreement."""
    return _draw(request, client_id)


@needs("client.manage")
@require_POST
def add_node(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """Let a DICOM node send as this client."""
    _found(client_id)
    form = _node_form(client_id, request.POST)
    if form.is_valid():
        try:
            actions.add_ae(actor=_actor(request), client_id=client_id, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, "The node may send from now on.")
            return redirect("clients:detail", client_id=client_id)
    return _draw(request, client_id, 422, node_form=form)


@needs("client.manage")
@require_POST
def refuse_node(request: HttpRequest, client_id: UUID, ae_id: UUID) -> HttpResponse:
    """Refuse a node from now on; what it sent stays."""
    if ae_id not in {one.id for one in queries.peers(client_id)}:
        raise NotFound
    actions.remove_ae(actor=_actor(request), ae_id=ae_id)
    messages.success(request, "The node is refused from now on. What it sent stays.")
    return redirect("clients:detail", client_id=client_id)


@needs("client.manage")
@require_POST
def add_site(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """Add a place from which this client's studies come."""
    _found(client_id)
    form = SiteForm(request.POST, auto_id="site_%s")
    if form.is_valid():
        try:
            actions.add_site(actor=_actor(request), client_id=client_id, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, "The site is added.")
            return redirect("clients:detail", client_id=client_id)
    return _draw(request, client_id, 422, site_form=form)


@needs("client.manage")
@require_POST
def site(request: HttpRequest, client_id: UUID, site_id: UUID) -> HttpResponse:
    """Call a place otherwise, close it, or take work from it again; each with its reason."""
    if site_id not in {one.id for one in queries.sites(client_id)}:
        raise NotFound
    given: dict[str, Any] = {
        "actor": _actor(request),
        "client_id": client_id,
        "site_id": site_id,
        "why": request.POST.get("why", ""),
    }
    try:
        if request.POST.get("do") == "close":
            actions.close_site(**given)
        elif request.POST.get("do") == "reopen":
            actions.reopen_site(**given)
        else:
            actions.rename_site(**given, name=request.POST.get("name", ""))
    except BadInput as refused:
        said = " ".join(refused.errors.values()) or refused.message
        return _draw(request, client_id, 422, site_fault=said)
    messages.success(request, "The site is changed. What it was before stays on record.")
    return redirect("clients:detail", client_id=client_id)


@never_cache
@needs("client.manage")
@require_POST
def make_token(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """Make a token; it is shown on this answer and never again."""
    _found(client_id)
    form = TokenForm(request.POST, auto_id="token_%s")
    if not form.is_valid():
        return _draw(request, client_id, 422, token_form=form)
    given = form.cleaned_data
    made = actions.make_token(
        actor=_actor(request), client_id=client_id, scopes=tuple(given["scopes"]), name=given["name"]
    )
    return _draw(request, client_id, made=made)


@needs("client.manage")
@require_POST
def end_token(request: HttpRequest, client_id: UUID, token_id: UUID) -> HttpResponse:
    """End a token at once."""
    if token_id not in {one.id for one in queries.tokens(client_id)}:
        raise NotFound
    actions.revoke_token(actor=_actor(request), token_id=token_id)
    messages.success(request, "The token has ended. A machine that uses it is refused.")
    return redirect("clients:detail", client_id=client_id)


@needs("client.manage")
@require_POST
def standing(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """Stop taking work from a client, or take it again."""
    client = _found(client_id)
    if client.active:
        actions.close_client(actor=_actor(request), client_id=client_id)
        messages.success(request, "Nothing more is taken from this client. All that it sent stays.")
    else:
        actions.reopen_client(actor=_actor(request), client_id=client_id)
        messages.success(request, "Work is taken from this client again.")
    return redirect("clients:detail", client_id=client_id)


@needs("organisation.see")
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """GET /organisation/: for a client's administrator, who signs in for it and what may send in its name; read only."""
    allowed = request.person_view.client_ids  # type: ignore[attr-defined]
    mine = [one for one in queries.clients_active() if one.id in allowed]
    return render(request, "clients/own.html", {"clients": [_shown(one) for one in mine]})
