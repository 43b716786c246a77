"""Named reads of risks."""

from datetime import date, datetime
from uuid import UUID

from overread.foundation.registers import reading
from overread.foundation.registers.reading import Entry
from overread.foundation.thresholds import current as thresholds
from overread.governance.risks import rules
from overread.governance.risks.models import Risk
from overread.governance.risks.rules import FIELDS, Level, Limits


def limits() -> Limits:
    """The scores and intervals that act now."""
    months = {
        Level.HIGH: thresholds.whole("risk.review_high"),
        Level.MEDIUM: thresholds.whole("risk.review_medium"),
        Level.LOW: thresholds.whole("risk.review_low"),
    }
    return Limits(thresholds.whole("risk.medium_from"), thresholds.whole("risk.high_from"), months)


def reminders() -> tuple[int, ...]:
    """Days before a review is due on which the owner is reminded."""
    names = ("risk.reminder_1", "risk.reminder_2", "risk.reminder_3")
    return tuple(thresholds.whole(name) for name in names)


def risks(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The risks that stand in the register, at a time, as known by a time."""
    return reading.entries(Risk, FIELDS, at=at, known_by=known_by)


def risk(key: UUID) -> Entry | None:
    """A risk as it stands now."""
    return reading.entry(Risk, FIELDS, key)


def versions(key: UUID) -> list[Entry]:
    """All versions of a risk, in order."""
    return reading.versions(Risk, FIELDS, key)


def next_review(entry: Entry) -> date:
    """The last day on which a risk must be reviewed."""
    return rules.next_review(entry.values, limits())


def level_of(entry: Entry) -> Level:
    """How high a risk is with its controls."""
    return rules.level(rules.residual(entry.values), limits())
