"""The kinds of deadlines, in words for people; site/wiring.py fills the registry.

A kind need not be here to be set; but a deadline that nobody reacts to is a fault, and shows as stuck when due.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of deadline.

    Attributes:
        name: "area.word", as in set_deadline.
        words: what is late when it is late, such as "Next step of an escalation".
        alarm_after: how late it may fire before monitoring must say so; None for the threshold of all kinds.
    """

    name: str
    words: str
    alarm_after: timedelta | None = None


_kinds: dict[str, Kind] = {}


def register_kind(name: str, words: str, alarm_after: timedelta | None = None) -> None:
    """Give a kind its words.

    Raises:
        ValueError: the name has other words already.
    """
    kind = Kind(name, words, alarm_after)
    if _kinds.setdefault(name, kind) != kind:
        raise ValueError(f"The deadline kind {name!r} is registered twice, differently.")


def kind(name: str) -> Kind:
    """The kind of this name; one that was never registered has its name for words."""
    return _kinds.get(name) or Kind(name, name)


@dataclass(frozen=True, slots=True)
class DutyKind:
    """One kind of duty: something that a named person must do by a time.

    Attributes:
        name: "area.word", as in set_duty.
        words: what is to be done, such as "Review a policy".
        page: URL name of the page where it is done; its one argument is the subject's id when `with_subject` is set.
        reminders: asked at each step for the days before the due day on which the owner is reminded.
        with_subject: whether the page is that of the subject.
    """

    name: str
    words: str
    page: str
    reminders: Callable[[], Sequence[int]]
    with_subject: bool = True


_duty_kinds: dict[str, DutyKind] = {}


def register_duty_kind(
    name: str, words: str, page: str, reminders: Callable[[], Sequence[int]], *, with_subject: bool = True
) -> None:
    """Give a kind of duty its words, its page and its reminders.

    Raises:
        ValueError: the name has other words or another page already.
    """
    kind = DutyKind(name, words, page, reminders, with_subject)
    held = _duty_kinds.setdefault(name, kind)
    if (held.words, held.page) != (words, page):
        raise ValueError(f"The kind of duty {name!r} is registered twice, differently.")


def duty_kind(name: str) -> DutyKind:
    """The kind of this name; one that was never registered has its name for words, no page and no reminders."""
    return _duty_kinds.get(name) or DutyKind(name, name, "", tuple)
