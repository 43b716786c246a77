"""Which version holds: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Version:
    """One version: of what, when it holds, when it was recorded, and what it says."""

    key: UUID
    valid_from: datetime
    valid_to: datetime | None
    recorded_at: datetime
    row: Any


def current_of(versions: Iterable[Version], *, at: datetime, known_by: datetime) -> list[Version]:
    """The version of each thing that holds at `at`, as known by `known_by`.

    Of the versions recorded by then that had begun by then, the one recorded last decides; of two recorded at the
    same moment the later in the given order. If that one has ended, the thing does not hold.
    """
    last: dict[UUID, Version] = {}
    for version in versions:
        if version.recorded_at > known_by or version.valid_from > at:
            continue
        held = last.get(version.key)
        if held is None or version.recorded_at >= held.recorded_at:
            last[version.key] = version
    return [v for v in last.values() if v.valid_to is None or v.valid_to > at]
