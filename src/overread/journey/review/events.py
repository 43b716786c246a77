"""Facts about reviews."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent


@dataclass(frozen=True, kw_only=True)
class AskedToday(LaterEvent):
    """Somebody must act on a serious difference today: read again, or correct the report (REQ-73).

    Attributes:
        review_id: the review that found it.
        act: the step.
        owner_id: who is to do it; None for the registered manager, who finds somebody.
    """

    review_id: UUID
    act: str
    owner_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class BundleAsked(LaterEvent):
    """A bundle without identity is to be made for an external reviewer."""

    bundle_id: UUID


@dataclass(frozen=True, kw_only=True)
class BundleAnswered(LaterEvent):
    """An external reviewer has judged a bundle."""

    bundle_id: UUID
