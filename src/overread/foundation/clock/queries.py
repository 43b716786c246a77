"""Named reads of deadlines and bank holidays."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min

from overread.foundation.clock.addressees import directory
from overread.foundation.clock.kinds import duty_kind
from overread.foundation.clock.kinds import kind as kind_of
from overread.foundation.clock.models import BankHoliday, CalendarFeed, Deadline, Duty, DutyNotice
from overread.foundation.clock.rules import DeadlineState, Nation, WorkingCalendar, feed_hash, weekdays
from overread.foundation.work.moment import moment

SATURDAY = 5


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


def next_due() -> datetime | None:
    """When the next waiting deadline falls due or is tried again; None when nothing waits."""
    found: datetime | None = (
        Deadline.objects.filter(state=DeadlineState.WAITING)
        .order_by("next_try_at")
        .values_list("next_try_at", flat=True)
        .first()
    )
    return found


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


def working_day_after(day: date, count: int, nation: Nation | str = Nation.ENGLAND) -> date:
    """The last day on which something due within `count` working days of a day is in time; that day does not count."""
    closed = bank_holidays(nation, day, day + timedelta(days=2 * count + 60))
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY and day not in closed
    return day


# --- duties -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DutyView:
    """What a person must do by a time.

    Attributes:
        words: what is to be done.
        page, with_subject: URL name of the page where it is done, and whether it takes the subject's id.
        told: how often somebody was told, and when last.
    """

    id: UUID
    kind: str
    words: str
    page: str
    with_subject: bool
    subject_id: UUID
    owner_id: UUID | None
    owner_name: str
    title: str
    due_at: datetime
    set_at: datetime
    ended_at: datetime | None
    client_id: UUID | None = None
    told: int = 0
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """That a person was told of a duty, or is to be."""

    id: UUID
    duty_id: UUID
    person_id: UUID
    owner_id: UUID | None
    owner_name: str
    title: str
    due_at: datetime
    step: str
    at: datetime
    mailed_at: datetime | None
    result: str
    detail: str


def _names(ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    wanted = {one for one in ids if one is not None}
    found = directory().names(wanted) if wanted else {}
    return {one: name for one, name in found.items()}


def _duty_view(row: Duty, names: dict[UUID | None, str]) -> DutyView:
    kind = duty_kind(row.kind)
    return DutyView(
        id=row.pk,
        kind=row.kind,
        words=kind.words,
        page=kind.page,
        with_subject=kind.with_subject,
        subject_id=row.subject_id,
        owner_id=row.owner_id,
        owner_name=names.get(row.owner_id, ""),
        title=row.title,
        due_at=row.due_at,
        set_at=row.set_at,
        ended_at=row.ended_at,
        client_id=row.client_id,
    )


def duties(owner_id: UUID | None = None, kinds: Iterable[str] | None = None) -> list[DutyView]:
    """Duties that are not done, the most pressing first; of one person, or of some kinds, when they are named."""
    rows = Duty.objects.filter(ended_at=None).order_by("due_at", "title")
    rows = rows.filter(owner_id=owner_id) if owner_id else rows
    rows = rows.filter(kind__in=list(kinds)) if kinds is not None else rows
    told = DutyNotice.objects.filter(duty__in=rows).values_list("duty_id").annotate(Count("id"), Max("at"))
    counts: dict[UUID, tuple[int, datetime | None]] = {duty_id: (count, last) for duty_id, count, last in told}
    names = _names(row.owner_id for row in rows)
    found = []
    for row in rows:
        count, last = counts.get(row.pk, (0, None))
        found.append(replace(_duty_view(row, names), told=count, told_at=last))
    return found


def duty(kind: str, subject_id: UUID) -> DutyView | None:
    """The duty of a kind about a subject that is not done."""
    row = Duty.objects.filter(kind=kind, subject_id=subject_id, ended_at=None).first()
    return _duty_view(row, _names([row.owner_id])) if row else None


def _notice_view(row: DutyNotice, names: dict[UUID | None, str]) -> NoticeView:
    return NoticeView(
        id=row.pk,
        duty_id=row.duty_id,
        person_id=row.person_id,
        owner_id=row.duty.owner_id,
        owner_name=names.get(row.duty.owner_id, ""),
        title=row.duty.title,
        due_at=row.duty.due_at,
        step=row.step,
        at=row.at,
        mailed_at=row.mailed_at,
        result=row.result,
        detail=row.detail,
    )


def _notice_views(rows: Iterable[DutyNotice]) -> list[NoticeView]:
    found = list(rows)
    names = _names(row.duty.owner_id for row in found)
    return [_notice_view(row, names) for row in found]


def notices_of(kind: str, subject_id: UUID) -> list[NoticeView]:
    """Everybody who was told of duties of a kind about a subject, oldest first: the log of reminders."""
    rows = DutyNotice.objects.filter(duty__kind=kind, duty__subject_id=subject_id).select_related("duty")
    return _notice_views(rows.order_by("at", "id"))


def untold(person_id: UUID) -> list[NoticeView]:
    """What a person has not been told by mail, of duties that are still open."""
    rows = DutyNotice.objects.filter(person_id=person_id, mailed_at=None, duty__ended_at=None)
    return _notice_views(rows.select_related("duty").order_by("duty__due_at"))


def feed_owner(token: str) -> UUID | None:
    """Whose calendar is read at this secret address; None when it was ended or never made, or the account closed."""
    found = CalendarFeed.objects.filter(sha256=feed_hash(token), ended_at=None)
    owner_id = found.values_list("person_id", flat=True).first()
    return owner_id if owner_id and directory().person(owner_id) else None


def feed_made_at(person_id: UUID) -> datetime | None:
    """When a person's calendar address was made, if there is one."""
    return CalendarFeed.objects.filter(person_id=person_id, ended_at=None).values_list("made_at", flat=True).first()
