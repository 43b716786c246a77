"""Who may claim a read, and when a lease has run out: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from overread.governance.credentials.rules import Reason


class Ended(StrEnum):
    """How a claim ended."""

    HANDED_BACK = "handed_back"
    TAKEN_OVER = "taken_over"
    LEASE_RAN_OUT = "lease_ran_out"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ClaimFacts:
    """A live claim."""

    person_id: UUID
    lease_until: datetime

    def is_live(self, at: datetime) -> bool:
        """Whether the lease still runs."""
        return at < self.lease_until


def lease_end(at: datetime, lease: timedelta) -> datetime:
    """Until when a claim or a beat at `at` holds, without another sign of life from the reading page."""
    return at + lease


def may_claim(
    gates: Iterable[Reason], claim: ClaimFacts | None, *, person_id: UUID, at: datetime
) -> tuple[Reason, ...]:
    """All reasons for and against a claim now; it may be made if every one holds.

    Args:
        gates: what credentials and role say of this reader and this read.
        claim: the claim that stands, if any.
        person_id: who asks.
        at: now.
    """
    held = claim is not None and claim.is_live(at) and claim.person_id != person_id
    free = Reason(not held, "Another reader is reading it" if held else "Nobody else is reading it")
    return (*gates, free)


def allowed(reasons: Iterable[Reason]) -> bool:
    """Whether every reason holds."""
    return all(reason.holds for reason in reasons)
