"""`once`: what one action reads twice it asks the database once, until it writes where the answer came from.

An action is one transaction, and many of its parts ask the same: which case, which person, where a reader sits. A read
with this decorator keeps its answer while the outermost action runs. The answer is dropped by the first statement that
writes or locks a table it was read from, and by any statement whose tables cannot be told. Outside an action nothing is kept.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from django.db import connections

from overread.foundation.tenancy.scope import current_scope

P = ParamSpec("P")
R = TypeVar("R")
Key = tuple[Any, ...]

_TABLE: Final = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+"(\w+)"')
_NOTHING: Final = object()
# What only frames the work: it neither reads nor changes a row.
_FRAME: Final = (
    "SAVEPOINT",
    "RELEASE",
    "BEGIN",
    "SET LOCAL",
    "SELECT set_config",
    "SELECT pg_notify",
    "SELECT clock_timestamp",
)


class Answers:
    """What the running action has read, and from which tables."""

    def __init__(self) -> None:
        self._answers: dict[Key, tuple[Any, frozenset[str]]] = {}
        self._reading: list[set[str]] = []

    def get(self, key: Key) -> Any:
        """The answer kept under a key, or a mark that there is none."""
        value, tables = self._answers.get(key, (_NOTHING, frozenset()))
        self._read(tables)
        return value

    def ask(self, key: Key, function: Callable[[], Any]) -> Any:
        """Ask the database, and keep the answer with the tables it came from."""
        self._reading.append(set())
        try:
            value = function()
        finally:
            tables = self._reading.pop()
            self._read(tables)
        self._answers[key] = (value, frozenset(tables))
        return value

    def _read(self, tables: set[str] | frozenset[str]) -> None:
        for reading in self._reading:
            reading |= tables

    def _forget(self, tables: set[str]) -> None:
        if not tables:
            self._answers.clear()
            return
        self._answers = {k: kept for k, kept in self._answers.items() if kept[1].isdisjoint(tables)}

    def watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Stand between Django and the database: note what is read, forget what is written."""
        if sql.startswith(_FRAME):
            return execute(sql, params, many, context)
        tables = set(_TABLE.findall(sql))
        if sql.startswith("SELECT") and "FOR UPDATE" not in sql and tables:
            if self._reading:
                self._read(tables)
        elif self._answers:
            self._forget(tables)
        return execute(sql, params, many, context)


_answers: ContextVar[Answers | None] = ContextVar("overread_answers", default=None)


@contextmanager
def answers_kept() -> Iterator[None]:
    """Keep answers while the outermost action runs; one inside it joins."""
    if _answers.get() is not None:
        yield
        return
    answers = Answers()
    token = _answers.set(answers)
    try:
        with connections["default"].execute_wrapper(answers.watch):
            yield
    finally:
        _answers.reset(token)


def once(function: Callable[P, R]) -> Callable[P, R]:
    """Make a read one that an action asks once. Its arguments must be hashable, its answer frozen or treated as such."""

    @wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        answers = _answers.get()
        if answers is None:
            return function(*args, **kwargs)
        key = (function, current_scope(), args, tuple(sorted(kwargs.items())))
        kept = answers.get(key)
        return answers.ask(key, lambda: function(*args, **kwargs)) if kept is _NOTHING else kept

    return ask
