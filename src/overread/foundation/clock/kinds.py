"""The kinds of deadlines, in words for people; site/wiring.py fills the registry.

A kind need not be here to be set; but a deadline that nobody reacts to is a fault, and shows as stuck when due.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of deadline.

    Attributes:
        name: "area.word", as in set_deadline.
        words: what is late when it is late, such as "Next step of an escalation".
        alarm_after: how late it may fire before monitoring must say so.
    """

    name: str
    words: str
    alarm_after: timedelta = timedelta(seconds=60)


_kinds: dict[str, Kind] = {}


def register_kind(name: str, words: str, alarm_after: timedelta = timedelta(seconds=60)) -> None:
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
