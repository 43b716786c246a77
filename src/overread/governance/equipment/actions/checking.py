"""Verbs that record measured tests and the daily look at the pattern."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.utils import timezone

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.equipment.actions.duties import FOLLOWING
from overread.governance.equipment.models import DisplayTest, VisualCheck
from overread.governance.equipment.queries import display, limits, workstation
from overread.governance.equipment.rules import DisplayAnswers, MeasureKind, Readings, judged, visual_faults

HIGHEST = Readings(10_000, 1_000, 100, 100, 100_000)


def _sound(readings: Readings) -> None:
    """Refuse numbers that no meter gives."""
    wrong = {}
    for name in ("lmax", "lmin", "gsdf_error", "uniformity", "ambient_lux"):
        value = getattr(readings, name)
        if value is not None and not 0 <= value <= getattr(HIGHEST, name):
            wrong[name] = f"Between 0 and {getattr(HIGHEST, name):,}."
    if readings.lmin >= readings.lmax:
        wrong["lmin"] = "The lowest luminance is below the highest."
    if wrong:
        raise BadInput("A number cannot be right.", errors=wrong)


@action("equipment.record_test")
def record_test(
    *, actor: Actor, display_id: UUID, kind: str, tested_on: date, tested_by: str, readings: Readings, words: str = ""
) -> UUID:
    """Record a measured test of a display; the rule judges it, nobody else (REQ-62).

    Args:
        kind: a value of rules.MeasureKind.
        tested_on, tested_by: when, and who measured.
        readings: what was measured.
        words: instrument, certificate, what was put right.

    Raises:
        NotFound: there is no such display in use.
        NotAllowed: the workstation is the actor's own.
        BadInput: a field is empty, or a number or day that cannot be.
    """
    found = display(display_id)
    desk = workstation(found.workstation_id) if found else None
    if found is None or desk is None:
        raise NotFound
    if actor.person_id is not None and desk.owner_id == actor.person_id:
        raise NotAllowed("Nobody records the tests of their own workstation. Ask another manager.", code="own-desk")
    if kind not in set(MeasureKind):
        raise BadInput("There is no such test.", errors={"kind": "Choose one of the three."})
    if not tested_by.strip():
        raise BadInput("Something is missing.", errors={"tested_by": "Write who measured."})
    if tested_on > timezone.localdate(current_unit().at):
        raise BadInput("A day lies in the future.", errors={"tested_on": "This day has not come yet."})
    _sound(readings)
    result, faults = judged(readings, limits())
    row = DisplayTest.objects.create(
        display_id=display_id,
        kind=kind,
        tested_on=tested_on,
        tested_by=tested_by.strip()[:120],
        result=result,
        faults=list(faults),
        words=words.strip()[:500],
        recorded_at=current_unit().at,
        recorded_by=actor.text,
        **readings.__dict__,
    )
    facts = {"test": str(row.id), "kind": kind, "result": str(result), "tested_on": tested_on.isoformat()}
    note(subject=("display", display_id), facts=facts)
    FOLLOWING.now(actor)
    return UUID(str(row.id))


@action("equipment.record_look")
def record_look(
    *,
    actor: Actor,
    workstation_id: UUID,
    answers: Iterable[DisplayAnswers],
    expected: Mapping[str, str],
    dim: bool,
    words: str = "",
) -> bool:
    """Record a reader's look at the test pattern at a workstation; the last one of a day counts (REQ-61).

    Args:
        answers: of each display.
        expected: the digits that hid in the pattern of each, by the display's name.
        dim: whether the room was said to be dim.
        words: what was changed since a look that failed, or anything worth keeping.

    Returns:
        Whether it passed.

    Raises:
        NotFound: there is no such workstation.
        NotAllowed: it is another reader's.
        BadInput: it has no display for reading, or one was left out.
    """
    desk = workstation(workstation_id)
    if desk is None or actor.person_id is None:
        raise NotFound
    if desk.owner_id not in (None, actor.person_id):
        raise NotAllowed("This is another reader's workstation.", code="other-desk")
    if not desk.reading or set(expected) != {d.name for d in desk.reading}:
        raise BadInput("Look at every display of the workstation that reports are read on.")
    given = list(answers)
    faults = visual_faults(given, expected, dim=dim)
    at = current_unit().at
    row = VisualCheck.objects.create(
        workstation_id=workstation_id,
        person_id=actor.person_id,
        day=timezone.localdate(at),
        at=at,
        passed=not faults,
        answers={
            "dim": dim,
            "displays": {a.name: {"digits": a.digits[:20], "yes": sorted(a.yes)} for a in given},
            "expected": dict(expected),
        },
        faults=list(faults),
        words=words.strip()[:500],
    )
    note(subject=("workstation", workstation_id), facts={"check": str(row.id), "passed": not faults})
    FOLLOWING.now(actor)
    return not faults
