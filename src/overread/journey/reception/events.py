"""Facts of reception; all in the transaction of the action that finds them."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent, NowEvent


@dataclass(frozen=True, kw_only=True)
class StudyComplete(NowEvent):
    """A study has arrived whole.

    Attributes:
        study_id: the study.
        images: how many images it has.
        late: it had counted as complete before, and more came.
        short: fewer came than were declared.
    """

    study_id: UUID
    images: int
    late: bool = False
    short: bool = False


@dataclass(frozen=True, kw_only=True)
class StudyHeld(NowEvent):
    """A study waits for a person's decision; `reason` is a value of rules.HoldReason."""

    hold_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class StudyReleased(NowEvent):
    """A held study was let into the archive."""

    hold_id: UUID
    study_id: UUID


@dataclass(frozen=True, kw_only=True)
class StudyReturned(LaterEvent):
    """A held study is not taken; its bytes are to be removed and the client is told."""

    hold_id: UUID


@dataclass(frozen=True, kw_only=True)
class ObjectQuarantined(NowEvent):
    """Objects were put into quarantine; `count` of them in one batch."""

    count: int
