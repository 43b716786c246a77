"""Lists and exports: nothing identifying in addresses, no formula in a file. Paging on rows: see the last tests."""

import csv
import io
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.ui import tables

TRAPS = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])


@given(trap=TRAPS, rest=st.text(), spaces=st.text(" ", max_size=3))
def test_no_cell_of_an_export_is_taken_for_a_formula(trap: str, rest: str, spaces: str) -> None:
    """Text that a spreadsheet would run begins with an apostrophe, also behind spaces, and nothing else is changed."""
    value = spaces + trap + rest
    assert tables.defused(value) == "'" + value


@given(st.one_of(st.integers(), st.floats(allow_nan=False)))
def test_numbers_stay_numbers(number: float) -> None:
    """A negative number is no formula."""
    assert tables.defused(number) == number


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1, max_size=5))
def test_an_export_can_be_read_back(cells: list[str]) -> None:
    """Every row of the file has its columns, whatever stands in them, and the text is whole."""
    columns = [
        tables.Column(key="c", title="Text", value=lambda row: row),
        tables.Column(key="n", title="n", value=len),
    ]
    text = "".join(tables.csv_lines(cells, columns)).removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["Text", "n"]
    assert [row[0] for row in rows[1:]] == [str(tables.defused(cell)) for cell in cells]


def test_an_export_is_a_file_that_is_not_kept() -> None:
    """The answer is a download with a harmless name, and no cache keeps it."""
    answer = tables.csv_export([1], [tables.Column(key="a", title="A", value=lambda r: r)], name='x"/../y')
    assert answer["Content-Disposition"] == 'attachment; filename="xy.csv"'
    assert answer["Cache-Control"] == "no-store"
    assert b"".join(answer.streaming_content) == "\ufeffA\r\n1\r\n".encode()


def test_days_moments_and_yes_or_no_are_written_in_words() -> None:
    """Cells are read by people: times in London, days as ISO dates, truth as yes or no."""
    assert tables.defused(True) == "yes"
    assert tables.defused(None) == ""
    assert tables.defused(date(2026, 11, 17)) == "2026-11-17"
    assert tables.defused(datetime(2026, 7, 1, 12, tzinfo=UTC)) == "01 Jul 2026, 13:00"


def test_an_address_with_unknown_words_is_no_error() -> None:
    """A list opened by an old link shows its default order instead of a fault."""
    request = RequestFactory().get("/x?sort=-secret&after=7&state=open&nhs=1")
    state = tables.list_state(request, ["due", "name"], filters=["state"], default="due")
    assert (state.sort, state.descending, state.after) == ("due", False, "7")
    assert state.filters == {"state": "open"}


def test_filters_that_identify_are_kept_behind_a_token() -> None:
    """A search for a person leaves only a random token in the address, good in the session that made it."""
    request = SimpleNamespace(session={})
    token = tables.keep_filter(request, {"family": "Quillfeather"})
    assert "Quill" not in token
    assert tables.kept_filter(request, token) == {"family": "Quillfeather"}
    assert tables.kept_filter(SimpleNamespace(session={}), token) == {}
    for _ in range(30):
        tables.keep_filter(request, {"a": "b"})
    assert len(request.session["ui_filters"]) == tables.KEPT_FILTERS


@pytest.mark.django_db
@pytest.mark.parametrize("descending", [False, True])
def test_pages_by_key_show_every_row_once(descending: bool) -> None:
    """Walking through a list page by page shows each row exactly once, in order, and the address holds only a key."""
    ContentType.objects.bulk_create(ContentType(app_label="zz", model=f"m{n:02d}") for n in range(11))
    ContentType.objects.bulk_create(ContentType(app_label="yy", model=f"m{n:02d}") for n in range(5))
    rows, after, seen = ContentType.objects.filter(app_label__in=["zz", "yy"]), "", []
    while True:
        page = tables.page_by_key(rows, sort="app_label", descending=descending, after=after, size=3)
        seen += [(row.app_label, row.pk) for row in page.rows]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 16
    assert [label for label, _ in seen] == sorted((label for label, _ in seen), reverse=descending)


@pytest.mark.django_db
def test_a_key_that_has_gone_starts_the_list_again() -> None:
    """A row deleted meanwhile, or a key that was tampered with, leads to the first page."""
    rows = ContentType.objects.all()
    first = tables.page_by_key(rows, sort="model", size=2)
    for key in ("999999", "no-number", "' or 1=1"):
        assert tables.page_by_key(rows, sort="model", after=key, size=2) == first
