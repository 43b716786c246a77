"""Frozen values that pages hand to the parts; they carry words for people, never rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["crit", "urg", "warn", "ok", "info", "hold", "idle"]


@dataclass(frozen=True, kw_only=True)
class PatientBanner:
    """Who this page is about, in the fixed order of the banner. Nothing in it is ever cut short.

    `sex` and `age` are words ("Male", "71 years"); `born` and `examination` are already written as text.
    `wrong` is set when the images on screen belong to someone else; `wrong_words` then says to whom.
    """

    family: str
    given: str
    sex: str = ""
    age: str = ""
    born: str = ""
    nhs_number: str = ""
    identifier: str = ""
    examination: str = ""
    side: str = ""
    accession: str = ""
    client_name: str = ""
    wrong: bool = False
    wrong_words: str = ""

    @property
    def name(self) -> str:
        """FAMILY, Given, as it is written in a reading room."""
        return ", ".join(part for part in (self.family.upper(), self.given) if part) or "Name not sent"


@dataclass(frozen=True, kw_only=True)
class BellItem:
    """One thing that needs this person, with the place where it is done."""

    title: str
    url: str
    detail: str = ""
    state: State = "idle"
    due_at: datetime | None = None
    start_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ToDo:
    """One thing that somebody must do: what, where, by when.

    `action` is the step as a verb with its object; `due_at` is when it must be done, `since` how long it has waited
    where nothing was agreed. `minutes` is how long it takes as a rule; `chase` is an address to POST to, by which the
    person who must do it is told again.
    """

    title: str
    detail: str
    url: str
    action: str
    state: State
    minutes: int = 5
    chase: str = ""
    due_at: datetime | None = None
    start_at: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ClockItem:
    """The nearest deadline of this person, shown once in the top bar."""

    label: str
    due_at: datetime
    url: str = ""
    start_at: datetime | None = None
    paused_left_seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Count:
    """A number beside a menu entry; `hot` marks it as a patient or a duty at risk now."""

    number: int
    hot: bool = False


@dataclass(frozen=True, kw_only=True)
class Due:
    """A deadline in words: what the due chip draws. `used` is the share of the allowance gone, 0 to 100."""

    state: State
    icon: str
    words: str
    exact: str
    used: int | None
