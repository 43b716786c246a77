"""What a person's file must hold and what is missing from it (REQ-08, REQ-12; Schedule 3 of the 2014 regulations). Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from overread.foundation.registers.rules import Field, Kind


@dataclass(frozen=True)
class Item:
    """One thing that a file holds.

    Attributes:
        code, title: its name.
        roles: whose file must hold it; empty for everybody's.
        outside: whether the file of somebody who only reviews from outside must hold it too.
        optional: whether it may be not applicable, with the reason.
        expires: whether it has a last day, which must be given.
    """

    code: str
    title: str
    roles: frozenset[str] = frozenset()
    outside: bool = False
    optional: bool = False
    expires: bool = False


LEADERS = frozenset({"director", "registered_manager"})
ITEMS: Final = (
    Item("identity", "Identity with photograph", outside=True),
    Item("right_to_work", "Right to work"),
    Item("dbs", "DBS check, or why none is needed", optional=True, expires=True),
    Item("references", "Evidence of conduct in earlier health or care work", outside=True),
    Item("reason_left", "Why earlier health or care work ended", optional=True),
    Item("qualifications", "Qualifications for the work", outside=True),
    Item("history", "Full employment history, gaps explained"),
    Item("health", "Health relevant to the work"),
    Item("contract", "Contract and description of the work"),
    Item("fit_proper", "Declaration as a fit and proper person", LEADERS, expires=True),
    Item("searches", "Searches for insolvency and disqualification", LEADERS, expires=True),
)
ITEM: Final = {item.code: item for item in ITEMS}
OUTSIDE: Final = frozenset({"external_reviewer"})

BASES = (
    ("employee", "Employee"),
    ("contractor", "Contractor"),
    ("director", "Director"),
    ("external", "From outside"),
)
POST_FIELDS = (
    Field(name="person", title="Person", kind=Kind.PERSON, listed=True),
    Field(name="post", title="Post", most=120, listed=True),
    Field(name="basis", title="Basis", kind=Kind.CHOICE, choices=BASES, filtered=True, listed=True),
    Field(name="started_on", title="Began", kind=Kind.DAY, listed=True),
    Field(name="left_on", title="Left", kind=Kind.DAY, required=False, listed=True),
    Field(name="leaving", title="Why they left", kind=Kind.LONG, required=False, most=1000),
)
SEEN, NOT_APPLICABLE = "seen", "not_applicable"
PAPER_FIELDS = (
    Field(name="person", title="Person", kind=Kind.PERSON, filtered=True, listed=True),
    Field(
        name="item",
        title="What it is",
        kind=Kind.CHOICE,
        choices=tuple((item.code, item.title) for item in ITEMS),
        filtered=True,
        listed=True,
    ),
    Field(
        name="held",
        title="Held",
        kind=Kind.CHOICE,
        choices=((SEEN, "Seen, original or certified copy"), (NOT_APPLICABLE, "Not applicable")),
        help="Not applicable only where the law leaves it open; say why below.",
    ),
    Field(name="seen_on", title="Seen on", kind=Kind.DAY, past=True, listed=True),
    Field(name="detail", title="What was seen, or why it does not apply", kind=Kind.LONG, most=2000),
    Field(name="expires_on", title="Holds until", kind=Kind.DAY, required=False, listed=True),
)


class State(StrEnum):
    """Where one thing of a file stands."""

    HELD = "held"
    NOT_APPLICABLE = "not applicable"
    SOON = "runs out soon"
    EXPIRED = "run out"
    MISSING = "missing"


COMPLETE: Final = frozenset({State.HELD, State.NOT_APPLICABLE, State.SOON})


@dataclass(frozen=True)
class Paper:
    """One paper of a file as far as it counts."""

    key: UUID
    item: str
    held: str
    seen_on: date
    expires_on: date | None


@dataclass(frozen=True)
class Standing:
    """Where one thing of a person's file stands; the key is that of the paper that counts."""

    item: Item
    state: State
    key: UUID | None = None
    expires_on: date | None = None


def asked(roles: Collection[str]) -> tuple[Item, ...]:
    """What the file of somebody with these roles must hold."""
    held = set(roles)
    outside = bool(held) and held <= OUTSIDE
    return tuple(i for i in ITEMS if (i.outside or not outside) and (not i.roles or bool(i.roles & held)))


def _state(paper: Paper, today: date, soon: int) -> State:
    if paper.held == NOT_APPLICABLE:
        return State.NOT_APPLICABLE
    if paper.expires_on is None:
        return State.HELD
    left = (paper.expires_on - today).days
    if left < 0:
        return State.EXPIRED
    return State.SOON if left <= soon else State.HELD


def file_of(roles: Collection[str], papers: Iterable[Paper], today: date, soon: int) -> tuple[Standing, ...]:
    """A person's file: of each thing that it must hold, where it stands by the paper that holds longest.

    Args:
        roles: of the person.
        papers: of the person.
        today: for what has run out.
        soon: days before the last day from which it runs out soon.
    """
    held: dict[str, list[Paper]] = {}
    for paper in papers:
        held.setdefault(paper.item, []).append(paper)
    found = []
    for item in asked(roles):
        own = held.get(item.code, [])
        if not own:
            found.append(Standing(item, State.MISSING))
            continue
        best = max(own, key=lambda p: (p.expires_on or date.max, p.seen_on))
        found.append(Standing(item, _state(best, today, soon), best.key, best.expires_on))
    return tuple(found)


def percent(file: Iterable[Standing]) -> int:
    """How complete a file is, never rounded up to a hundred."""
    every = list(file)
    return 100 * sum(s.state in COMPLETE for s in every) // len(every) if every else 100


def missing(file: Iterable[Standing]) -> tuple[Item, ...]:
    """What is missing, or has run out."""
    return tuple(s.item for s in file if s.state not in COMPLETE)


def paper_faults(values: Mapping[str, Any]) -> dict[str, str]:
    """Why a paper cannot be taken: not applicable where the law leaves nothing open, or without its last day."""
    item = ITEM[values["item"]]
    if values["held"] == NOT_APPLICABLE:
        return {} if item.optional else {"held": "This applies to everybody."}
    if item.expires and values["expires_on"] is None:
        return {"expires_on": "This is renewed; give its last day."}
    if values["expires_on"] is not None and values["expires_on"] < values["seen_on"]:
        return {"expires_on": "It had run out already when it was seen."}
    return {}


def post_faults(values: Mapping[str, Any]) -> dict[str, str]:
    """Nobody leaves before they began, or without a reason on file."""
    if values["left_on"] is None:
        return {"left_on": "Give the day."} if values["leaving"] else {}
    if values["left_on"] < values["started_on"]:
        return {"left_on": "This is before they began."}
    return {} if values["leaving"] else {"leaving": "Say why; the next employer will ask."}
