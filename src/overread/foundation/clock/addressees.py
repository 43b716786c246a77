"""Who may be told of duties. People are kept above the clock, so site/wiring.py joins the two questions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person who can be told: active, with an address."""

    id: UUID
    full_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Answers to: who is this, and is still here; who are the registered managers now; what are people called."""

    person: Callable[[UUID], Addressee | None]
    managers: Callable[[], Sequence[Addressee]]
    names: Callable[[Iterable[UUID]], dict[UUID, str]]


_joined: list[Directory] = []


def use(directory: Directory) -> None:
    """Join the directory of people (called by site/wiring.py, and by tests)."""
    _joined[:] = [directory]


def directory() -> Directory:
    """The directory of people.

    Raises:
        RuntimeError: none was joined.
    """
    if not _joined:
        raise RuntimeError("No directory of people is joined; site/wiring.py does it.")
    return _joined[0]
