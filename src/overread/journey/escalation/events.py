"""Facts about alerts."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent, NowEvent


@dataclass(frozen=True, kw_only=True)
class AlertRaised(NowEvent):
    """An alert exists and its ladder has begun."""

    alert_id: UUID
    category: str


@dataclass(frozen=True, kw_only=True)
class AlertAcknowledged(NowEvent):
    """A named person has taken the alert; the ladder has stopped."""

    alert_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttemptDue(LaterEvent):
    """An attempt's intent is written; now it is to be made."""

    attempt_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProviderMustAct(LaterEvent):
    """A step that no machine can take has come: a call by telephone, the end of a round, or a ladder without rungs."""

    alert_id: UUID
