"""Which clients exist, asked of the area above: accounts stand below clients and may not import them.

site/wiring.py registers the source; without one there are no clients.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

ClientSource = Callable[[], Iterable[tuple[UUID, str, str]]]

_sources: list[ClientSource] = []


def register_clients(source: ClientSource) -> None:
    """Name the function that lists active clients as (id, code, name); the last one registered counts."""
    _sources[:] = [source]


def active_clients() -> tuple[tuple[UUID, str, str], ...]:
    """Active clients as (id, code, name)."""
    return tuple(_sources[0]()) if _sources else ()
