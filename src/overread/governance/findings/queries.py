"""Named reads of findings."""

from datetime import datetime
from uuid import UUID

from overread.foundation.registers import reading
from overread.foundation.registers.dues import Due
from overread.foundation.registers.reading import Entry
from overread.foundation.thresholds import current as thresholds
from overread.governance.findings import rules
from overread.governance.findings.models import Finding
from overread.governance.findings.rules import FIELDS


def reminders() -> tuple[int, ...]:
    """Days before something is due on which its owner is reminded."""
    return (thresholds.whole("incident.reminder"),)


def findings(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The findings of the register, at a time, as known by a time."""
    return reading.entries(Finding, FIELDS, at=at, known_by=known_by)


def finding(key: UUID) -> Entry | None:
    """One of them as it stands now."""
    return reading.entry(Finding, FIELDS, key)


def versions(key: UUID) -> list[Entry]:
    """All versions of one, in order."""
    return reading.versions(Finding, FIELDS, key)


def dues(entry: Entry) -> dict[str, Due]:
    """What is still to be done about it, and by when."""
    return {**rules.dues(entry.values, thresholds.whole("finding.close"))}
