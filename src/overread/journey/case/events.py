"""Facts of cases. All of them happen in the transaction of the action that causes them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from overread.foundation.work.events import NowEvent


@dataclass(frozen=True, kw_only=True)
class CaseOpened(NowEvent):
    """A case began. `case_id` and `client_id` are set on every event of this area."""

    state: str


@dataclass(frozen=True, kw_only=True)
class CaseReady(NowEvent):
    """A read can be claimed: images are complete, the referral is accepted, the clock runs."""

    read_id: UUID
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseMoved(NowEvent):
    """A case went from one state to another; `move` is the value of rules.Move."""

    move: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ReadHandedBack(NowEvent):
    """A claimed read is free again: its reader gave it back, or lost it."""

    read_id: UUID
    reader_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class ReadWithdrawn(NowEvent):
    """A claimed read was taken from its reader because its case was held or lost its images."""

    read_id: UUID
    reader_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class StudyAttached(NowEvent):
    """A study became part of a case."""

    study_id: UUID
    role: str


@dataclass(frozen=True, kw_only=True)
class StudyDetached(NowEvent):
    """A study was taken out of a case."""

    study_id: UUID


@dataclass(frozen=True, kw_only=True)
class LateImages(NowEvent):
    """Images came after their study had counted as complete (H04).

    Attributes:
        images: how many came late.
        signed: a report had been signed without them; then the case is open again for reading.
    """

    study_id: UUID
    images: int
    signed: bool


@dataclass(frozen=True, kw_only=True)
class CaseInDanger(NowEvent):
    """Most of the agreed time is used and no report has been accepted."""

    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseLate(NowEvent):
    """The agreed time has passed and no report has been accepted."""

    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ClockPaused(NowEvent):
    """A turnaround clock stands still for an agreed reason."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ClockResumed(NowEvent):
    """A turnaround clock runs again."""

    due_at: datetime
