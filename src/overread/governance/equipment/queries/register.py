"""Workstations, displays, tests, checks and browsers, as at a moment."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.history.rows import holding
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.once import once
from overread.governance.equipment.models import Device, Display, DisplayTest, VisualCheck, Workstation
from overread.governance.equipment.rules import (
    KIND_WORDS,
    DisplayFacts,
    Fault,
    Limits,
    MeasureFacts,
    MeasureKind,
    display_faults,
    due_dates,
)


@dataclass(frozen=True)
class MeasureView:
    """A measured test."""

    id: UUID
    display_id: UUID
    kind: str
    tested_on: date
    tested_by: str
    lmax: float
    lmin: float
    gsdf_error: float
    uniformity: float
    ambient_lux: float | None
    result: str
    faults: tuple[str, ...]
    words: str
    recorded_at: datetime

    @property
    def kind_words(self) -> str:
        """The kind for people."""
        return KIND_WORDS[MeasureKind(self.kind)]

    @property
    def facts(self) -> MeasureFacts:
        """What the rules need of it."""
        return MeasureFacts(self.kind, self.tested_on, self.result, self.faults)


@dataclass(frozen=True)
class DisplayView:
    """A display, with its tests oldest first, what speaks against it today, and by when it is tested again."""

    id: UUID
    workstation_id: UUID
    make: str
    model: str
    serial: str
    width_px: int
    height_px: int
    sensor: str
    diagnostic: bool
    tests: tuple[MeasureView, ...]
    facts: DisplayFacts
    faults: tuple[Fault, ...]
    due: dict[MeasureKind, date | None]

    @property
    def name(self) -> str:
        """Make, model and serial number."""
        return f"{self.make} {self.model} {self.serial}"

    @property
    def megapixels(self) -> float:
        """Its size in millions of pixels."""
        return self.width_px * self.height_px / 1_000_000

    @property
    def last(self) -> MeasureView | None:
        """The last test."""
        return self.tests[-1] if self.tests else None

    @property
    def next_due(self) -> date | None:
        """The earliest day by which it is tested again; None when a test was never done."""
        days = list(self.due.values())
        return None if None in days else min(d for d in days if d is not None)


@dataclass(frozen=True)
class WorkstationView:
    """A workstation with its displays."""

    id: UUID
    name: str
    place: str
    owner_id: UUID | None
    owner_name: str
    since: datetime
    displays: tuple[DisplayView, ...]

    @property
    def reading(self) -> tuple[DisplayView, ...]:
        """The displays that reports are read on."""
        return tuple(d for d in self.displays if d.diagnostic)

    @property
    def faults(self) -> tuple[str, ...]:
        """What speaks against reading here today, apart from the daily look."""
        if not self.reading:
            return ("No display for reading is on record",)
        return tuple(f.words for d in self.reading for f in d.faults)


@dataclass(frozen=True)
class VisualView:
    """A reader's look at the test pattern."""

    id: UUID
    workstation_id: UUID
    person_id: UUID
    person_name: str
    at: datetime
    passed: bool
    faults: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class DeviceView:
    """A browser that counts as a workstation's."""

    id: UUID
    words: str
    made_by: str
    made_at: datetime


def limits() -> Limits:
    """The numbers that displays are judged by now."""
    value = {name: float(thresholds.value(key)) for name, key in LIMITS.items()}
    measured, months = thresholds.duration("display.measured"), thresholds.whole("display.full_test")
    return Limits(**value, measured=measured, full_months=months)


LIMITS = {
    "lmax": "display.lmax",
    "lmax_floor": "display.lmax_floor",
    "ratio": "display.contrast_ratio",
    "gsdf_error": "display.gsdf_error",
    "uniformity": "display.uniformity",
    "megapixels": "display.megapixels_cross_sectional",
    "ambient_least": "display.ambient_least",
    "ambient_most": "display.ambient_most",
}


def _test(row: DisplayTest) -> MeasureView:
    copied = {n: getattr(row, n) for n in MeasureView.__dataclass_fields__ if n != "faults"}
    return MeasureView(**copied, faults=tuple(row.faults))


def _tests(display_ids: Iterable[UUID], at: datetime) -> dict[UUID, list[MeasureView]]:
    found: dict[UUID, list[MeasureView]] = {}
    rows = DisplayTest.objects.filter(display_id__in=set(display_ids), recorded_at__lte=at)
    for row in rows.order_by("tested_on", "recorded_at"):
        found.setdefault(row.display_id, []).append(_test(row))
    return found


def _facts(row: Any, tests: Iterable[MeasureView]) -> DisplayFacts:
    """A display as the rules judge it."""
    name = f"{row.make} {row.model} {row.serial}"
    return DisplayFacts(name, row.width_px * row.height_px / 1_000_000, tuple(t.facts for t in tests))


def _display(row: Display, tests: list[MeasureView], known: Limits, today: date) -> DisplayView:
    facts = _facts(row, tests)
    names = ("workstation_id", "make", "model", "serial", "width_px", "height_px", "sensor", "diagnostic")
    return DisplayView(
        id=row.key,
        **{name: getattr(row, name) for name in names},
        tests=tuple(tests),
        facts=facts,
        faults=display_faults(facts, known, today) if row.diagnostic else (),
        due=due_dates(facts, known) if row.diagnostic else {},
    )


@once
def workstations(*, at: datetime | None = None, known_by: datetime | None = None) -> list[WorkstationView]:
    """Every workstation in use with its displays, by name, in a number of queries that does not grow with them."""
    now = timezone.now()
    at, known = at or now, known_by or now
    rows = holding(Workstation.objects.all(), at=at, known_by=known)
    displays = holding(Display.objects.all(), at=at, known_by=known)
    tests, today, numbers = _tests((d.key for d in displays), min(at, known)), timezone.localdate(at), limits()
    names = accounts.names(r.owner_id for r in rows if r.owner_id)
    by_desk: dict[UUID, list[DisplayView]] = {}
    for row in sorted(displays, key=lambda d: (not d.diagnostic, d.make, d.serial)):
        by_desk.setdefault(row.workstation_id, []).append(_display(row, tests.get(row.key, []), numbers, today))
    found = [
        WorkstationView(
            r.key,
            r.name,
            r.place,
            r.owner_id,
            names.get(r.owner_id, ""),
            r.valid_from,
            tuple(by_desk.get(r.key, ())),
        )
        for r in rows
    ]
    return sorted(found, key=lambda w: w.name.casefold())


def workstation(workstation_id: UUID) -> WorkstationView | None:
    """One workstation that is in use."""
    return next((w for w in workstations() if w.id == workstation_id), None)


def may_sit(person_id: UUID, workstation_id: UUID) -> bool:
    """Whether a workstation is in use, and is this reader's or everybody's; one query."""
    now = timezone.now()
    rows = holding(Workstation.objects.filter(key=workstation_id), at=now, known_by=now)
    return bool(rows) and rows[0].owner_id in (None, person_id)


def workstations_for(person_id: UUID) -> list[WorkstationView]:
    """Where a reader may sit: their own workstations first, then those of everybody."""
    found = [w for w in workstations() if w.owner_id in (None, person_id)]
    return sorted(found, key=lambda w: w.owner_id is None)


def display(display_id: UUID) -> DisplayView | None:
    """One display that is in use."""
    return next((d for w in workstations() for d in w.displays if d.id == display_id), None)


def tests_of(display_id: UUID) -> list[MeasureView]:
    """The tests of a display, newest first."""
    return _tests([display_id], timezone.now()).get(display_id, [])[::-1]


def visual_views(rows: Iterable[VisualCheck]) -> list[VisualView]:
    """Checks as values."""
    rows = list(rows)
    names = accounts.names({r.person_id for r in rows})
    return [
        VisualView(
            r.id,
            r.workstation_id,
            r.person_id,
            names.get(r.person_id, ""),
            r.at,
            r.passed,
            tuple(r.faults),
            r.words,
        )
        for r in rows
    ]


def checks_of(workstation_id: UUID, limit: int = 60) -> list[VisualView]:
    """The last looks at the pattern at a workstation, newest first."""
    return visual_views(VisualCheck.objects.filter(workstation_id=workstation_id).order_by("-at")[:limit])


def devices_of(workstation_id: UUID) -> list[DeviceView]:
    """The browsers that count as this workstation's now."""
    rows = list(Device.objects.filter(workstation_id=workstation_id, ended_at__isnull=True).order_by("made_at"))
    names = accounts.names({r.made_by_id for r in rows})
    return [DeviceView(r.id, r.words, names.get(r.made_by_id, ""), r.made_at) for r in rows]


def device_hash(secret: str) -> str:
    """What is kept of a browser's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def workstation_of_device(secret: str) -> UUID | None:
    """Whose browser carries this secret; None when it was ended or never made."""
    found = Device.objects.filter(sha256=device_hash(secret), ended_at__isnull=True)
    workstation_id: UUID | None = found.values_list("workstation_id", flat=True).first()
    return workstation_id
