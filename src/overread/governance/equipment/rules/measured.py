"""Measured tests of displays: what passes, what must be put right, on what nothing may be read. Pure (REQ-62, REQ-63)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from overread.governance.credentials.rules import months_after


class MeasureKind(StrEnum):
    """The kinds of measured tests."""

    ACCEPTANCE = "acceptance"
    MEASURED = "measured"
    FULL = "full"


KIND_WORDS = {
    MeasureKind.ACCEPTANCE: "Acceptance test",
    MeasureKind.MEASURED: "Measured check",
    MeasureKind.FULL: "Full test",
}


class Result(StrEnum):
    """What came of a measured test."""

    GOOD = "pass"
    REMEDY = "remedy"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Limits:
    """The numbers that displays are judged by.

    Attributes:
        lmax, lmax_floor: least highest luminance, and that below which nothing is read, cd/m2.
        ratio: least ratio of highest to lowest luminance.
        gsdf_error, uniformity: largest deviations, percent.
        megapixels: least size for CT, MRI and cone-beam CT.
        ambient_least, ambient_most: light in the room, lux.
        measured: longest time between two measured checks; full_months: between two full tests.
    """

    lmax: float
    lmax_floor: float
    ratio: float
    gsdf_error: float
    uniformity: float
    megapixels: float
    ambient_least: float
    ambient_most: float
    measured: timedelta
    full_months: int


@dataclass(frozen=True)
class Readings:
    """What was measured: luminance in cd/m2, deviations in percent, light in the room in lux."""

    lmax: float
    lmin: float
    gsdf_error: float
    uniformity: float
    ambient_lux: float | None = None


def judged(readings: Readings, limits: Limits) -> tuple[Result, tuple[str, ...]]:
    """What a test says of a display, and every reason in words.

    Below the floor of luminance nothing is read; every other fault is to be put right, and stops routine work only.
    """
    faults = tuple(_faults(readings, limits))
    if readings.lmax < limits.lmax_floor:
        return Result.WITHDRAWN, faults
    return (Result.REMEDY, faults) if faults else (Result.GOOD, ())


def _faults(readings: Readings, limits: Limits) -> Iterator[str]:
    if readings.lmax < limits.lmax:
        yield f"highest luminance {readings.lmax:g} cd/m2, at least {limits.lmax:g} are needed"
    if readings.lmin <= 0 or readings.lmax / readings.lmin < limits.ratio:
        ratio = f"{readings.lmax / readings.lmin:.0f}" if readings.lmin > 0 else "not known"
        yield f"luminance ratio {ratio}, at least {limits.ratio:g} is needed"
    if readings.gsdf_error > limits.gsdf_error:
        yield f"error of {readings.gsdf_error:g} % against the greyscale standard, at most {limits.gsdf_error:g} %"
    if readings.uniformity > limits.uniformity:
        yield f"{readings.uniformity:g} % from even over the display, at most {limits.uniformity:g} %"
    light = readings.ambient_lux
    if light is not None and not limits.ambient_least <= light <= limits.ambient_most:
        yield f"{light:g} lux in the room, between {limits.ambient_least:g} and {limits.ambient_most:g} are right"


@dataclass(frozen=True)
class MeasureFacts:
    """One measured test."""

    kind: str
    tested_on: date
    result: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class DisplayFacts:
    """A diagnostic display with its tests, oldest first."""

    name: str
    megapixels: float
    tests: tuple[MeasureFacts, ...] = ()

    def last(self, *kinds: MeasureKind) -> MeasureFacts | None:
        """The last test of some kinds; of any when none is named."""
        found = [t for t in self.tests if not kinds or t.kind in kinds]
        return max(reversed(found), key=lambda t: t.tested_on, default=None)  # of one day, the one recorded last


@dataclass(frozen=True)
class Fault:
    """What speaks against a display; `hard` when nobody reads on it."""

    words: str
    hard: bool = False


def due_dates(facts: DisplayFacts, limits: Limits) -> dict[MeasureKind, date | None]:
    """By when each kind of test is due again; None for one that was never done.

    An acceptance is done once. A full test holds everything that a measured check does, and an acceptance is both.
    """
    accepted = facts.last(MeasureKind.ACCEPTANCE)
    measured = facts.last()
    full = facts.last(MeasureKind.FULL, MeasureKind.ACCEPTANCE)
    found: dict[MeasureKind, date | None] = {
        MeasureKind.MEASURED: measured.tested_on + limits.measured if measured else None,
        MeasureKind.FULL: months_after(full.tested_on, limits.full_months) if full else None,
    }
    return found if accepted else {MeasureKind.ACCEPTANCE: None, **found}


def display_faults(facts: DisplayFacts, limits: Limits, today: date) -> tuple[Fault, ...]:
    """What speaks against reading on a display today, as far as it was measured; the worst first."""
    return tuple(sorted(_display_faults(facts, limits, today), key=lambda f: not f.hard))


def _display_faults(facts: DisplayFacts, limits: Limits, today: date) -> Iterator[Fault]:
    if facts.megapixels < limits.megapixels:
        yield Fault(f"{facts.name} has {facts.megapixels:.1f} megapixels, at least {limits.megapixels:g} are needed")
    last = facts.last()
    if last is not None and last.result != Result.GOOD:
        words = f"{facts.name} did not pass its test of {last.tested_on.day} {last.tested_on:%b %Y}"
        yield Fault(f"{words}: {_joined(last.faults)}", hard=last.result == Result.WITHDRAWN)
    due = due_dates(facts, limits)
    if MeasureKind.ACCEPTANCE in due:
        yield Fault(f"{facts.name} has not passed an acceptance test")
        return
    for kind in (MeasureKind.MEASURED, MeasureKind.FULL):
        day = due[kind]
        if day is None or day < today:
            when = f" since {day.day} {day:%b %Y}" if day else ""
            yield Fault(f"The {KIND_WORDS[kind].lower()} of {facts.name} is overdue{when}")


def _joined(faults: Iterable[str]) -> str:
    return "; ".join(faults) or "no reason is recorded"
