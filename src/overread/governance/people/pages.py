"""Pages of people's files: for the registered manager and directors, and for each person their own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.accounts.rules import ROLE_WORDS, Role
from overread.foundation.registers import documents
from overread.foundation.registers.pages import found_entry, person_of
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Register
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotFound, Refused
from overread.governance.people import actions, queries
from overread.governance.people.queries import File
from overread.governance.people.rules import ITEM, PAPER_FIELDS, POST_FIELDS, SEEN, State

FILE = "people.file"
STATES = {
    State.HELD: "ok",
    State.NOT_APPLICABLE: "idle",
    State.SOON: "warn",
    State.EXPIRED: "crit",
    State.MISSING: "crit",
}


def _actor(request: HttpRequest) -> Actor:
    return Actor.person(person_of(request).id)


def _name(person_id: UUID) -> str:
    return accounts.names([person_id]).get(person_id, "somebody unknown")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _head(entries: Sequence[Entry], _at: datetime) -> tuple[str, str]:
    left = sum(e["left_on"] is not None for e in entries)
    return f"{len(entries)} posts, {left} ended", "Who is or was here as what, from when to when."


def _paper_head(entries: Sequence[Entry], _at: datetime) -> tuple[str, str]:
    return f"{len(entries)} papers on file", "Each was seen by somebody other than the person it is about."


def _paper_mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    if entry["held"] != SEEN:
        return "idle", "not applicable"
    late = entry["expires_on"] is not None and entry["expires_on"] < timezone.localdate(at)
    return ("crit", "run out") if late else ("ok", "held")


def _opened(request: HttpRequest, entries: Sequence[Entry]) -> None:
    for person_id in sorted({entry["person"] for entry in entries}):
        actions.open_file(actor=_actor(request), person_id=person_id, what="papers")


def _paper_context(_request: HttpRequest, entry: Entry) -> Mapping[str, Any]:
    return {"document": queries.document(entry.key)}


POSTS = Register(
    name="posts",
    one="post",
    several="posts",
    prefix="S",
    fields=POST_FIELDS,
    read=queries.posts,
    versions=queries.post_versions,
    record=actions.record_post,
    see=FILE,
    manage=FILE,
    label=lambda e: f"{_name(e['person'])}, {e['post']}",
    head=_head,
    may_change=lambda person, entry: person.id != entry["person"],
    good=(
        "No post is on file yet",
        "Good looks like a post for everybody who holds a role, with the day they began, before the first piece of work.",
    ),
    icon="person-vcard",
    preset=lambda request: {"person": _id(request.GET.get("person", ""))},
)
PAPERS = Register(
    name="papers",
    one="paper",
    several="papers",
    prefix="F",
    fields=PAPER_FIELDS,
    read=queries.papers,
    versions=queries.paper_versions,
    record=actions.record_paper,
    end=actions.withdraw_paper,
    end_words="Withdraw",
    see=FILE,
    manage=FILE,
    label=lambda e: f"{ITEM[e['item']].title}, {_name(e['person'])}",
    due=lambda e: e["expires_on"] if e["held"] == SEEN else None,
    due_title="Holds until",
    mark=_paper_mark,
    head=_paper_head,
    may_change=lambda person, entry: person.id != entry["person"],
    good=(
        "No paper is on file yet",
        "Good looks like everything that Schedule 3 asks for, seen in the original by somebody else, before the first piece "
        "of work.",
    ),
    icon="folder2-open",
    opened=_opened,
    preset=lambda request: {
        "person": _id(request.GET.get("person", "")),
        "item": request.GET.get("item", ""),
        "held": SEEN,
        "seen_on": timezone.localdate(),
    },
    entry_template="people/paper.html",
    entry_context=_paper_context,
)


def _roles(file: File) -> str:
    return ", ".join(ROLE_WORDS[Role(role)] for role in sorted(file.person.roles))


@require_GET
@needs(FILE)
def files(request: HttpRequest) -> HttpResponse:
    """Everybody's file at a glance: how complete, and what is missing."""
    found = sorted(queries.files(), key=lambda f: (f.percent, f.person.name))
    gaps = [f for f in found if f.missing]
    context = {
        "files": [(f, _roles(f), f.missing) for f in found],
        "gaps": len(gaps),
        "left": [p for p in queries.posts() if p["left_on"]],
    }
    return render(request, "people/files.html", context)


def _draw(request: HttpRequest, person_id: UUID, *, own: bool) -> HttpResponse:
    file = queries.file(person_id)
    if file is None:
        raise NotFound
    actions.open_file(actor=_actor(request), person_id=person_id)
    me = person_of(request)
    context = {
        "file": file,
        "roles": _roles(file),
        "lines": [(s, STATES[s.state]) for s in file.standings],
        "own": own,
        "may_change": me.may(FILE) and me.id != person_id,
        "basis": dict(next(f.choices for f in POST_FIELDS if f.name == "basis")).get(
            file.post["basis"] if file.post else "", ""
        ),
    }
    return render(request, "people/file.html", context)


@require_GET
@needs(FILE)
def file(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One person's file; that it was opened is written down first."""
    return _draw(request, person_id, own=False)


@require_GET
@needs("duty.see")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own file, as others keep it."""
    return _draw(request, person_of(request).id, own=True)


@require_POST
@needs(FILE)
def attach(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Put the scan to a paper."""
    entry = found_entry(PAPERS, request, key)
    try:
        document = documents.stored(request.FILES.get("document"))
        if document is None:
            messages.error(request, "Choose a file first.")
        else:
            why = "The scan was added"
            actions.record_paper(actor=_actor(request), values=entry.values, key=key, why=why, document=document)
            messages.success(request, "The scan is kept.")
    except Refused as refused:
        messages.error(request, refused.message)
    return HttpResponseRedirect(reverse("papers:entry", args=[key]))


@require_GET
@needs(FILE)
def document(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The scan of a paper; that it was opened is written down first."""
    entry = queries.paper(key)
    if entry is None:
        raise NotFound
    actions.open_file(actor=_actor(request), person_id=entry["person"], what="scan")
    return documents.download(queries.document(key), f"paper-F-{entry.number}")
