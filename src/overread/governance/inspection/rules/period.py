"""The period of a pack, from what a person types: days of the United Kingdom, or exact moments."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Period:
    """From when until before when, judged as at and known by which moment; `faults` says what could not be read."""

    from_at: datetime
    to_at: datetime
    as_at: datetime
    known_by: datetime
    faults: tuple[str, ...] = ()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def moment_of(text: str, *, end: bool) -> datetime | None:
    """A typed day or moment; a day means its begin, or with `end` the begin of the next day. None when unreadable."""
    try:
        if "T" in text:
            found = datetime.fromisoformat(text)
            return found if found.tzinfo else found.replace(tzinfo=LONDON)
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return _midnight(day + timedelta(days=1) if end else day)


def period_of(asked: dict[str, str], now: datetime) -> Period:
    """The period that was asked for; the last year as at now for what was left out or cannot be read.

    Args:
        asked: may hold "from", "to", "as_at" and "known_by", each a day (2026-03-01) or a moment (2026-03-01T09:30+00:00).
        now: nothing is judged after it.
    """
    faults: list[str] = []

    def read(name: str, otherwise: datetime, *, end: bool) -> datetime:
        text = asked.get(name, "").strip()
        if not text:
            return otherwise
        found = moment_of(text, end=end)
        if found is None:
            faults.append(f"“{text}” is no day: write it as 2026-03-01.")
            return otherwise
        return found

    tomorrow = _midnight(now.astimezone(LONDON).date() + timedelta(days=1))
    to_at = read("to", tomorrow, end=True)
    from_at = read("from", to_at - YEAR, end=False)
    as_at = min(read("as_at", now, end=True), now)
    known_by = min(read("known_by", now, end=True), now)
    if from_at >= to_at:
        faults.append("The period ends before it begins.")
        from_at = to_at - YEAR
    return Period(from_at, to_at, as_at, known_by, tuple(faults))
