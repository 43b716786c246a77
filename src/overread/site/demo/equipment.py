"""The demonstration's workstations and displays, with their tests and the looks of the last days. All of it is invented."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.equipment import actions, queries
from overread.governance.equipment.rules import QUESTIONS, DisplayAnswers, MeasureKind, Readings

# name, place, whose, displays: (serial, diagnostic, days since acceptance, days since the measured check, readings)
DESKS = (
    (
        "Larkfield reading room 1",
        "Larkfield, first floor",
        "maren",
        (
            ("LV-30117", True, 300, 40, Readings(412, 0.6, 6.1, 14, 28)),
            ("LV-30118", True, 300, 40, Readings(405, 0.6, 6.8, 16, 28)),
            ("OF-2201", False, 0, 0, Readings(250, 0.4, 15, 25)),
        ),
    ),
    (
        "Home of Dr Fennimore",
        "Northmere",
        "tobias",
        (("LV-30241", True, 200, 84, Readings(371, 0.7, 7.9, 21, 35)),),
    ),
    ("Spare desk", "Larkfield, ground floor", "", (("LV-19004", True, 500, 120, Readings(352, 0.9, 9.4, 27, 40)),)),
)
MAKE, MODEL, OFFICE = "Larkview (invented)", "Diagnostic 3M", "Office 24"


def equip(people: dict[str, UUID]) -> None:
    """Register, test and look at every workstation; one test is due soon, and the spare desk's is overdue."""
    manager = Actor.person(people["imogen"])
    with open_scope(Scope.everything(), opened_by="command"):
        for name, place, whose, displays in DESKS:
            owner = people.get(whose)
            desk = actions.record_workstation(actor=manager, name=name, place=place, owner_id=owner)
            for serial, diagnostic, accepted, measured, readings in displays:
                add_display(manager, desk, serial, diagnostic=diagnostic, days=(accepted, measured), readings=readings)
            if owner:
                look(Actor.person(owner), desk)


def add_display(
    manager: Actor, desk: UUID, serial: str, *, readings: Readings, days: tuple[int, ...], diagnostic: bool = True
) -> None:
    """Register a display and its tests. `days` says how long ago it was accepted, and then measured; needs a scope."""
    size = (1536, 2048) if diagnostic else (1920, 1080)
    display = actions.record_display(
        actor=manager,
        workstation_id=desk,
        make=MAKE,
        model=MODEL if diagnostic else OFFICE,
        serial=serial,
        width_px=size[0],
        height_px=size[1],
        sensor="built in" if diagnostic else "",
        diagnostic=diagnostic,
    )
    for kind, ago in zip((MeasureKind.ACCEPTANCE, MeasureKind.MEASURED), days if diagnostic else (), strict=False):
        actions.record_test(
            actor=manager,
            display_id=display,
            kind=kind,
            tested_on=timezone.localdate() - timedelta(days=ago),
            tested_by="Medical physics, Northmere",
            readings=readings,
        )


def look(reader: Actor, desk: UUID) -> None:
    """Today's look at the pattern, as if the reader had just done it; the reader still says where they sit. Needs a scope."""
    found = queries.workstation(desk)
    names = [d.name for d in found.reading] if found else []
    answers = [DisplayAnswers(name, "407", frozenset(QUESTIONS)) for name in names]
    expected = dict.fromkeys(names, "407")
    actions.record_look(actor=reader, workstation_id=desk, answers=answers, expected=expected, dim=True)
