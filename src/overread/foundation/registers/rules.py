"""What a register's columns may hold, how a cell of a spreadsheet says it, and what changed between two versions. Pure.

A cell is made so that no spreadsheet takes it for a formula, and is read back to exactly the value it was made from:
exporting and importing changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
TRAPS: Final = tuple("=+-@\t\r\n\0＝＋－＠")
MARKS: Final = "' \N{NO-BREAK SPACE}"
SHORT, LONG = 200, 8000
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    CHOICES = "choices"
    WHOLE = "whole"
    DAY = "day"
    MOMENT = "moment"
    YES = "yes"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column of a register.

    Attributes:
        name: of the model's column; a person's column is `name` with `_id`.
        title: for people, also the head of the column in a spreadsheet.
        kind: what it holds. Values are str, str, code, tuple of codes, int, date, aware datetime, bool, id of a person.
        choices: codes with their words; words hold no semicolon.
        required: whether an entry must have it.
        listed: whether the list shows it.
        filtered: whether the list can be narrowed by it.
        help: a sentence below the field.
        least, most: range of a number, or most characters of a text.
        past: a day or moment may not lie in the future.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True
    listed: bool = False
    filtered: bool = False
    help: str = ""
    least: int | None = None
    most: int | None = None
    past: bool = False

    @property
    def column(self) -> str:
        """The attribute of a row that holds the value."""
        return f"{self.name}_id" if self.kind is Kind.PERSON else self.name

    @property
    def empty(self) -> Any:
        """The value of a column that says nothing."""
        texts = {Kind.TEXT: "", Kind.LONG: "", Kind.CHOICE: "", Kind.CHOICES: (), Kind.YES: False}
        return texts.get(self.kind)


@dataclass(frozen=True)
class Change:
    """That a column said something else before; in words for people."""

    title: str
    before: str
    after: str


Names = Callable[[UUID], str]


# --- values -------------------------------------------------------------------------------------------------------


def tidy(field: Field, value: Any) -> Any:
    """A value as it is kept: texts without space around and with plain line ends, choices in their order, times in UTC."""
    if value is None:
        return field.empty
    if field.kind in (Kind.TEXT, Kind.LONG):
        text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
        return " ".join(text.split()) if field.kind is Kind.TEXT else text
    if field.kind is Kind.CHOICES:
        given = set(value)
        return tuple(code for code, _ in field.choices if code in given) + tuple(
            sorted(given - {c for c, _ in field.choices})
        )
    if field.kind is Kind.MOMENT:
        return value.astimezone(UTC).replace(microsecond=0)
    return value


def _is_empty(field: Field, value: Any) -> bool:
    return field.kind is not Kind.YES and value in (None, "", ())


def _text_fault(field: Field, value: str) -> str:
    most = field.most or (SHORT if field.kind is Kind.TEXT else LONG)
    if len(value) > most:
        return f"At most {most} characters."
    return "" if "\0" not in value else "This holds a character that cannot be kept."


def _number_fault(field: Field, value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "Enter a whole number."
    low, high = field.least, field.most
    if (low is not None and value < low) or (high is not None and value > high):
        return f"Enter a number from {low} to {high}." if high is not None else f"Enter {low} or more."
    return ""


def _choice_fault(field: Field, value: Any) -> str:
    known = {code for code, _ in field.choices}
    given = {value} if field.kind is Kind.CHOICE else set(value)
    return "" if given <= known else f"Choose from: {', '.join(words for _, words in field.choices)}."


def _time_fault(field: Field, value: Any, at: datetime) -> str:
    if field.kind is Kind.DAY:
        late = value > at.astimezone(LONDON).date()
    else:
        late = value > at
    return "This time has not come yet." if field.past and late else ""


def fault(field: Field, value: Any, at: datetime) -> str:
    """What is wrong with a tidy value of a column, or ""."""
    if _is_empty(field, value):
        return "This must be filled in." if field.required else ""
    if field.kind in (Kind.TEXT, Kind.LONG):
        return _text_fault(field, value)
    if field.kind is Kind.WHOLE:
        return _number_fault(field, value)
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        return _choice_fault(field, value)
    if field.kind in (Kind.DAY, Kind.MOMENT):
        return _time_fault(field, value, at)
    return ""


def whole(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every field: the one given, else the empty one."""
    return {f.name: values.get(f.name, f.empty) for f in fields}


def checked(fields: Iterable[Field], values: Mapping[str, Any], at: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """Tidy values of all columns, and what is wrong with each that cannot be taken.

    Args:
        fields: the columns.
        values: by name; an absent one is empty.
        at: the present.
    """
    tidied = {field.name: tidy(field, values.get(field.name)) for field in fields}
    faults = {f.name: said for f in fields if (said := fault(f, tidied[f.name], at))}
    return tidied, faults


def day_words(day: date) -> str:
    """A day for people: 24 Nov 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def words(field: Field, value: Any, names: Names = str) -> str:
    """A value for people."""
    if _is_empty(field, value):
        return ""
    if field.kind is Kind.CHOICE:
        return dict(field.choices).get(value, str(value))
    if field.kind is Kind.CHOICES:
        known = dict(field.choices)
        return ", ".join(known.get(code, code) for code in value)
    if field.kind is Kind.YES:
        return "yes" if value else "no"
    if field.kind is Kind.PERSON:
        return names(value)
    if field.kind is Kind.DAY:
        return day_words(value)
    if field.kind is Kind.MOMENT:
        local = value.astimezone(LONDON)
        return f"{day_words(local.date())}, {local:%H:%M}"
    return str(value)


def changes(
    fields: Iterable[Field], before: Mapping[str, Any] | None, after: Mapping[str, Any], names: Names = str
) -> tuple[Change, ...]:
    """What a version says otherwise than the one before it; of a first version, all that it says."""
    found = []
    for field in fields:
        old = field.empty if before is None else before[field.name]
        new = after[field.name]
        if old != new:
            found.append(Change(field.title, words(field, old, names), words(field, new, names)))
    return tuple(found)


def changed_names(fields: Iterable[Field], before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the columns in which two versions differ."""
    return tuple(f.name for f in fields if before[f.name] != after[f.name])


# --- cells of a spreadsheet ---------------------------------------------------------------------------------------


def _trapped(text: str) -> bool:
    return text.lstrip(MARKS).startswith(TRAPS)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in front."""
    return f"'{text}" if _trapped(text) else text


def unguarded(cell: str) -> str:
    """The reverse of `guarded`: takes off the apostrophe that it put there, and no other."""
    return cell[1:] if cell.startswith("'") and _trapped(cell) else cell


def to_cell(field: Field, value: Any, address: Names = str) -> str:
    """A value as a cell; `address` gives the e-mail of a person, by which a cell names them."""
    if _is_empty(field, value):
        return ""
    if field.kind is Kind.CHOICES:
        known = dict(field.choices)
        return guarded("; ".join(known.get(code, code) for code in value))
    if field.kind is Kind.PERSON:
        return guarded(address(value))
    if field.kind is Kind.DAY:
        return str(value.isoformat())
    if field.kind is Kind.MOMENT:
        return str(value.astimezone(LONDON).isoformat(" ", "seconds"))
    return guarded(words(field, value))


class BadCell(ValueError):
    """A cell that cannot be understood; the text says what would be right."""


def _coded(field: Field, text: str) -> str:
    wanted = text.strip().casefold()
    for code, said in field.choices:
        if wanted in (said.casefold(), code.casefold()):
            return code
    raise BadCell(f"“{text.strip()}” is not one of: {', '.join(said for _, said in field.choices)}.")


def _day(text: str) -> date:
    try:
        british = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
        return date(int(british[3]), int(british[2]), int(british[1])) if british else date.fromisoformat(text)
    except ValueError:
        raise BadCell(f"“{text}” is not a day; write 2026-11-24 or 24/11/2026.") from None


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadCell(f"“{text}” is not a time; write 2026-11-24 13:42.") from None
    return (found if found.tzinfo else found.replace(tzinfo=LONDON)).astimezone(UTC)


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise BadCell(f"“{text}” is not a whole number.")
    return int(text)


def _yes(text: str) -> bool:
    known = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
    if text.casefold() not in known:
        raise BadCell(f"“{text}” is neither yes nor no.")
    return known[text.casefold()]


def _person(text: str, people: Mapping[str, UUID]) -> UUID:
    found = people.get(text.casefold())
    if found is None:
        raise BadCell(f"“{text}” is nobody here; write the e-mail with which the person signs in.")
    return found


def from_cell(field: Field, cell: str, people: Mapping[str, UUID]) -> Any:
    """The value that a cell says.

    Args:
        field: the column.
        cell: as the file has it.
        people: ids by e-mail in lower case, and by full name where only one person has it.

    Raises:
        BadCell: the cell cannot be understood.
    """
    text = unguarded(cell)
    if field.kind in (Kind.TEXT, Kind.LONG):
        return tidy(field, text)
    text = text.strip()
    if not text:
        return field.empty
    if field.kind is Kind.CHOICES:
        return tidy(field, [_coded(field, part) for part in text.split(";") if part.strip()])
    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.CHOICE: lambda t: _coded(field, t),
        Kind.WHOLE: _whole,
        Kind.DAY: _day,
        Kind.MOMENT: _moment,
        Kind.YES: _yes,
        Kind.PERSON: lambda t: _person(t, people),
    }
    return tidy(field, readers[field.kind](text))


# --- order --------------------------------------------------------------------------------------------------------


def overdue_first(dues: Sequence[date | None], today: date) -> list[int]:
    """Positions in the order of a list: what is overdue, the longest first; then what comes; then what has no day."""
    return sorted(range(len(dues)), key=lambda i: (dues[i] is None, dues[i] or date.max, i))
