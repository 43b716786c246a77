"""Facts about referrals."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent, NowEvent


@dataclass(frozen=True, kw_only=True)
class ReferralAccepted(NowEvent):
    """A referral was taken and its case opened."""

    referral_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReferralMatched(NowEvent):
    """A study was matched with a referral; `by_itself` says that no person decided."""

    referral_id: UUID
    study_id: UUID
    by_itself: bool


@dataclass(frozen=True, kw_only=True)
class ReferralUnmatched(NowEvent):
    """A match was undone: the study belongs to no case, the case has no images."""

    referral_id: UUID
    study_id: UUID


@dataclass(frozen=True, kw_only=True)
class QueryTurned(LaterEvent):
    """A question, an answer or a reminder is to be told to those whose turn it is.

    Attributes:
        to: client or provider.
        reminders: how many were sent before; part of the key, so that each is sent once.
    """

    query_id: UUID
    to: str
    reminders: int
