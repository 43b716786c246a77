"""Facts of agreements."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import NowEvent


@dataclass(frozen=True, kw_only=True)
class Agreed(NowEvent):
    """A new version of a client's agreement was recorded."""

    version_id: UUID
