"""Working time over UTC intervals, when a deadline is given up, and whom a duty is told to. Pure: time is passed in.

Local opening times are turned into UTC instants day by day, so that sums of working time are sums of real seconds: an
hour that the clocks skip in spring is no hour, and the hour that they repeat in autumn counts twice (F15).
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
TRIES = 3
TRY_AGAIN_SECONDS = (5.0, 30.0)
DAY_MINUTES = 24 * 60
LONGEST_SEARCH_DAYS = 3700


class Nation(StrEnum):
    """The parts of the United Kingdom, which keep different bank holidays."""

    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern_ireland"


class DeadlineState(StrEnum):
    """Where a deadline stands; `stuck` is the visible list."""

    WAITING = "waiting"
    FIRED = "fired"
    CANCELLED = "cancelled"
    STUCK = "stuck"


class NeverOpen(ValueError):
    """A calendar in which no working time can be found."""


def try_again_seconds(failures: int) -> float | None:
    """Seconds until a deadline whose firing has failed is tried again; None when it is given up.

    Args:
        failures: how often firing has failed, this time included.
    """
    return None if failures >= TRIES else TRY_AGAIN_SECONDS[min(failures, len(TRY_AGAIN_SECONDS)) - 1]


# --- intervals ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Time from `start` up to, not including, `end`; both aware, kept in UTC.

    Raises:
        ValueError: a time is naive, or the end is before the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("An interval needs times with an offset.")
        if self.end < self.start:
            raise ValueError("An interval may not end before it starts.")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    @property
    def length(self) -> timedelta:
        """Real time between the ends."""
        return self.end - self.start


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time as disjoint intervals in order; empty ones are dropped and touching ones joined."""
    merged: list[Interval] = []
    for interval in sorted(i for i in intervals if i.length):
        if merged and interval.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, interval.end))
        else:
            merged.append(interval)
    return tuple(merged)


def subtract(whole: Iterable[Interval], holes: Iterable[Interval]) -> tuple[Interval, ...]:
    """The time of `whole` that is in none of `holes`."""
    left = list(merge(whole))
    for hole in merge(holes):
        cut: list[Interval] = []
        for interval in left:
            if hole.end <= interval.start or interval.end <= hole.start:
                cut.append(interval)
                continue
            if interval.start < hole.start:
                cut.append(Interval(interval.start, hole.start))
            if hole.end < interval.end:
                cut.append(Interval(hole.end, interval.end))
        left = cut
    return tuple(left)


def total(intervals: Iterable[Interval]) -> timedelta:
    """The real time in the intervals; time in two of them counts once."""
    return sum((i.length for i in merge(intervals)), timedelta())


# --- calendars ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """Working hours of one weekday.

    Attributes:
        weekday: 0 for Monday to 6 for Sunday.
        from_minute: minutes after local midnight, 0 to 1439.
        to_minute: minutes after local midnight, up to 1440, which is the next midnight.
    """

    weekday: int
    from_minute: int
    to_minute: int

    def __post_init__(self) -> None:
        if self.weekday not in range(7) or not 0 <= self.from_minute < self.to_minute <= DAY_MINUTES:
            raise ValueError("An opening needs a weekday from 0 to 6 and minutes with 0 <= from < to <= 1440.")


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When time counts.

    Attributes:
        openings: weekly hours; several on a weekday may overlap.
        closed_days: local days without working time, such as bank holidays.
        zone: the time zone of the hours.
    """

    openings: frozenset[Opening]
    closed_days: frozenset[date] = frozenset()
    zone: ZoneInfo = field(default=LONDON)


def weekdays(from_minute: int, to_minute: int, closed_days: frozenset[date] = frozenset()) -> WorkingCalendar:
    """Monday to Friday, the same hours each day; 540 and 1020 are nine to five."""
    return WorkingCalendar(frozenset(Opening(day, from_minute, to_minute) for day in range(5)), closed_days)


def round_the_clock() -> WorkingCalendar:
    """Every minute counts, bank holidays too."""
    return WorkingCalendar(frozenset(Opening(day, 0, DAY_MINUTES) for day in range(7)))


def _first_instant_at_or_after(local: datetime, zone: ZoneInfo) -> datetime:
    """The first UTC instant at which the wall clock shows `local` or later on its way forward."""
    early = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == local:
        return early
    # The clocks skip `local`: search the instant of the jump, which is where wall time passes it.
    low, high = early - timedelta(hours=3), early
    while high - low > timedelta(microseconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            low = middle
        else:
            high = middle
    return high


def _last_instant_before(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the wall clock reaches `local` for the last time."""
    late = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == local:
        return late
    return _first_instant_at_or_after(local, zone)


def _hours_of(day: date, calendar: WorkingCalendar) -> tuple[Interval, ...]:
    if day in calendar.closed_days:
        return ()
    midnight = datetime.combine(day, time())
    found = []
    for opening in calendar.openings:
        if opening.weekday == day.weekday():
            start = _first_instant_at_or_after(midnight + timedelta(minutes=opening.from_minute), calendar.zone)
            end = _last_instant_before(midnight + timedelta(minutes=opening.to_minute), calendar.zone)
            found.append(Interval(start, max(start, end)))
    return merge(found)


def _working(calendar: WorkingCalendar, start: datetime, last_day: date) -> Iterator[Interval]:
    """Disjoint working intervals in order, from `start` until the end of `last_day`, made as they are needed."""
    day, reached = start.astimezone(calendar.zone).date() - timedelta(days=1), start
    while day <= last_day:
        for interval in _hours_of(day, calendar):
            if interval.end > reached:
                yield Interval(max(reached, interval.start), interval.end)
                reached = interval.end
        day += timedelta(days=1)


def working_intervals(calendar: WorkingCalendar, start: datetime, end: datetime) -> tuple[Interval, ...]:
    """The working time between two instants; empty when the end is not after the start."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)  # times of one zone would compare by the wall clock
    if end <= start:
        return ()
    last_day = end.astimezone(calendar.zone).date() + timedelta(days=1)
    return merge(Interval(i.start, min(i.end, end)) for i in _working(calendar, start, last_day) if i.start < end)


def working_time(
    calendar: WorkingCalendar, start: datetime, end: datetime, pauses: Iterable[Interval] = ()
) -> timedelta:
    """Real seconds of working time between two instants, pauses not counted."""
    return total(subtract(working_intervals(calendar, start, end), pauses))


def add_working_time(
    calendar: WorkingCalendar, start: datetime, amount: timedelta, pauses: Iterable[Interval] = ()
) -> datetime:
    """The first instant by which `amount` of working time has passed since `start`.

    With no amount it is `start` itself, even outside working hours. A pause that is still open is passed in as an
    interval that ends in the far future, or up to now and the answer moved when it ends.

    Raises:
        ValueError: the amount is negative.
        NeverOpen: the calendar holds not so much working time within ten years.
    """
    if amount < timedelta():
        raise ValueError("Working time to add may not be negative.")
    start = start.astimezone(UTC)
    if not amount:
        return start
    holes = merge(pauses)
    left = amount
    last_day = start.astimezone(calendar.zone).date() + timedelta(days=LONGEST_SEARCH_DAYS)
    for interval in _working(calendar, start, last_day):
        for piece in subtract([interval], holes):
            if piece.length >= left:
                return piece.start + left
            left -= piece.length
    raise NeverOpen("The calendar does not hold that much working time within ten years.")


# --- duties -------------------------------------------------------------------------------------------------------

MORNING, EVENING = time(8), time(18)


class StepKind(StrEnum):
    """Why somebody is told of a duty."""

    REMINDER = "reminder"
    OVERDUE = "overdue"
    MANAGER = "manager"
    DAILY = "daily"
    CHASED = "chased"


@dataclass(frozen=True, slots=True)
class DutyStep:
    """One telling.

    Attributes:
        at: when, UTC.
        kind: why.
        days: days left for a reminder, else 0.
    """

    at: datetime
    kind: StepKind
    days: int = 0


def end_of_day(day: date) -> datetime:
    """The moment by which something due on a day must be done: its last minute in London."""
    return datetime.combine(day, time(23, 59), LONDON).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day in London."""
    return moment.astimezone(LONDON).date()


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, LONDON).astimezone(UTC)


def waking(moment: datetime) -> datetime:
    """The moment itself, or the next eight o'clock in London for one between six in the evening and then."""
    clock = moment.astimezone(LONDON).time()
    if clock < MORNING:
        return _morning(day_of(moment))
    return _morning(day_of(moment) + timedelta(days=1)) if clock >= EVENING else moment.astimezone(UTC)


def first_step(due_at: datetime, reminders: Collection[int], at: datetime) -> DutyStep:
    """Whom to tell first of a duty, later than `at`: the next reminder, else that it is overdue.

    Args:
        due_at: when it must be done.
        reminders: days before, such as 90, 60, 30 and 7; 0 is the morning of the day itself.
        at: the present, or the time of the reminder that has just gone out.
    """
    due_day = day_of(due_at)
    for days in sorted(set(reminders), reverse=True):
        morning = _morning(due_day - timedelta(days=days))
        if at < morning < due_at:
            return DutyStep(morning, StepKind.REMINDER, days)
    return DutyStep(waking(due_at), StepKind.OVERDUE)


def step_after(
    taken: DutyStep, due_at: datetime, reminders: Collection[int], at: datetime, *, to_manager: timedelta
) -> DutyStep:
    """What follows a telling while the duty is not done: it never ends (REQ-03, REQ-05).

    The owner is told first, the registered manager hours later on the same day, then both every morning.

    Args:
        taken: the last telling.
        to_manager: how long after the owner.
        at: the present; mornings that passed while nothing ran are not made up for.
    """
    if taken.kind is StepKind.REMINDER:
        return first_step(due_at, reminders, max(taken.at, at))
    if taken.kind is StepKind.OVERDUE:
        return DutyStep(taken.at + to_manager, StepKind.MANAGER)
    return DutyStep(_morning(day_of(max(taken.at, at)) + timedelta(days=1)), StepKind.DAILY)


def to_be_told(kind: StepKind, owner: str, managers: Iterable[str]) -> tuple[str, ...]:
    """Ids of the people whom a step tells, each once.

    Args:
        owner: whose duty it is; empty when nobody has it, or when they have left: then managers are told at once.
        managers: the registered managers.
    """
    everyone = tuple(dict.fromkeys([owner, *managers] if owner else managers))
    return (owner,) if owner and kind in (StepKind.REMINDER, StepKind.OVERDUE) else everyone


def feed_hash(token: str) -> str:
    """What is kept of the secret part of a calendar's address."""
    return hashlib.sha256(token.encode()).hexdigest()
