"""Facts about readers' credentials."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent


@dataclass(frozen=True, kw_only=True)
class RegisterCheckFailed(LaterEvent):
    """A check of a regulator's register did not find the reader in good standing: allocation has stopped."""

    person_id: UUID
    body: str
    check: UUID


@dataclass(frozen=True, kw_only=True)
class GateOverridden(LaterEvent):
    """The registered manager let a reader pass a soft gate for a time."""

    person_id: UUID
    override: UUID
    gate: str
