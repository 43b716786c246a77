"""What one register is: its words, its columns, its verbs, who may do what, and what good looks like.

An area makes one `Register` in its pages room and hands it to `pages.register_paths`; lists, forms, history, export and
import follow from it. See docs/howto/add-a-register.md.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from overread.foundation.accounts.queries import PersonView
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.rules import Field, checked
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput

State = str  # crit, urg, warn, ok, info, hold, idle


class Record(Protocol):
    """The verb of an area that writes a version of an entry, or a new one when `key` is None; returns its key."""

    def __call__(
        self,
        *,
        actor: Actor,
        values: Mapping[str, Any],
        key: UUID | None = None,
        why: str = "",
        valid_from: datetime | None = None,
        seen: UUID | None = None,
    ) -> UUID: ...


class Read(Protocol):
    """A query of an area: the entries that hold at a time, as known by a time; now, unless given."""

    def __call__(self, *, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]: ...


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A column that follows from the others: shown and exported, ignored by an import."""

    title: str
    value: Callable[[Entry], Any]
    listed: bool = True
    css: str = ""


def _all(_person: PersonView, _entry: Entry) -> bool:
    return True


def _no_mark(_entry: Entry, _at: datetime) -> tuple[State, str] | None:
    return None


def _no_context(_request: HttpRequest, _entry: Entry) -> Mapping[str, Any]:
    return {}


def _no_list_context(_request: HttpRequest, _entries: Sequence[Entry]) -> Mapping[str, Any]:
    return {}


def _not_told(_request: HttpRequest, _entries: Sequence[Entry]) -> None:
    return None


def _no_preset(_request: HttpRequest) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Register:
    """One register.

    Attributes:
        name: also the namespace of its addresses.
        one, several: what an entry is called.
        prefix: of its numbers: R makes R-7.
        fields, computed: its columns.
        read, versions: queries of its area; `versions` gives all versions of an entry, in order.
        record, end: verbs of its area; no `end` means that an entry is never taken away.
        see, manage: permissions for reading and for writing.
        allowed: which entries a person may see at all.
        may_add, may_change: whether a person may add an entry, or change this one (the verb has the last word).
        label: the title of an entry.
        due: by which day something must be done about an entry; the overdue come first.
        mark: state and word of an entry, such as ("crit", "overdue").
        head: heading and sentence of the list, from the entries that hold.
        good: title and text of the empty list: what good looks like.
        opened: told before the content of entries is shown or exported, for registers whose reading is written down.
        preset: values of a new form, from the address.
        entry_template, entry_context: the page of an entry with parts of its own.
        list_template, list_context: the same for the list.
        new_url: URL name of a form of the area's own instead of the common one.
        list_url: URL name of the list where the area draws it itself; only the register's file is then used.
        keyed: its entries have no numbers, and a file names them by the beginning of their key.
        together: around many lines of one file, so that what follows from all of them is done once.
        keeps_why: whether a reason is kept with each version, and so asked for.
    """

    name: str
    one: str
    several: str
    prefix: str
    fields: tuple[Field, ...]
    read: Read
    versions: Callable[[UUID], list[Entry]]
    record: Record
    see: str
    manage: str
    label: Callable[[Entry], str]
    good: tuple[str, str]
    head: Callable[[Sequence[Entry], datetime], tuple[str, str]]
    end: Callable[..., Any] | None = None
    end_words: str = "End this entry"
    computed: tuple[Computed, ...] = ()
    due: Callable[[Entry], date | None] = field(default=lambda _entry: None)
    due_title: str = "Next review"
    mark: Callable[[Entry, datetime], tuple[State, str] | None] = _no_mark
    allowed: Callable[[PersonView, Entry], bool] = _all
    may_add: Callable[[PersonView], bool] = field(default=lambda _person: True)
    may_change: Callable[[PersonView, Entry], bool] = _all
    opened: Callable[[HttpRequest, Sequence[Entry]], None] = _not_told
    preset: Callable[[HttpRequest], Mapping[str, Any]] = _no_preset
    entry_template: str = "registers/entry.html"
    entry_context: Callable[[HttpRequest, Entry], Mapping[str, Any]] = _no_context
    list_template: str = "registers/list.html"
    list_context: Callable[[HttpRequest, Sequence[Entry]], Mapping[str, Any]] = _no_list_context
    new_url: str = ""
    list_url: str = ""
    keyed: bool = False
    keeps_why: bool = True
    together: Callable[[Actor], AbstractContextManager[Any]] = field(default=lambda _actor: nullcontext())
    icon: str = "card-checklist"

    @property
    def one_title(self) -> str:
        """The head of the first column."""
        return self.one[:1].upper() + self.one[1:]

    def reference(self, entry: Entry) -> str:
        """How people and files name an entry: R-7, or R-1A2B3C4D where entries have no numbers."""
        return f"{self.prefix}-{entry.key.hex[:8].upper() if self.keyed else entry.number}"

    @property
    def file_name(self) -> str:
        """The register's name as a part of a file's name."""
        return self.name.replace(":", "-")

    @property
    def list_name(self) -> str:
        """URL name of the list."""
        return self.list_url or f"{self.name}:list"

    def field(self, name: str) -> Field:
        """A column by name."""
        return next(f for f in self.fields if f.name == name)


def sheet_of(
    *,
    name: str,
    words: tuple[str, str, str],
    fields: tuple[Field, ...],
    read: Read,
    take: Callable[[Actor, dict[str, Any], UUID | None], UUID],
    permissions: tuple[str, str],
    list_url: str,
    together: Callable[[Actor], AbstractContextManager[Any]],
) -> Register:
    """A list that its area draws itself and of which only the file is the common one; see `paths.sheet_paths`.

    Args:
        words: what an entry is called, what several are, and the letters before a reference.
        take: writes one line of a file, whose values were checked by the fields, by the verb of its area; None for a new one.
        permissions: for reading and for writing.
        name, fields, read, list_url, together: as in `Register`.
    """
    one, several, prefix = words
    see, manage = permissions

    def record(*, actor: Actor, values: Mapping[str, Any], key: UUID | None = None, **_version: Any) -> UUID:
        tidied, faults = checked(fields, values, timezone.now())
        if faults:
            raise BadInput("This line cannot be taken.", errors=faults)
        return take(actor, tidied, key)

    return Register(
        name=name,
        one=one,
        several=several,
        prefix=prefix,
        fields=fields,
        read=read,
        versions=lambda _key: [],
        record=record,
        see=see,
        manage=manage,
        label=lambda _entry: one,
        good=("", ""),
        head=lambda _entries, _at: ("", ""),
        list_url=list_url,
        keyed=True,
        keeps_why=False,
        together=together,
    )
