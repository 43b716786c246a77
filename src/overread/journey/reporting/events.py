"""Facts about reports."""

from dataclasses import dataclass
from uuid import UUID

from overread.foundation.work.events import LaterEvent, NowEvent


@dataclass(frozen=True, kw_only=True)
class ReportSigned(NowEvent):
    """A version was signed: alert and deliveries are made in the same transaction.

    Attributes:
        alert_category: the category chosen at signing, or "" for none.
    """

    report_id: UUID
    read_id: UUID | None
    kind: str
    signed_by: UUID
    alert_category: str


@dataclass(frozen=True, kw_only=True)
class ReportToWrite(LaterEvent):
    """Its documents are to be made from the signed text."""

    report_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReportWritten(NowEvent):
    """Its documents exist in the object store."""

    report_id: UUID


@dataclass(frozen=True, kw_only=True)
class GatePassed(LaterEvent):
    """A version was signed although a soft gate was shut: the registered manager is told at once (H33).

    Attributes:
        gates: names of the gates.
    """

    report_id: UUID
    signed_by: UUID
    gates: tuple[str, ...]
