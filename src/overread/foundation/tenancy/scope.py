"""The scope: which clients' rows the running code may touch.

A scope is a set: one client, a person's entitled clients, the provider alone, or everything for named jobs.
Without an open scope every query on a scoped row raises `NoScope` (DESIGN 3, tenancy; H06, H23).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connections, transaction


class NoScope(RuntimeError):
    """A query on a scoped row ran while no scope was open, or after its scope had been closed."""


class OutOfScope(RuntimeError):
    """A row of a client outside the open scope would have been written."""


@dataclass(frozen=True)
class Scope:
    """Whose rows may be read and written.

    Attributes:
        kind: "clients", "provider" or "everything".
        client_ids: the clients in scope when kind is "clients".
    """

    kind: str
    client_ids: frozenset[UUID] = frozenset()

    @classmethod
    def client(cls, client_id: UUID) -> "Scope":
        """One client."""
        return cls("clients", frozenset([client_id]))

    @classmethod
    def clients(cls, client_ids: Iterable[UUID]) -> "Scope":
        """A person's entitled clients; may be empty."""
        return cls("clients", frozenset(client_ids))

    @classmethod
    def provider(cls) -> "Scope":
        """The provider's own rows; no client's."""
        return cls("provider")

    @classmethod
    def everything(cls) -> "Scope":
        """All clients; for named jobs only, never for a person."""
        return cls("everything")

    def holds(self, client_id: UUID | None) -> bool:
        """Whether a row of this client may be touched."""
        return self.kind == "everything" or client_id in self.client_ids

    def as_setting(self) -> str:
        """The text that row-level security reads: "*" or client ids separated by commas."""
        return "*" if self.kind == "everything" else ",".join(sorted(str(c) for c in self.client_ids))


_current: ContextVar[Scope | None] = ContextVar("overread_scope", default=None)

# Who may open a scope; site/wiring.py fills it, so that the list stands in one place.
OPENERS: set[str] = {"test"}


def allow_openers(names: Iterable[str]) -> None:
    """Name the doors through which a scope may be opened (called by site/wiring.py)."""
    OPENERS.update(names)


def scope_is_open() -> bool:
    """Whether any scope is open here."""
    return _current.get() is not None


def current_scope() -> Scope:
    """The open scope.

    Raises:
        NoScope: none is open.
    """
    scope = _current.get()
    if scope is None:
        raise NoScope("No scope is open. Open one at the door (web, token, DICOM, worker), not in the code that reads.")
    return scope


def _is_postgres(using: str) -> bool:
    return connections[using].vendor == "postgresql"


def apply_scope_to_transaction(using: str = "default") -> None:
    """Tell row-level security the open scope, for the running transaction only."""
    if not _is_postgres(using):
        return
    scope = _current.get()
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('overread.scope', %s, true)", [scope.as_setting() if scope else ""])


@contextmanager
def open_scope(scope: Scope, *, opened_by: str) -> Iterator[Scope]:
    """Open a scope for the code inside.

    Args:
        scope: whose rows may be touched.
        opened_by: the door, one of the names that site/wiring.py lists.

    Raises:
        PermissionError: the door is not on the list.
    """
    if opened_by not in OPENERS:
        raise PermissionError(f"{opened_by!r} is not a door that may open a scope; list it in site/wiring.py.")
    token = _current.set(scope)
    inside = connections["default"].in_atomic_block
    try:
        if inside:
            apply_scope_to_transaction()
        yield scope
    finally:
        _current.reset(token)
        if inside and connections["default"].in_atomic_block and not connections["default"].needs_rollback:
            apply_scope_to_transaction()


@contextmanager
def scoped_transaction(using: str = "default") -> Iterator[None]:
    """A transaction in which row-level security knows the open scope."""
    with transaction.atomic(using=using):
        apply_scope_to_transaction(using)
        yield


@contextmanager
def read_scope(using: str = "default") -> Iterator[None]:
    """Reads of one moment: a READ ONLY transaction on PostgreSQL, autocommit on SQLite."""
    current_scope()
    connection = connections[using]
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        apply_scope_to_transaction(using)
        yield
