"""Facts about referrals."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import NowEvent


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
