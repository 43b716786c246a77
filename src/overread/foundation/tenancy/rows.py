"""The query doors of scoped rows: each checks the scope before it touches the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db import connections, models

from overread.foundation.tenancy.scope import NoScope, OutOfScope, Scope, current_scope, read_scope, scoped_transaction

READS = ("count", "exists", "aggregate", "in_bulk", "explain", "get", "first", "last", "latest", "earliest", "contains")
WRITES = ("create", "bulk_create", "bulk_update", "update", "delete", "get_or_create", "update_or_create")


def _refuse_foreign(rows: Any, scope: Scope) -> None:
    for row in rows:
        if not scope.holds(getattr(row, "client_id", None)):
            raise OutOfScope(f"A {type(row).__name__} of another client, or of none, may not be written here.")


def _through(door: str, opening: Callable[..., Any]) -> Callable[..., Any]:
    original = getattr(models.QuerySet, door)

    @wraps(original)
    def checked(self: "ScopedQuerySet", *args: Any, **kwargs: Any) -> Any:
        self.check_scope()
        with opening(self.db):
            return original(self, *args, **kwargs)

    return checked


@contextmanager
def _writing(using: str) -> Iterator[None]:
    if connections[using].in_atomic_block:
        yield
        return
    with scoped_transaction(using):
        yield


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset that raises without a scope, and reads only rows of clients in scope."""

    _scope: Scope | None = None

    def check_scope(self) -> Scope:
        """Raise unless the scope this queryset was made under is still the open one."""
        scope = current_scope()
        if self._scope is not None and self._scope != scope:
            raise NoScope("This queryset was made under another scope; make it again under the open one.")
        return scope

    def _clone(self) -> Any:
        clone = super()._clone()  # type: ignore[misc]
        clone._scope = self._scope
        return clone

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self.check_scope()
            with read_scope(self.db):
                super()._fetch_all()
            return
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Rows one by one, under the scope."""
        self.check_scope()
        with read_scope(self.db):
            yield from super().iterator(*args, **kwargs)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Insert many rows of clients in scope."""
        rows = list(objs)
        _refuse_foreign(rows, self.check_scope())
        with _writing(self.db):
            return super().bulk_create(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """Change rows in scope; a row never moves to a client outside it."""
        scope = self.check_scope()
        for name in ("client", "client_id"):
            value = kwargs.get(name)
            if value is not None and not scope.holds(getattr(value, "pk", value)):
                raise OutOfScope("A row may not be moved to a client outside the scope.")
        with _writing(self.db):
            return super().update(**kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """SQL by hand cannot be filtered, so only the scope of everything may use it."""
        if self.check_scope().kind != "everything":
            raise NoScope("raw() passes by the client filter; use a queryset.")
        return super().raw(*args, **kwargs)


for _door in READS:
    setattr(ScopedQuerySet, _door, _through(_door, read_scope))
for _door in ("create", "get_or_create", "update_or_create", "delete", "bulk_update"):
    setattr(ScopedQuerySet, _door, _through(_door, _writing))


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """Gives only rows of clients in scope; raises when no scope is open."""

    use_in_migrations = False

    def get_queryset(self) -> ScopedQuerySet:
        """All rows in scope.

        Raises:
            NoScope: no scope is open.
        """
        scope = current_scope()
        queryset: ScopedQuerySet = super().get_queryset()
        queryset._scope = scope
        if scope.kind == "everything":
            return queryset
        return queryset.filter(client_id__in=scope.client_ids)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """See ScopedQuerySet.raw."""
        return self.get_queryset().raw(*args, **kwargs)


class OpenQuerySet(models.QuerySet[Any]):
    """A queryset of the provider's rows: any open scope will do."""

    def _fetch_all(self) -> None:
        current_scope()
        super()._fetch_all()


class ProviderManager(models.Manager.from_queryset(OpenQuerySet)):  # type: ignore[misc]
    """Rows of the provider itself; raises when no scope is open."""

    def get_queryset(self) -> OpenQuerySet:
        """All rows, under any open scope."""
        current_scope()
        queryset: OpenQuerySet = super().get_queryset()
        return queryset
