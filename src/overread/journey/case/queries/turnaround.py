"""Clocks that started in a period and how they stood at a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from overread.journey.case.models import Clock, ClockPause
from overread.journey.case.queries.cards import running_dues
from overread.journey.case.rules import Interval, TurnaroundCounts, Turned, elapsed, turnaround


@dataclass(frozen=True)
class Turnaround:
    """Clocks that started in a period, and how they stood; `rows` are the clocks behind the numbers."""

    from_at: datetime
    to_at: datetime
    counts: TurnaroundCounts
    rows: tuple[Turned, ...]


def turnaround_between(
    from_at: datetime, to_at: datetime, *, as_at: datetime, client_id: UUID | None = None
) -> Turnaround:
    """How many reports were accepted within the agreed time.

    Args:
        from_at, to_at: clocks that started from the one until before the other.
        as_at: the moment at which they are judged; what was accepted later counts as running then.
        client_id: one client's; None for all in scope.

    A clock never moves (a trigger refuses it). Its agreed minutes are those of its priority now: a priority that was
    changed after `as_at` is not undone here.
    """
    rows = Clock.objects.filter(received_at__gte=from_at, received_at__lt=to_at, received_at__lte=as_at)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    clocks = list(rows.order_by("received_at", "id"))
    pauses: dict[UUID, list[Interval]] = {}
    known = ClockPause.objects.filter(case_id__in={c.case_id for c in clocks}, from_at__lte=as_at)
    for pause in known:
        pauses.setdefault(pause.case_id, []).append(Interval(pause.from_at, pause.to_at))
    turned = tuple(_turned(c, pauses.get(c.case_id, []), as_at) for c in clocks)
    return Turnaround(from_at=from_at, to_at=to_at, counts=turnaround(turned), rows=turned)


def _turned(clock: Clock, pauses: list[Interval], as_at: datetime) -> Turned:
    accepted = clock.accepted_at if clock.accepted_at and clock.accepted_at <= as_at else None
    used = elapsed(clock.received_at, pauses, accepted or as_at)
    return Turned(
        case_id=clock.case_id,
        received_at=clock.received_at,
        accepted_at=accepted,
        allowed_minutes=clock.allowance_minutes,
        used_minutes=used.total_seconds() / 60,
    )


@dataclass(frozen=True)
class ClientNow:
    """How a client's clocks stand.

    Attributes:
        open: reads that wait or are being read; `late` of them past their time; `next_due` the first that is due.
        median_minutes, p95_minutes: of reports accepted in the last 7 days, None for none.
        weeks, on_time: clocks that started in the last 12 weeks, and the share in time of those decided, percent.
    """

    open: int
    late: int
    next_due: datetime | None
    median_minutes: float | None
    p95_minutes: float | None
    weeks: int
    on_time: int | None


def turnaround_now(client_id: UUID, at: datetime) -> ClientNow:
    """How one client's clocks stand at a moment."""
    waiting = running_dues(client_id)
    week = turnaround_between(at - timedelta(days=7), at, as_at=at, client_id=client_id).counts
    quarter = turnaround_between(at - timedelta(weeks=12), at, as_at=at, client_id=client_id).counts
    decided = quarter.on_time + quarter.late
    return ClientNow(
        open=len(waiting),
        late=sum(1 for due_at in waiting if due_at < at),
        next_due=min(waiting, default=None),
        median_minutes=week.median_minutes,
        p95_minutes=week.p95_minutes,
        weeks=quarter.started,
        on_time=100 * quarter.on_time // decided if decided else None,
    )
