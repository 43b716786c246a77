"""Days on which things run out, and when somebody is reminded: pure."""

from collections.abc import Iterable
from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """The same day of the month some months later; the month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def next_reminder(ends_on: date, today: date, before_days: Iterable[int]) -> date | None:
    """The next day on which to say that something runs out: before its last day, the day after, then every day.

    Args:
        ends_on: the last day on which it holds.
        today: a reminder of today has been sent.
        before_days: how many days before the last day to say so.

    Returns:
        A day after `today`. It never ends by giving up: what has run out is said every day until it is put right.
    """
    planned = sorted({ends_on - timedelta(days=days) for days in before_days} | {ends_on + timedelta(days=1)})
    return next((day for day in planned if day > today), today + timedelta(days=1))


def last_day_words(ends_on: date, today: date) -> str:
    """When it runs out, for people: "runs out in 12 days, 6 Dec 2026"."""
    left = (ends_on - today).days
    day = f"{ends_on.day} {ends_on:%b %Y}"
    if left < 0:
        return f"ran out on {day}"
    if left == 0:
        return f"runs out today, {day}"
    return f"runs out in {left} day{'s' if left != 1 else ''}, {day}"
