"""A register as a spreadsheet, out and in: no cell is a formula, and what was exported imports as no change."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Register
from overread.foundation.registers.rules import BadCell, from_cell, guarded, to_cell
from overread.foundation.work.refusals import BadInput

REFERENCE = "Reference"
MOST_ROWS, MOST_BYTES = 500, 1_000_000  # all lines are one transaction, and others wait for it


@dataclass(frozen=True)
class SheetRow:
    """One line of a file: what it says of each column that the file has, and what cannot be understood."""

    line: int
    reference: str
    values: Mapping[str, Any]
    faults: Mapping[str, str]


def people_by_words() -> dict[str, UUID]:
    """Everybody by e-mail, and by full name where only one has it; lower case."""
    everybody = accounts.people()
    names: dict[str, list[UUID]] = {}
    for person in everybody:
        names.setdefault(person.full_name.casefold(), []).append(person.id)
    alone = {name: ids[0] for name, ids in names.items() if len(ids) == 1}
    return alone | {person.email.casefold(): person.id for person in everybody}


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return guarded(str(value))


def sheet_lines(register: Register, entries: Iterable[Entry]) -> Iterator[str]:
    """The lines of an export, head first, with the mark by which spreadsheets know UTF-8."""
    emails = {person.id: person.email for person in accounts.people()}
    head = [REFERENCE, *(f.title for f in register.fields), *(c.title for c in register.computed)]
    yield "\N{BYTE ORDER MARK}" + _line(head)
    for entry in entries:
        cells = [to_cell(f, entry[f.name], lambda i: emails.get(i, str(i))) for f in register.fields]
        yield _line([register.reference(entry), *cells, *(_plain(c.value(entry)) for c in register.computed)])


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(list(cells))
    return line.getvalue()


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise BadInput("This file is larger than 1 MB. Split it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(
            "This file is not UTF-8 text. Save it in your spreadsheet as “CSV UTF-8 (comma delimited)”."
        ) from None


def _columns(register: Register, head: list[str]) -> dict[int, str]:
    """Which cell of a line belongs to which column of the register; "" is the reference."""
    known = {f.title.casefold(): f.name for f in register.fields} | {REFERENCE.casefold(): ""}
    ignored = {c.title.casefold() for c in register.computed}
    found: dict[int, str] = {}
    for position, title in enumerate(head):
        wanted = title.strip().casefold()
        if wanted in known:
            if known[wanted] in found.values():
                raise BadInput(f"The column “{title.strip()}” stands twice.")
            found[position] = known[wanted]
        elif wanted and wanted not in ignored:
            raise BadInput(
                f"“{title.strip()}” is no column of this register. Known are: "
                f"{', '.join([REFERENCE, *(f.title for f in register.fields)])}."
            )
    if "" not in found.values():
        raise BadInput(f"The column “{REFERENCE}” is missing. Leave it empty for new entries, but keep it.")
    return found


def read_sheet(register: Register, content: bytes) -> list[SheetRow]:
    """The lines of a file.

    Raises:
        BadInput: the file as a whole cannot be read.
    """
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise BadInput(f"This is no CSV file: {error}.") from None
    if len(lines) < 2:
        raise BadInput("This file holds no line below its head.")
    if len(lines) > MOST_ROWS + 1:
        raise BadInput(f"At most {MOST_ROWS} lines at once. Split the file.")
    columns = _columns(register, lines[0][1])
    people = people_by_words()
    width = len(lines[0][1])
    return [_row(register, line, cells, width, columns, people) for line, cells in lines[1:]]


def _row(
    register: Register,
    line: int,
    cells: list[str],
    width: int,
    columns: Mapping[int, str],
    people: Mapping[str, UUID],
) -> SheetRow:
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    reference = ""
    for position, name in columns.items():
        cell = cells[position] if position < len(cells) else ""
        if not name:
            reference = cell.strip()
            continue
        try:
            values[name] = from_cell(register.field(name), cell, people)
        except BadCell as bad:
            faults[name] = str(bad)
    if any(cell.strip() for cell in cells[width:]):
        faults[""] = "This line has more cells than the head."
    return SheetRow(line, reference, values, faults)
