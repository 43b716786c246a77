"""Duties of registers whose entries have several dates: each date that is still open is a duty of its own kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import day_of, end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.registers.reading import Entry
from overread.foundation.work.actor import Actor

Due = date | datetime


def moment_of(due: Due) -> datetime:
    """A day is in time until its end."""
    return due if isinstance(due, datetime) else end_of_day(due)


def first_day(dues: Mapping[str, Due]) -> date | None:
    """The day of the first of several dates."""
    return min((day_of(moment_of(due)) for due in dues.values()), default=None)


def is_late(dues: Mapping[str, Due], at: datetime) -> bool:
    """Whether one of several dates has passed."""
    return any(moment_of(due) < at for due in dues.values())


def still_to_do(dues: Mapping[str, Due], words: Mapping[str, str]) -> list[tuple[datetime, str]]:
    """What is open and by when, for the page of an entry, the first on top."""
    return sorted((moment_of(due), words[kind]) for kind, due in dues.items())


def keep(
    actor: Actor,
    kinds: Sequence[str],
    entries: Iterable[Entry],
    dues_of: Callable[[Entry], Mapping[str, Due]],
    owner_of: Callable[[str, Entry], UUID | None],
    title_of: Callable[[Entry], str],
    key: UUID | None = None,
) -> None:
    """Make the duties of these kinds exactly what the entries ask for. Only inside an action.

    Args:
        kinds: all kinds of the register.
        entries: those that hold.
        dues_of: open dates of an entry by kind.
        owner_of: who must do it; None tells the registered manager.
        title_of: how the duty is called.
        key: compare this entry only.
    """
    held = [(entry, dues_of(entry)) for entry in entries]
    for kind in kinds:
        wanted = [
            WantedDuty(entry.key, owner_of(kind, entry), title_of(entry), moment_of(dues[kind]))
            for entry, dues in held
            if kind in dues
        ]
        clock.keep_duties(actor=actor, kind=kind, wanted=wanted, subject_ids=None if key is None else [key])
