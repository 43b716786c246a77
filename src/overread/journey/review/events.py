"""Facts about reviews."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent, NowEvent


@dataclass(frozen=True, kw_only=True)
class CorrectionAsked(NowEvent):
    """A serious difference is confirmed: the report must be corrected today.

    Attributes:
        report_id: the version that is wrong.
        review_id: the review that found it.
    """

    report_id: UUID
    review_id: UUID


@dataclass(frozen=True, kw_only=True)
class BundleAsked(LaterEvent):
    """A bundle without identity is to be made for an external reviewer."""

    bundle_id: UUID


@dataclass(frozen=True, kw_only=True)
class BundleAnswered(LaterEvent):
    """An external reviewer has judged a bundle."""

    bundle_id: UUID
