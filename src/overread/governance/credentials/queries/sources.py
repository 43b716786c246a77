"""Gates that other registers keep, such as training and equipment: joined by site/wiring.py, absent where they are not."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from overread.governance.credentials.rules import Reason, staff_file
from overread.governance.people import queries as people

Source = Callable[[frozenset[UUID], datetime], Mapping[UUID, tuple[Reason, ...]]]
"""Takes readers and a moment; answers the gates of each in a number of queries that does not grow with them."""

_sources: dict[str, Source] = {}


def register_gates(name: str, source: Source) -> None:
    """Let a register shut gates.

    Args:
        name: of the register, such as "equipment".
        source: answers the gates of some readers at a moment.

    Raises:
        ValueError: another source has this name.
    """
    if _sources.setdefault(name, source) is not source:
        raise ValueError(f"Gates of {name!r} are registered twice, differently.")


def other_gates(person_ids: frozenset[UUID], at: datetime) -> dict[UUID, tuple[Reason, ...]]:
    """The gates that the registered sources keep for some readers at a moment."""
    found: dict[UUID, list[Reason]] = {person_id: [] for person_id in person_ids}
    for source in _sources.values():
        for person_id, reasons in source(person_ids, at).items():
            found.setdefault(person_id, []).extend(reasons)
    return {person_id: tuple(reasons) for person_id, reasons in found.items()}


def file_gates(person_ids: frozenset[UUID], at: datetime) -> Mapping[UUID, tuple[Reason, ...]]:
    """The gate that staff files keep of some readers."""
    return {person_id: (staff_file(missing),) for person_id, missing in people.lacks(person_ids, at).items()}
