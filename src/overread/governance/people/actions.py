"""Verbs of people's files. Nobody keeps their own."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.registers import writing
from overread.foundation.registers.documents import Document
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed, NotFound
from overread.governance.people import queries, rules
from overread.governance.people.models import Paper, Post
from overread.governance.people.rules import PAPER_FIELDS, POST_FIELDS

COMPLETE, EXPIRES, LEAVER = "people.complete", "people.expires", "people.leaver"


def _not_own(actor: Actor, *person_ids: UUID | None) -> None:
    if actor.person_id is not None and actor.person_id in person_ids:
        raise NotAllowed("Nobody keeps their own file. Ask a director or another manager.", code="own-file")


def _keepers() -> Callable[[UUID], UUID | None]:
    """Who keeps a person's file: the registered managers; the only manager's own is kept by a director."""
    managers = {p.id for p in accounts.people_with_role("registered_manager")}
    directors = [p.id for p in accounts.people_with_role("director")]

    def owner(person_id: UUID) -> UUID | None:
        if managers - {person_id}:
            return None
        return next((d for d in directors if d != person_id), None)

    return owner


def _keep(actor: Actor) -> None:
    """A file that is not whole, a paper that runs out, and an account to be closed are duties. Titles say no content."""
    every, owner = queries.files(), _keepers()
    wanted = [
        WantedDuty(
            f.person.id,
            owner(f.person.id),
            f"Staff file of {f.person.name}: {len(f.missing)} missing",
            end_of_day(queries.began(f)),
        )
        for f in every
        if f.missing
    ]
    expires = [
        WantedDuty(
            s.key, owner(f.person.id), f"Staff file of {f.person.name}: a paper runs out", end_of_day(s.expires_on)
        )
        for f in every
        for s in f.standings
        if s.key is not None and s.expires_on is not None and s.state is not rules.State.NOT_APPLICABLE
    ]
    leavers = [
        WantedDuty(f.person.id, None, f"Close the account of {f.person.name}", end_of_day(f.post["left_on"]))
        for f in every
        if f.post is not None and f.post["left_on"] is not None
    ]
    clock.keep_duties(actor=actor, kind=COMPLETE, wanted=wanted)
    clock.keep_duties(actor=actor, kind=EXPIRES, wanted=expires)
    clock.keep_duties(actor=actor, kind=LEAVER, wanted=leavers)


@action("people.record_post")
def record_post(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write what somebody is here and since when, or that they leave; the end becomes the duty to close the account.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: a value cannot be taken, or the person has a post on file already.
    """
    held = queries.post(key) if key else None
    _not_own(actor, values.get("person"), held["person"] if held else None)
    tidied = writing.taken(POST_FIELDS, values)
    faults = rules.post_faults(tidied)
    if any(p["person"] == tidied["person"] and p.key != key for p in queries.posts()):
        faults["person"] = "This person has a post on file. Change that one."
    if faults:
        raise BadInput("This cannot be taken.", errors=faults)
    options: dict[str, Any] = {"why": why, "valid_from": valid_from, "seen": seen}
    entry = writing.add_version(Post, POST_FIELDS, actor=actor, values=tidied, key=key, **options)
    _keep(actor)
    return entry.key


@action("people.record_paper")
def record_paper(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
    document: Document | None = None,
) -> UUID:
    """Write what was seen of a person's file, or a version of it (REQ-08).

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: a value cannot be taken, or it is said not to apply where it applies to everybody.
    """
    held = queries.paper(key) if key else None
    _not_own(actor, values.get("person"), held["person"] if held else None)
    tidied = writing.taken(PAPER_FIELDS, values)
    faults = rules.paper_faults(tidied)
    if faults:
        raise BadInput("This cannot be taken.", errors=faults)
    more = document.columns if document else {}
    options: dict[str, Any] = {"why": why, "valid_from": valid_from, "seen": seen}
    entry = writing.add_version(Paper, PAPER_FIELDS, actor=actor, values=tidied, key=key, **options, **more)
    _keep(actor)
    return entry.key


@action("people.withdraw_paper")
def withdraw_paper(*, actor: Actor, key: UUID, why: str) -> None:
    """Take a paper out of a file, because it was wrong or another person's; it stays readable in the history.

    Raises:
        NotFound: there is no such paper.
        NotAllowed: it is the actor's own.
        BadInput: there is no reason.
    """
    held = queries.paper(key)
    if held is None:
        raise NotFound
    _not_own(actor, held["person"])
    writing.end_entry(Paper, PAPER_FIELDS, actor=actor, key=key, why=why)
    _keep(actor)


@action("people.open_file")
def open_file(*, actor: Actor, person_id: UUID, what: str = "file") -> None:
    """Write down that somebody looks into a person's file; nothing is shown before this is written."""
    note(subject=("person", person_id), words="staff-file-opened", facts={"what": what})


@action("people.arrange")
def arrange(*, actor: Actor) -> None:
    """Compare the duties with the files: people come, go and change their roles."""
    _keep(actor)
    note(subject=("register", "people"), words="arranged")
