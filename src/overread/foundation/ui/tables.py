"""Lists: sorted and filtered by their address, paged by key, exported without traps.

Filters that identify a person never stand in an address: they are kept in the session and named by a token.
"""

import csv
import io
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from overread.foundation.ui import rules

Row = TypeVar("Row", bound=Model)
PAGE = 50
KEPT_FILTERS = 20
TRAPS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)


@dataclass(frozen=True, kw_only=True)
class ListState:
    """What the address says about a list."""

    sort: str
    descending: bool
    after: str
    filters: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a list or an export: `value` takes a row; `sort` is the model field that sorts by it, if it may."""

    key: str
    title: str
    value: Callable[[Any], Any]
    sort: str = ""
    css: str = ""


@dataclass(frozen=True, kw_only=True)
class KeyPage(Generic[Row]):
    """One page of rows and the key after which the next begins; empty when this is the last."""

    rows: tuple[Row, ...]
    after: str


def list_state(request: HttpRequest, sorts: Iterable[str], filters: Iterable[str] = (), default: str = "") -> ListState:
    """Read sort, filters and position from the address; anything unknown is left out, never an error."""
    allowed = set(sorts)
    wanted = request.GET.get("sort", default)
    key = wanted.removeprefix("-")
    if key not in allowed:
        wanted, key = default, default.removeprefix("-")
    kept = {name: request.GET[name] for name in filters if request.GET.get(name)}
    return ListState(sort=key, descending=wanted.startswith("-"), after=request.GET.get("after", "")[:64], filters=kept)


def page_by_key(
    rows: QuerySet[Row], *, sort: str, descending: bool = False, after: str = "", size: int = PAGE
) -> KeyPage[Row]:
    """The page of `rows` that follows the row with primary key `after`, ordered by `sort` and then by key.

    The address holds only that key, never the sorted value, which may be a name. Rows without a value come last.
    A row that has gone meanwhile starts the list again.
    """
    order = F(sort).desc(nulls_last=True) if descending else F(sort).asc(nulls_last=True)
    ordered = rows.order_by(order, "pk")
    if after and (place := _place(rows, sort, after)) is not None:
        ordered = ordered.filter(_beyond(sort, descending, *place))
    found = list(ordered[: size + 1])
    last = str(found[size - 1].pk) if len(found) > size else ""
    return KeyPage(rows=tuple(found[:size]), after=last)


def _place(rows: QuerySet[Any], sort: str, after: str) -> tuple[Any, Any] | None:
    try:
        return rows.filter(pk=after).values_list(sort, "pk").first()
    except (ValueError, TypeError, ValidationError):
        return None


def _beyond(sort: str, descending: bool, value: Any, key: Any) -> Q:
    empty = Q(**{f"{sort}__isnull": True})
    if value is None:
        return empty & Q(pk__gt=key)
    further = Q(**{f"{sort}__{'lt' if descending else 'gt'}": value})
    return further | (Q(**{sort: value}) & Q(pk__gt=key)) | empty


def keep_filter(request: HttpRequest, values: Mapping[str, str]) -> str:
    """Keep filters that identify a person in the session; the token goes into the address instead of them."""
    kept: dict[str, dict[str, str]] = request.session.get("ui_filters", {})
    token = secrets.token_urlsafe(9)
    kept[token] = dict(values)
    request.session["ui_filters"] = dict(list(kept.items())[-KEPT_FILTERS:])
    return token


def kept_filter(request: HttpRequest, token: str) -> dict[str, str]:
    """The filters behind a token of this session; nothing for an unknown one."""
    kept: dict[str, dict[str, str]] = request.session.get("ui_filters", {})
    return dict(kept.get(token, {}))


def defused(value: Any) -> str | int | float:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return rules.when_words(value) if timezone.is_aware(value) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(TRAPS) else text


def csv_lines(rows: Iterable[Any], columns: Sequence[Column]) -> Iterator[str]:
    """The lines of an export, head first, with the mark by which spreadsheets know UTF-8."""
    yield "\N{BYTE ORDER MARK}" + _csv_line([defused(c.title) for c in columns])
    for row in rows:
        yield _csv_line([defused(c.value(row)) for c in columns])


def _csv_line(cells: Sequence[str | int | float]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def csv_export(rows: Iterable[Any], columns: Sequence[Column], name: str = "list") -> StreamingHttpResponse:
    """A list as a file for a spreadsheet; `name` becomes the file's name and must not identify a person."""
    safe = "".join(c for c in name if c.isalnum() or c in "-_") or "list"
    answer = StreamingHttpResponse(csv_lines(rows, columns), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{safe}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
