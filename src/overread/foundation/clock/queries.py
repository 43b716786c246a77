"""Named reads of deadlines and bank holidays."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Min

from overread.foundation.clock.kinds import kind as kind_of
from overread.foundation.clock.models import BankHoliday, Deadline
from overread.foundation.clock.rules import DeadlineState, Nation, WorkingCalendar, weekdays
from overread.foundation.work.moment import moment


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """One deadline as others see it. `words` say what is late when it is late."""

    id: UUID
    kind: str
    words: str
    subject_id: UUID
    client_id: UUID | None
    case_id: UUID | None
    due_at: datetime
    state: str
    failures: int
    last_error: str
    fired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late deadlines were fired, in seconds, over a period; zeros when none was."""

    fired: int
    median: float
    p95: float
    worst: float


@dataclass(frozen=True, slots=True)
class ClockHealth:
    """Whether deadlines fire. `oldest_due_seconds` grows when no worker sweeps; `stuck` counts the visible list."""

    waiting: int
    overdue: int
    stuck: int
    oldest_due_seconds: float


def _view(row: Deadline) -> DeadlineView:
    return DeadlineView(
        id=row.pk,
        kind=row.kind,
        words=kind_of(row.kind).words,
        subject_id=row.subject_id,
        client_id=row.client_id,
        case_id=row.case_id,
        due_at=row.due_at,
        state=row.state,
        failures=row.failures,
        last_error=row.last_error,
        fired_at=row.fired_at,
    )


def due_for(subject_ids: Iterable[UUID], kind: str) -> dict[UUID, datetime]:
    """The due times of live deadlines of one kind, by subject; a subject without one is absent."""
    live = Deadline.objects.filter(state__in=[DeadlineState.WAITING, DeadlineState.STUCK], kind=kind)
    return dict(live.filter(subject_id__in=list(subject_ids)).values_list("subject_id", "due_at"))


def deadlines_of(subject_id: UUID) -> list[DeadlineView]:
    """Everything the clock knows of a subject: live, fired and cancelled, in order of due time."""
    return [_view(row) for row in Deadline.objects.filter(subject_id=subject_id).order_by("due_at", "set_at")]


def stuck(limit: int = 200) -> list[DeadlineView]:
    """Deadlines that could not be fired: the visible list, the longest overdue first."""
    return [_view(row) for row in Deadline.objects.filter(state=DeadlineState.STUCK).order_by("due_at")[:limit]]


def health() -> ClockHealth:
    """The state of the clock at this moment."""
    at = moment()
    waiting = Deadline.objects.filter(state=DeadlineState.WAITING)
    overdue = waiting.filter(due_at__lte=at)
    oldest = overdue.aggregate(oldest=Min("due_at"))["oldest"]
    return ClockHealth(
        waiting=waiting.count(),
        overdue=overdue.count(),
        stuck=Deadline.objects.filter(state=DeadlineState.STUCK).count(),
        oldest_due_seconds=max(0.0, (at - oldest).total_seconds()) if oldest else 0.0,
    )


def _share(ordered: list[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def lateness(since: datetime) -> Lateness:
    """How late deadlines were fired that were fired since a time: from being due to firing."""
    rows = Deadline.objects.filter(state=DeadlineState.FIRED, fired_at__gte=since).values_list("due_at", "fired_at")
    late = sorted(max(0.0, (fired - due) / timedelta(seconds=1)) for due, fired in rows if fired)
    if not late:
        return Lateness(0, 0.0, 0.0, 0.0)
    return Lateness(len(late), _share(late, 0.5), _share(late, 0.95), late[-1])


def bank_holidays(nation: Nation | str, first: date, last: date) -> frozenset[date]:
    """The days in a period, its ends included, on which a nation does not work."""
    rows = BankHoliday.objects.filter(nation=str(nation), day__range=(first, last))
    return frozenset(rows.values_list("day", flat=True))


def working_week(nation: Nation | str, at: datetime, from_minute: int = 540, to_minute: int = 1020) -> WorkingCalendar:
    """Monday to Friday with a nation's bank holidays, for sums that begin within a year of a time.

    Args:
        nation: whose bank holidays.
        at: the time around which holidays are fetched, a year before and three after.
        from_minute: local opening, in minutes after midnight.
        to_minute: local closing, likewise.
    """
    day = at.date()
    return weekdays(
        from_minute, to_minute, bank_holidays(nation, day - timedelta(days=366), day + timedelta(days=1100))
    )


def holidays_of(nation: Nation | str, year: int) -> list[tuple[date, str]]:
    """A nation's bank holidays of a year with their names, in order."""
    rows = BankHoliday.objects.filter(nation=str(nation), day__year=year).order_by("day")
    return list(rows.values_list("day", "name"))
