"""Facts of inspection."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent


@dataclass(frozen=True, kw_only=True)
class PackAsked(LaterEvent):
    """Somebody wants the pack of a period; it is built in the background."""

    pack_id: UUID
