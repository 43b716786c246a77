"""Facts about readers' credentials."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent


@dataclass(frozen=True, kw_only=True)
class RegisterCheckFailed(LaterEvent):
    """A check of a regulator's register did not find the reader in good standing: allocation has stopped."""

    person_id: UUID
    body: str


@dataclass(frozen=True, kw_only=True)
class CredentialRunsOut(LaterEvent):
    """Something on record about a reader runs out soon, or has run out.

    Attributes:
        what: the gate that it opens, a key of rules.GATE_WORDS.
        days_left: until its last day; below 0 once it has run out.
    """

    person_id: UUID
    key: UUID
    what: str
    days_left: int


@dataclass(frozen=True, kw_only=True)
class GateOverridden(LaterEvent):
    """The registered manager let a reader pass a soft gate for a time."""

    person_id: UUID
    override: UUID
    gate: str
