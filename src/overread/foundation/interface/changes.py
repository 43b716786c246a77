"""What changed for a client, in the order of its sealed ledger: nothing is missed, and nothing moves afterwards.

An entry gets its number only when every entry before it is committed and sealed (foundation/ledger/sealer.py), so a
reader that goes on from the last number it saw meets each change once, whatever was committed at the same moment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from overread.foundation.interface import rules
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.rules import Caller
from overread.foundation.ledger import queries as ledger
from overread.foundation.ledger.queries import EntryView

WINDOW = 500
GONE = (
    "This cursor is of another history: the service may have been restored from a copy. "
    "Read the lists anew, then the changes from the beginning."
)


@dataclass(frozen=True)
class Kind:
    """A kind of change.

    Attributes:
        name: such as "report.published".
        words: what it means.
        scope: the scope of the tokens that are told.
        only: which entries of the verb it is; all when left out.
        subject: kind and id of what it is about; the entry's own when left out.
    """

    name: str
    words: str
    scope: str
    only: Callable[[EntryView], bool] = lambda _: True
    subject: Callable[[EntryView], tuple[str, str]] = lambda entry: (entry.subject_type, entry.subject_id)


@dataclass(frozen=True)
class Change:
    """One change: ids and words for programs, nothing of a patient."""

    cursor: str
    at: datetime
    kind: str
    subject: str
    subject_id: str
    case_id: str
    state: str


_by_verb: dict[str, tuple[Kind, ...]] = {}
ANY = "*"
"""The verb of kinds that entries of every verb may be."""


def register(kinds: Mapping[str, Kind | tuple[Kind, ...]]) -> None:
    """Name the kinds of an area, by verb of the ledger; called by site/wiring.py."""
    for verb, found in kinds.items():
        more = found if isinstance(found, tuple) else (found,)
        _by_verb[verb] = tuple(dict.fromkeys((*_by_verb.get(verb, ()), *more)))


def kinds() -> list[Kind]:
    """Every kind, by name."""
    return sorted({one.name: one for found in _by_verb.values() for one in found}.values(), key=lambda k: k.name)


def kind_of(entry: EntryView) -> Kind | None:
    """The kind of change that an entry is, or None."""
    known = (*_by_verb.get(entry.verb, ()), *_by_verb.get(ANY, ()))
    return next((one for one in known if one.only(entry)), None)


def changes_after(caller: Caller, cursor: str, limit: int) -> tuple[list[Change], str, bool]:
    """What changed after a cursor, the cursor to go on from, and whether there is more at once.

    Raises:
        Problem: 422 it is no cursor; 409 it is of another history.
    """
    try:
        number, mark = rules.number_of(cursor or rules.START)
    except rules.BadCursor as error:
        raise Problem(422, "bad-input", "Send the `next` of the answer before, unchanged, or none.") from error
    if number and (ledger.seal_of(caller.client_id, number) or "")[: len(mark)] != mark:
        raise Problem(409, "other-history", GONE)
    found: list[Change] = []
    here = cursor or rules.START
    sealed = ledger.sealed_after(caller.client_id, number, WINDOW)
    for one in sealed:
        here = rules.place_of(one.number, one.hash)
        kind = kind_of(one.entry)
        if kind is not None and kind.scope in caller.scopes:
            found.append(_change(one.entry, kind, here))
            if len(found) == limit:
                break
    more = bool(sealed) and (here != rules.place_of(sealed[-1].number, sealed[-1].hash) or len(sealed) == WINDOW)
    return found, here, more


def _change(entry: EntryView, kind: Kind, cursor: str) -> Change:
    subject, subject_id = kind.subject(entry)
    state = str(entry.facts.get("to", "")) if "move" in entry.facts else ""
    return Change(cursor, entry.at, kind.name, subject, subject_id, str(entry.case_id or ""), state)
