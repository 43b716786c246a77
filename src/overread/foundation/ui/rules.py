"""Words and shapes of times and numbers on pages; pure, with the time passed in as `at`.

Times are UTC or any aware datetime; people read them in Europe/London.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTE, HOUR, DAY = 60, 3600, 86400
ICONS = {
    "crit": "alarm",
    "urg": "hourglass-bottom",
    "warn": "hourglass-split",
    "ok": "clock",
    "idle": "clock",
    "hold": "pause-circle",
}


def span_words(seconds: float) -> str:
    """A length of time, cut down to whole minutes: "38 min", "1 h 58", "3 days"; below a minute "under 1 min"."""
    whole = int(abs(seconds))
    if whole < MINUTE:
        return "under 1 min"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        hours, minutes = divmod(whole // MINUTE, 60)
        return f"{hours} h {minutes:02d}" if minutes else f"{hours} h"
    days = whole // DAY
    return "1 day" if days == 1 else f"{days} days"


def until_words(due_at: datetime, at: datetime) -> str:
    """How far a deadline is from `at`: "in 38 min", "12 min late", "tomorrow", "in 3 days"."""
    left = (due_at - at).total_seconds()
    if left < 0:
        return f"{span_words(left)} late"
    days = (due_at.astimezone(LONDON).date() - at.astimezone(LONDON).date()).days
    if days == 0 or left < 6 * HOUR:
        return f"in {span_words(left)}"
    return "tomorrow" if days == 1 else f"in {days} days"


def exact_words(due_at: datetime, at: datetime) -> str:
    """The exact time, with the day when it is another day and the year when it is another year."""
    local, today = due_at.astimezone(LONDON), at.astimezone(LONDON)
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return clock
    year = f" {local.year}" if local.year != today.year else ""
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}{year}, {clock}"


def share_used(start_at: datetime | None, due_at: datetime, at: datetime) -> int | None:
    """Percent of the allowance that has gone, 0 to 100; None when it is not known when the clock started."""
    if start_at is None or due_at <= start_at:
        return None
    return max(0, min(100, int(100 * ((at - start_at) / (due_at - start_at)))))


def due_state(due_at: datetime, at: datetime, used: int | None) -> str:
    """crit: late, or 10 minutes left; urg: at most 30 % left; warn: less than 60 % left; ok: today; idle: later.

    Without a known start the minutes decide: half an hour is urgent, two hours want a look.
    """
    left = (due_at - at).total_seconds()
    if left < 0:
        return "crit"
    if used is None:
        used = 70 if left <= 30 * MINUTE else 41 if left <= 2 * HOUR else 0
    if used >= 70:
        return "crit" if left < 10 * MINUTE else "urg"
    if used > 40:
        return "warn"
    return "ok" if due_at.astimezone(LONDON).date() == at.astimezone(LONDON).date() else "idle"


def when_words(moment: datetime, shape: str = "") -> str:
    """A past or future moment as text in Europe/London.

    Shapes: "" 17 Nov 2026, 13:42; "day" 17 Nov 2026; "time" 13:42; "seconds" 13:42:08; "long" 17 November 2026;
    "zone" 17 Nov 2026, 13:42 GMT; "weekday" Tue 17 Nov 2026, 13:42 GMT. Raises ValueError for another shape.
    """
    local = moment.astimezone(LONDON)
    day = f"{local.day:02d} {MONTHS[local.month - 1]} {local.year}"
    clock = f"{local:%H:%M}"
    shapes = {
        "": f"{day}, {clock}",
        "day": day,
        "time": clock,
        "seconds": f"{local:%H:%M:%S}",
        "long": f"{local.day} {LONG_MONTHS[local.month - 1]} {local.year}",
        "zone": f"{day}, {clock} {local.tzname()}",
        "weekday": f"{DAYS[local.weekday()]} {day}, {clock} {local.tzname()}",
    }
    if shape not in shapes:
        raise ValueError(f"No such shape of a time: {shape!r}")
    return shapes[shape]


def nhs_words(number: str) -> str:
    """An NHS number as 3-3-4. What is not ten digits is returned unchanged, because nothing may be lost."""
    digits = "".join(number.split())
    if len(digits) == 10 and digits.isascii() and digits.isdigit():
        return f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return number.strip()


def size_words(size: int) -> str:
    """Bytes as people read them, in powers of 1000: "301 kB", "1.2 GB"."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    raise AssertionError("unreachable: the last unit returns")


def left_words(seconds: int) -> str:
    """What is left on a paused clock: "1 h 20 left"."""
    return (
        f"{span_words(timedelta(seconds=seconds).total_seconds())} left"
        if seconds >= 0
        else (f"{span_words(seconds)} over")
    )
