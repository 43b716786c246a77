"""Named reads of complaints."""

from datetime import datetime
from uuid import UUID

from overread.foundation.clock.queries import working_day_after
from overread.foundation.registers import reading
from overread.foundation.registers.dues import Due
from overread.foundation.registers.reading import Entry
from overread.foundation.thresholds import current as thresholds
from overread.governance.complaints import rules
from overread.governance.complaints.models import Complaint
from overread.governance.complaints.rules import FIELDS


def limits() -> rules.Limits:
    """The times that act now."""
    return rules.Limits(
        acknowledge=thresholds.whole("complaint.acknowledge"),
        private_reply=thresholds.whole("complaint.private_reply"),
        nhs_warning=thresholds.whole("complaint.nhs_warning"),
        nhs_ceiling=thresholds.whole("complaint.nhs_ceiling"),
    )


def reminders() -> tuple[int, ...]:
    """Days before something is due on which its owner is reminded."""
    return (thresholds.whole("incident.reminder"),)


def complaints(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The complaints of the register, at a time, as known by a time."""
    return reading.entries(Complaint, FIELDS, at=at, known_by=known_by)


def complaint(key: UUID) -> Entry | None:
    """One of them as it stands now."""
    return reading.entry(Complaint, FIELDS, key)


def versions(key: UUID) -> list[Entry]:
    """All versions of one, in order."""
    return reading.versions(Complaint, FIELDS, key)


def dues(entry: Entry) -> dict[str, Due]:
    """What is still to be done about it, and by when."""
    return {**rules.dues(entry.values, limits(), working_day_after)}
