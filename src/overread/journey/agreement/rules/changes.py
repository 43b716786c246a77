"""What a change of an agreement says in words, what speaks against it, and what should make its approver look twice. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Final

from overread.journey.agreement.rules.terms import (
    MODALITY_WORDS,
    PRIORITIES,
    READ_TYPE_WORDS,
    AgreementView,
    Contact,
    Peer,
    ReadType,
    Terms,
    minutes_words,
)

CHANNEL_WORDS: Final = {"portal": "Portal", "dicom": "DICOM node"}
REACHED_BY: Final = {"phone": "telephone", "email": "e-mail", "sms": "text message"}
NATION_WORDS: Final = {
    "england": "England",
    "scotland": "Scotland",
    "wales": "Wales",
    "northern-ireland": "Northern Ireland",
}


class Outcome(StrEnum):
    """What became of a proposed change; it waits while it has none."""

    APPROVED = "approved"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Difference:
    """One term that a change would alter: its name, and the words before and after ("" where there is nothing)."""

    title: str
    before: str
    after: str


def reached(contact: Contact) -> str:
    """How a contact is reached: "telephone 01632 960001"."""
    return f"{REACHED_BY.get(contact.channel, contact.channel)} {contact.address}"


def peer_words(peer: Peer | None) -> str:
    """A DICOM node in one line, "" for none."""
    if peer is None:
        return ""
    return f"{peer.aet}, {peer.host}, port {peer.port}{', TLS' if peer.tls else ''}"


def kind_words(kind: str) -> str:
    """The words of a read type or modality for which other times may be agreed."""
    return READ_TYPE_WORDS[ReadType(kind)] if kind in set(ReadType) else MODALITY_WORDS.get(kind, kind)


def contact_words(contact: Contact) -> str:
    """A contact in one line."""
    parts = [contact.name, contact.role, reached(contact), "day and night" if contact.out_of_hours else "in hours"]
    return ", ".join(part for part in (*parts, "signs in" if contact.person_id else "") if part)


def _rung_words(terms: Terms) -> tuple[str, ...]:
    names = {c.id: c.name for c in terms.contacts}
    return tuple(
        f"{place}. {names.get(rung.contact_id, 'nobody')}, then waits {rung.wait_minutes} min"
        for place, rung in enumerate(sorted(terms.ladder, key=lambda r: r.order), 1)
    )


def _one_line_each(terms: Terms) -> dict[str, tuple[str, str]]:
    """The terms that are one value, in words: name -> (title, words)."""
    recall = minutes_words(terms.recall_seconds / 60) if terms.recall_seconds else "at once"
    return {
        "read_types": ("Kinds of work", ", ".join(kind_words(t) for t in terms.read_types)),
        "modalities": ("Examinations", ", ".join(MODALITY_WORDS.get(m, m) for m in terms.modalities)),
        "adult_age": ("Patients", f"from {terms.adult_age} years"),
        "preliminary": ("Preliminary reports", "agreed" if terms.preliminary else "not agreed"),
        "channels": ("Reports go to", ", ".join(CHANNEL_WORDS.get(c, c) for c in terms.channels)),
        "dicom_peer": ("DICOM node", peer_words(terms.dicom_peer)),
        "recall_seconds": ("Recalled within", recall),
        "quiet_seconds": ("A study is whole after", f"{terms.quiet_seconds} s without an image"),
        "nation": ("Bank holidays of", NATION_WORDS.get(terms.nation, terms.nation)),
        "timezone": ("Time zone", terms.timezone),
        "retention_years": ("Images are kept", f"{terms.retention_years} years"),
    }


def _times(before: Terms, after: Terms) -> Iterator[Difference]:
    for priority in PRIORITIES:
        old, new = before.priorities.get(priority), after.priorities.get(priority)
        if old != new:
            yield Difference(priority.capitalize(), minutes_words(old or 0), minutes_words(new or 0))
    for kind in sorted({*before.other_times, *after.other_times}):
        mine, theirs = before.other_times.get(kind, {}), after.other_times.get(kind, {})
        if mine != theirs:
            yield Difference(f"Times of {kind_words(kind)}", times_words(mine), times_words(theirs))


def times_words(table: dict[str, int]) -> str:
    """A table of minutes by priority in one line."""
    return ", ".join(f"{p} {minutes_words(table[p])}" for p in PRIORITIES if p in table)


def _people(before: Terms, after: Terms) -> Iterator[Difference]:
    old, new = {c.id: c for c in before.contacts}, {c.id: c for c in after.contacts}
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            named = new.get(key) or old[key]
            words = [contact_words(one) if one else "" for one in (old.get(key), new.get(key))]
            yield Difference(f"Contact {named.name}", *words)
    if _rung_words(before) != _rung_words(after):
        yield Difference("Ladder of an alert", "; ".join(_rung_words(before)), "; ".join(_rung_words(after)))


def _pauses(before: Terms, after: Terms) -> Iterator[Difference]:
    for code in dict.fromkeys([*before.pause_codes, *after.pause_codes]):
        old, new = before.pause_codes.get(code, ""), after.pause_codes.get(code, "")
        if old != new:
            yield Difference("The clock stands still when", old, new)


def differences(before: Terms, after: Terms) -> tuple[Difference, ...]:
    """What a change alters, term by term, in the order of the page; nothing when both say the same."""
    old, new = _one_line_each(before), _one_line_each(after)
    lines = tuple(Difference(old[name][0], old[name][1], new[name][1]) for name in old if old[name] != new[name])
    return (*_people(before, after), *_times(before, after), *lines, *_pauses(before, after))


def terms_of(view: AgreementView) -> Terms:
    """The terms of a version without its version."""
    return Terms(**{f.name: getattr(view, f.name) for f in fields(Terms)})


def warnings(terms: Terms) -> tuple[str, ...]:
    """What may be saved and should still make people look twice: a ladder that does not end at a person who answers."""
    people = {c.id: c for c in terms.contacts}
    ladder = sorted(terms.ladder, key=lambda r: r.order)
    found = [people[r.contact_id] for r in ladder if r.contact_id in people]
    if not found:
        return ()
    last, said = found[-1], []
    if last.channel != "phone" and last.person_id is None:
        said.append(
            f"The ladder does not end at a person: the last rung is {reached(last)}, which nobody need read. End it at "
            "somebody who signs in or at a telephone that somebody answers."
        )
    if not last.out_of_hours:
        said.append(f"The last rung, {last.name}, does not answer at night; an alert then comes back to the provider.")
    if not any(one.out_of_hours for one in found):
        said.append("No rung of the ladder answers at night; the contact who does is not on it.")
    return tuple(said)


def start_fault(starts_at: datetime | None, now: datetime) -> str:
    """What is wrong with the moment from which a change shall hold, or "". None is the moment of its approval.

    A change never begins in the past: cases were received, and clocks started, by what held then.
    """
    if starts_at is not None and starts_at < now:
        return "A change cannot hold from a day that has passed: what was received then has its times."
    return ""


def approval_fault(*, author: str, approver: str, outcome: str, moved: bool) -> str:
    """Why a change cannot be put in force, or "".

    Args:
        author, approver: as rows write them.
        outcome: what became of it already.
        moved: the version that its author compared it with holds no more.
    """
    if outcome:
        return "This change was decided already."
    if author == approver:
        return "Nobody approves what they proposed themselves. Ask somebody else who may approve."
    if moved:
        return "Another version came into force meanwhile. Send this back, so that it is compared with what holds now."
    return ""
