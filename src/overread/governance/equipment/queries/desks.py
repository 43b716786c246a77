"""Where readers sit, what their place lets them do, and what a report keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from overread.foundation.work.once import once
from overread.governance.credentials.rules import Reason
from overread.governance.equipment.models import Seat, VisualCheck
from overread.governance.equipment.queries.register import WorkstationView, limits, workstations
from overread.governance.equipment.rules import DeskFacts, desk_reasons, first_words


@dataclass(frozen=True)
class SeatView:
    """Where a reader sits, since when, and how that is known: "device", "chosen" or "nowhere"."""

    person_id: UUID
    workstation_id: UUID | None
    how: str
    at: datetime


@once
def _seats(person_ids: frozenset[UUID], at: datetime) -> dict[UUID, SeatView]:
    if len(person_ids) == 1:
        row = Seat.objects.filter(person_id__in=person_ids, at__lte=at).order_by("-at", "-id").first()
        return {row.person_id: SeatView(row.person_id, row.workstation_id, row.how, row.at)} if row else {}
    last = Seat.objects.filter(person_id__in=person_ids, at__lte=at).values("person_id").annotate(last=Max("at"))
    times = {row["person_id"]: row["last"] for row in last}
    rows = Seat.objects.filter(person_id__in=times, at__in=set(times.values())).order_by("id")
    return {
        r.person_id: SeatView(r.person_id, r.workstation_id, r.how, r.at) for r in rows if times[r.person_id] == r.at
    }


def seat_of(person_id: UUID, at: datetime | None = None) -> SeatView | None:
    """Where a reader sat last."""
    return _seats(frozenset([person_id]), at or timezone.now()).get(person_id)


@once
def _looks(person_ids: frozenset[UUID], at: datetime) -> dict[tuple[UUID, UUID], Any]:
    """The last look of each reader at each workstation on the day of a moment."""
    rows = VisualCheck.objects.filter(person_id__in=person_ids, day=timezone.localdate(at), at__lte=at).order_by("at")
    return {(row.person_id, row.workstation_id): row for row in rows}


def _desk(found: WorkstationView | None, look: Any) -> DeskFacts:
    if found is None:
        return DeskFacts()
    displays = tuple(d.facts for d in found.reading)
    if look is None:
        return DeskFacts(found.name, displays)
    words = f"at {timezone.localtime(look.at):%H:%M}" if look.passed else first_words(look.faults)
    return DeskFacts(found.name, displays, look.passed, words)


def gates(person_ids: frozenset[UUID], at: datetime) -> Mapping[UUID, tuple[Reason, ...]]:
    """The gates of the places where some readers sit; site/wiring.py joins it to the gates of the register of readers."""
    seats, looks = _seats(person_ids, at), _looks(person_ids, at)
    desks = {w.id: w for w in workstations(at=at)}
    numbers, today = limits(), timezone.localdate(at)
    found = {}
    for person_id in person_ids:
        seat = seats.get(person_id)
        desk = desks.get(seat.workstation_id) if seat and seat.workstation_id else None
        facts = _desk(desk, looks.get((person_id, desk.id)) if desk else None)
        found[person_id] = desk_reasons(facts, numbers, today)
    return found


@dataclass(frozen=True)
class Used:
    """What a reader reads on at a moment: kept with the signature (REQ-24, F104)."""

    workstation_id: str
    workstation: str
    displays: tuple[dict[str, str], ...]
    check_id: str
    check_words: str

    def as_json(self) -> dict[str, Any]:
        """As values of JSON."""
        return {**self.__dict__, "displays": list(self.displays)}


def used_by(person_id: UUID, at: datetime) -> Used:
    """The workstation, its displays with their last test, and the look of the day, of a reader at a moment."""
    people = frozenset([person_id])
    seat = _seats(people, at).get(person_id)
    desk = next((w for w in workstations(at=at) if seat and w.id == seat.workstation_id), None)
    if desk is None:
        return Used("", "", (), "", "not checked: the workstation is not registered")
    look = _looks(people, at).get((person_id, desk.id))
    words = "not checked that day"
    if look is not None:
        said = "passed" if look.passed else f"failed ({first_words(look.faults)})"
        words = f"{said} at {timezone.localtime(look.at):%H:%M}"
    displays = tuple(
        {
            "id": str(d.id),
            "name": d.name,
            "tested_on": d.last.tested_on.isoformat() if d.last else "",
            "result": d.last.result if d.last else "",
        }
        for d in desk.reading
    )
    return Used(str(desk.id), desk.name, displays, str(look.id) if look else "", words)
