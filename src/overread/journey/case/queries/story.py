"""The story of a case: its ledger entries in words. It is shown; no decision reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from overread.foundation.accounts.queries import names
from overread.foundation.ledger.queries import EntryView, entries_for_case
from overread.foundation.work.actor import Actor
from overread.journey.case.rules import MOVES_TOLD, TOLD, Move, Words, told, verb_words

_registered: dict[str, Words] = {}

SYSTEMS = {
    "listener": "Reception",
    "reception": "Reception",
    "clock": "The clock",
    "worker": "Overread",
    "delivery": "Delivery",
    "escalation": "Escalation",
}


@dataclass(frozen=True)
class Line:
    """One line of the story: when, what, by whom, and how it looks."""

    at: datetime
    title: str
    detail: str
    by: str
    icon: str
    state: str
    level: str
    verb: str
    entry: int


def register_words(words: Mapping[str, Words]) -> None:
    """Say how the entries of later stages are told, by verb; called by site/wiring.py."""
    _registered.update(words)


def _words(entry: EntryView) -> Words:
    move = entry.facts.get("move")
    if entry.subject_type == "case" and move in set(Move):
        return MOVES_TOLD[Move(str(move))]
    known = _registered.get(entry.verb) or TOLD.get(entry.verb)
    return known or Words(verb_words(entry.verb), icon="circle", state="idle", level="rows")


def _by(actor: str, people: Mapping[UUID, str]) -> str:
    who = Actor.parse(actor)
    if who.person_id is not None:
        return people.get(who.person_id, "A person")
    return SYSTEMS.get(who.name, who.name.replace("_", " ").capitalize())


def telling(entries: list[EntryView]) -> list[Line]:
    """Ledger entries as lines, in their order; people are named."""
    actors = [Actor.parse(e.actor) for e in entries]
    people = names({a.person_id for a in actors if a.person_id})
    found = []
    for entry in entries:
        words = _words(entry)
        title, detail = told(words, entry.facts)
        found.append(
            Line(
                at=entry.at,
                title=title,
                detail=detail,
                by=_by(entry.actor, people),
                icon=words.icon,
                state=words.state,
                level=words.level,
                verb=entry.verb,
                entry=entry.id,
            )
        )
    return found


def story(case_id: UUID, client_id: UUID) -> list[Line]:
    """All that happened to a case, oldest first."""
    return telling(entries_for_case(case_id, client_id))
