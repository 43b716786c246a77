"""Pages of lists by key: what comes after a cursor, and the cursor behind the last row."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from overread.foundation.interface import rules
from overread.foundation.interface.problems import Problem
from overread.foundation.interface.rules import BadCursor, Fault

R = TypeVar("R")
Key = tuple[datetime, UUID]


def bad_parameter(name: str, detail: str) -> Problem:
    """A parameter that cannot be taken."""
    return Problem(422, "bad-input", "A parameter cannot be taken.", (Fault(detail, parameter=name),))


def before_of(cursor: str) -> Key | None:
    """The key that a cursor holds; None for the first page.

    Raises:
        Problem: it is no cursor.
    """
    if not cursor:
        return None
    try:
        return rules.read(cursor)
    except BadCursor as error:
        raise bad_parameter("cursor", "Send the `next` of the page before, unchanged, or none.") from error


def page(rows: Sequence[R], limit: int, key: Callable[[R], Key]) -> tuple[Sequence[R], str]:
    """The rows of one page out of one row more than it holds, and the cursor of the next; "" behind the last.

    Args:
        rows: at most limit + 1.
        limit: how many the page holds.
        key: time and id by which the list is ordered.
    """
    if len(rows) <= limit:
        return rows, ""
    shown = rows[:limit]
    return shown, rules.written(*key(shown[-1]))
