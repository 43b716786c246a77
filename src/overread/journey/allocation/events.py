"""Facts about claims."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import NowEvent


@dataclass(frozen=True, kw_only=True)
class ReadClaimed(NowEvent):
    """A reader holds the read."""

    read_id: UUID
    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class ClaimEnded(NowEvent):
    """A claim ended, for the reason in `how` (allocation.rules.Ended)."""

    read_id: UUID
    person_id: UUID
    how: str
