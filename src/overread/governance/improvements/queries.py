"""Named reads of actions."""

from datetime import datetime
from uuid import UUID

from overread.foundation.registers import reading
from overread.foundation.registers.dues import Due
from overread.foundation.registers.reading import Entry
from overread.foundation.thresholds import current as thresholds
from overread.governance.improvements import rules
from overread.governance.improvements.models import Improvement
from overread.governance.improvements.rules import FIELDS


def effect_from() -> int:
    """Days after it was done from which one can see whether an action worked."""
    return thresholds.whole("incident.effect_from")


def reminders() -> tuple[int, ...]:
    """Days before something is due on which its owner is reminded."""
    return (thresholds.whole("incident.reminder"),)


def improvements(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The actions of the register, at a time, as known by a time."""
    return reading.entries(Improvement, FIELDS, at=at, known_by=known_by)


def improvement(key: UUID) -> Entry | None:
    """One of them as it stands now."""
    return reading.entry(Improvement, FIELDS, key)


def versions(key: UUID) -> list[Entry]:
    """All versions of one, in order."""
    return reading.versions(Improvement, FIELDS, key)


def dues(entry: Entry) -> dict[str, Due]:
    """What is still to be done about it, and by when."""
    return {**rules.dues(entry.values, thresholds.whole("incident.effect_until"))}
