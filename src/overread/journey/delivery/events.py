"""Facts about deliveries."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent, NowEvent


@dataclass(frozen=True, kw_only=True)
class DeliveryDue(LaterEvent):
    """A delivery may leave now."""

    delivery_id: UUID
    attempt: int


@dataclass(frozen=True, kw_only=True)
class DeliveryAccepted(NowEvent):
    """The client's side took it and said so, or opened it."""

    delivery_id: UUID
    report_id: UUID
    channel: str
