"""Values, cells and differences of registers: pure."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.registers.rules import (
    TRAPS,
    BadCell,
    Field,
    Kind,
    changes,
    checked,
    from_cell,
    guarded,
    months_after,
    overdue_first,
    tidy,
    to_cell,
    unguarded,
)

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CODES = (("a", "First"), ("b", "Second one"), ("c", "Third"))
SOMEBODY = uuid4()
PEOPLE = {"pip@example.org": SOMEBODY}
FIELDS = {
    kind: Field(name="x", title="X", kind=kind, choices=CODES if "choice" in kind else (), required=False)
    for kind in Kind
}
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: TEXT,
    Kind.LONG: TEXT,
    Kind.CHOICE: st.sampled_from(["", "a", "b", "c"]),
    Kind.CHOICES: st.sets(st.sampled_from(["a", "b", "c"])).map(tuple),
    Kind.WHOLE: st.none() | st.integers(-999_999, 999_999),
    Kind.DAY: st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    Kind.MOMENT: st.none() | st.datetimes(timezones=st.just(UTC)).filter(lambda t: 1980 < t.year < 2200),
    Kind.YES: st.booleans(),
    Kind.PERSON: st.sampled_from([None, SOMEBODY]),
}


@given(st.data(), st.sampled_from(list(Kind)))
def test_a_cell_says_exactly_the_value_it_was_made_from(data: st.DataObject, kind: Kind) -> None:
    """Exporting any value of any kind of column and reading the cell gives the same value."""
    field = FIELDS[kind]
    value = tidy(field, data.draw(VALUES[kind]))
    cell = to_cell(field, value, lambda _: "pip@example.org")
    assert from_cell(field, cell, PEOPLE) == value


@given(TEXT)
def test_no_cell_is_a_formula_and_guarding_is_undone(text: str) -> None:
    """Whatever a text begins with, its cell begins with no sign that a spreadsheet acts on, and reads back the same."""
    cell = guarded(text)
    assert not cell.lstrip(" \N{NO-BREAK SPACE}").startswith(TRAPS)
    assert unguarded(cell) == text


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''=x", " =x", "'", "''", "it's", "+44 20", "-", "@x", "' '=x"])
def test_apostrophes_of_people_survive(text: str) -> None:
    """An apostrophe that a person wrote is neither doubled nor lost."""
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("kind", "cell", "said"),
    [
        (Kind.CHOICE, "Fourth", "not one of: First, Second one, Third"),
        (Kind.WHOLE, "3.5", "not a whole number"),
        (Kind.DAY, "31/02/2026", "not a day"),
        (Kind.MOMENT, "noon", "not a time"),
        (Kind.YES, "perhaps", "neither yes nor no"),
        (Kind.PERSON, "nobody@example.org", "nobody here"),
    ],
)
def test_a_cell_that_cannot_be_understood_says_what_would_be_right(kind: Kind, cell: str, said: str) -> None:
    """A wrong cell is refused with the words that would be taken."""
    with pytest.raises(BadCell, match=said):
        from_cell(FIELDS[kind], cell, PEOPLE)


def test_people_may_write_days_and_choices_their_way() -> None:
    """A British day, a choice in capitals and its code are understood."""
    assert from_cell(FIELDS[Kind.DAY], "24/11/2026", {}) == date(2026, 11, 24)
    assert from_cell(FIELDS[Kind.CHOICE], "SECOND ONE", {}) == "b"
    assert from_cell(FIELDS[Kind.CHOICES], "third; a", {}) == ("a", "c")


def test_what_is_wrong_is_named_by_column() -> None:
    """Missing, too long, out of range, unknown and future values are each refused at their column."""
    fields = (
        Field(name="title", title="Title"),
        Field(name="note", title="Note", most=5),
        Field(name="score", title="Score", kind=Kind.WHOLE, least=1, most=5),
        Field(name="sort", title="Sort", kind=Kind.CHOICE, choices=CODES),
        Field(name="seen", title="Seen", kind=Kind.DAY, past=True),
    )
    wrong = {"note": "too long", "score": 6, "sort": "z", "seen": date(2026, 11, 25)}
    assert set(checked(fields, wrong, AT)[1]) == {"title", "note", "score", "sort", "seen"}
    right = {"title": " A  b ", "note": "x", "score": 5, "sort": "a", "seen": date(2026, 11, 24)}
    tidied, faults = checked(fields, right, AT)
    assert faults == {}
    assert tidied["title"] == "A b"


def test_a_version_says_what_changed_in_words() -> None:
    """Only columns that differ are named, with what they said before and after."""
    field = FIELDS[Kind.CHOICE]
    (change,) = changes([field, FIELDS[Kind.YES]], {"x": "a"}, {"x": "b"})[:1]
    assert (change.before, change.after) == ("First", "Second one")
    assert changes([field], {"x": "a"}, {"x": "a"}) == ()


@given(st.lists(st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31))))
def test_what_is_overdue_stands_first(dues: list[date | None]) -> None:
    """The longest overdue comes first, then what comes next, and what has no day last; nothing is lost."""
    order = overdue_first(dues, date(2026, 11, 24))
    assert sorted(order) == list(range(len(dues)))
    placed = [dues[i] for i in order]
    days = [day for day in placed if day]
    assert days == sorted(days)
    assert placed[: len(days)] == days


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int) -> None:
    """A number of months later lies in that month, on the same day or on its last."""
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (date.fromordinal(later.toordinal() + 1)).day == 1)


def test_a_person_is_named_by_id() -> None:
    """A column of a person holds the id in a column of its own name with _id."""
    assert FIELDS[Kind.PERSON].column == "x_id"
    assert isinstance(SOMEBODY, UUID)
