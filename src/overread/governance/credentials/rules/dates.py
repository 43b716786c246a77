"""Days on which things run out: pure."""

from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """The same day of the month some months later; the month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def last_day_words(ends_on: date, today: date) -> str:
    """When it runs out, for people: "runs out in 12 days, 6 Dec 2026"."""
    left = (ends_on - today).days
    day = f"{ends_on.day} {ends_on:%b %Y}"
    if left < 0:
        return f"ran out on {day}"
    if left == 0:
        return f"runs out today, {day}"
    return f"runs out in {left} day{'s' if left != 1 else ''}, {day}"
