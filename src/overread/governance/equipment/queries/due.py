"""The duties that equipment makes: tests that come near, displays that failed (REQ-64)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.clock.wanted import WantedDuty
from overread.governance.equipment.models import VisualCheck
from overread.governance.equipment.queries.register import DisplayView, WorkstationView, workstations
from overread.governance.equipment.rules import KIND_WORDS, MeasureKind, Result

LONDON = ZoneInfo("Europe/London")
KINDS = {kind: f"equipment.{kind.value}" for kind in MeasureKind}
PUT_RIGHT = "equipment.put-right"


def end_of(day: date) -> datetime:
    """The last minute of a day in London."""
    return datetime.combine(day, time(23, 59), LONDON)


def _tests(desk: WorkstationView, display: DisplayView) -> Iterator[tuple[str, WantedDuty]]:
    for kind, day in display.due.items():
        title = f"{KIND_WORDS[kind]}: {display.name}, {desk.name}"
        due = end_of(day) if day else end_of(timezone.localdate(desk.since))
        yield KINDS[kind], WantedDuty(display.id, desk.owner_id, title, due)


def _failed(desk: WorkstationView, looks: dict[UUID, VisualCheck]) -> Iterator[tuple[str, WantedDuty]]:
    for display in desk.reading:
        last = display.last
        if last and last.result != Result.GOOD:
            title = f"Put right {display.name}, {desk.name}: {'; '.join(last.faults)}"
            yield PUT_RIGHT, WantedDuty(display.id, desk.owner_id, title, last.recorded_at)
    look = looks.get(desk.id)
    if look is not None and not look.passed:
        title = f"Put right {desk.name}: {'; '.join(look.faults)}"
        yield PUT_RIGHT, WantedDuty(desk.id, desk.owner_id, title, look.at)


def _last_looks(desk_ids: list[UUID]) -> dict[UUID, VisualCheck]:
    every = VisualCheck.objects.filter(workstation_id__in=desk_ids).values("workstation_id").annotate(last=Max("at"))
    times = {row["workstation_id"]: row["last"] for row in every}
    rows = VisualCheck.objects.filter(workstation_id__in=times, at__in=set(times.values())).order_by("id")
    return {row.workstation_id: row for row in rows if times[row.workstation_id] == row.at}


def wanted_duties() -> dict[str, list[WantedDuty]]:
    """Every duty that there should be, by kind; every kind is there, so that what is done ends.

    It is that of the one who reads there; of the registered manager where everybody does.
    """
    found: dict[str, list[WantedDuty]] = {kind: [] for kind in (*KINDS.values(), PUT_RIGHT)}
    managers = [m.id for m in accounts.people_with_role(Role.REGISTERED_MANAGER) if m.active]
    office = managers[0] if managers else None
    desks = [replace(desk, owner_id=desk.owner_id or office) for desk in workstations()]
    looks = _last_looks([d.id for d in desks])
    for desk in desks:
        every = [pair for display in desk.reading for pair in _tests(desk, display)]
        for kind, duty in (*every, *_failed(desk, looks)):
            found[kind].append(duty)
    return found
