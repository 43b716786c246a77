"""What the clock says when a time has come."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from overread.foundation.work.events import LaterEvent, NowEvent


@dataclass(frozen=True, kw_only=True)
class DeadlineFired(NowEvent):
    """A deadline has been reached; reactions run in the transaction that fires it and check the world again.

    Attributes:
        kind: what was to happen, such as "escalation.rung"; react with @on(DeadlineFired, kind=...).
        subject_id: the row it is about.
        due_at: when it was due. What follows is dated at this time, not at the moment of firing.
    """

    kind: str
    subject_id: UUID
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class DigestDue(LaterEvent):
    """Somebody is to be told by mail of the duties that wait for them."""

    person_id: UUID
