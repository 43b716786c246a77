"""The story of a case: its ledger entries in words. It is shown; no decision reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from overread.foundation.accounts.queries import names
from overread.foundation.clients.queries import token_names
from overread.foundation.ledger.queries import EntryView, entries_about, entries_for_case
from overread.foundation.work.actor import Actor
from overread.journey.case.queries.cases import CaseView, case, studies_of
from overread.journey.case.rules import COMPLETE, COMPLETED_BY, MOVES_TOLD, TOLD, Move, Words, told, verb_words

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
    if entry.subject_type == "study" and entry.facts.get("words") == "complete":
        return COMPLETE
    move = entry.facts.get("move")
    if entry.subject_type == "case" and move in set(Move):
        return MOVES_TOLD[Move(str(move))]
    known = _registered.get(entry.verb) or TOLD.get(entry.verb)
    return known or Words(verb_words(entry.verb), icon="circle", state="idle", level="rows")


def _by(actor: str, people: Mapping[UUID, str], machines: Mapping[str, str]) -> str:
    who = Actor.parse(actor)
    if who.person_id is not None:
        return people.get(who.person_id, "A person")
    if who.name in machines:
        return f"{machines[who.name]} (its system)"
    return SYSTEMS.get(who.name, who.name.replace("_", " ").capitalize())


def _machines(names_of: Iterable[str]) -> dict[str, str]:
    """Systems of clients by their name in the ledger, with the client and what it calls the machine."""
    ids = {UUID(name.removeprefix("token-")): name for name in set(names_of) if name.startswith("token-")}
    return {ids[token_id]: words for token_id, words in token_names(ids).items()} if ids else {}


def _facts(entry: EntryView) -> dict[str, object]:
    code = str(entry.facts.get("words", ""))
    words = f"{code.replace('-', ' ').capitalize()}." if code and " " not in code else code
    return {**entry.facts, "words": words, "completed": COMPLETED_BY.get(str(entry.facts.get("by", "")), "")}


def _gathered(entries: Iterable[EntryView]) -> list[EntryView]:
    """Batches of one study that follow each other count as one entry, with their images added up."""
    found: list[EntryView] = []
    for entry in entries:
        last = found[-1] if found else None
        if last and entry.verb == last.verb == "archive.index" and entry.subject_id == last.subject_id:
            images = int(str(last.facts.get("images", 0))) + int(str(entry.facts.get("images", 0)))
            found[-1] = replace(last, at=entry.at, facts={**entry.facts, "images": images})
        else:
            found.append(entry)
    return found


def telling(entries: Iterable[EntryView]) -> list[Line]:
    """Ledger entries as lines, in their order; people are named."""
    told_of = list(entries)
    actors = [Actor.parse(e.actor) for e in told_of]
    people = names({a.person_id for a in actors if a.person_id})
    machines = _machines(a.name for a in actors if a.person_id is None)
    found = []
    for entry in told_of:
        words = _words(entry)
        title, detail = told(words, _facts(entry))
        found.append(
            Line(
                at=entry.at,
                title=title,
                detail=detail,
                by=_by(entry.actor, people, machines),
                icon=words.icon,
                state=words.state,
                level=words.level,
                verb=entry.verb,
                entry=entry.id,
            )
        )
    return found


def entries_of(case: CaseView) -> list[EntryView]:
    """Every ledger entry about a case, its studies and its referral, oldest first, each once."""
    found = {e.id: e for e in entries_for_case(case.id, case.client_id)}
    about = [("study", str(s.study_id)) for s in studies_of(case.id) if s.role == "current"]
    if case.referral_id:
        about.append(("referral", str(case.referral_id)))
    for kind, subject in about:
        found |= {e.id: e for e in entries_about(kind, subject, case.client_id) if e.case_id in (None, case.id)}
    return [found[i] for i in sorted(found)]


def story(case_id: UUID) -> list[Line]:
    """All that happened to a case in scope, oldest first; nothing when it is not in scope."""
    view = case(case_id)
    return telling(_gathered(entries_of(view))) if view else []
