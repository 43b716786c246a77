"""Workstations of the world's readers: registered, tested and looked at today, and browsers that say where they are."""

from datetime import timedelta
from uuid import UUID

from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.queries import PersonView
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.equipment import actions, queries
from overread.governance.equipment.rules import QUESTIONS, DisplayAnswers, Readings

GOOD = Readings(lmax=420, lmin=0.5, gsdf_error=6, uniformity=12, ambient_lux=30)


def make_desk(manager: PersonView, reader: PersonView) -> UUID:
    """A workstation of a reader with one display, accepted a month ago, at which the reader looked today."""
    by = Actor.person(manager.id)
    desk: UUID = actions.record_workstation(actor=by, name=f"Desk of {reader.full_name}", owner_id=reader.id)
    display = actions.record_display(
        actor=by,
        workstation_id=desk,
        make="Larkview",
        model="D340",
        serial=f"S{str(desk)[:6]}",
        width_px=1536,
        height_px=2048,
    )
    tested = timezone.localdate() - timedelta(days=30)
    actions.record_test(
        actor=by, display_id=display, kind="acceptance", tested_on=tested, tested_by="Medical physics", readings=GOOD
    )
    actions.take_seat(actor=Actor.person(reader.id), workstation_id=desk, how="chosen")
    look(reader.id, desk)
    return desk


def look(reader_id: UUID, desk: UUID, *, seen: str = "407", dim: bool = True) -> bool:
    """The reader looks at the pattern of the workstation, in which 407 hides, and answers what they saw."""
    found = queries.workstation(desk)
    assert found is not None
    names = [d.name for d in found.reading]
    answers = [DisplayAnswers(name, seen, frozenset(QUESTIONS)) for name in names]
    passed: bool = actions.record_look(
        actor=Actor.person(reader_id),
        workstation_id=desk,
        answers=answers,
        expected=dict.fromkeys(names, "407"),
        dim=dim,
    )
    return passed


def sit(browser: Client, person_id: UUID) -> None:
    """The browser's session is at the workstation where the person sits; nothing for who sits nowhere."""
    with open_scope(Scope.provider(), opened_by="test"):
        seat = queries.seat_of(person_id)
    if seat is not None and seat.workstation_id is not None:
        session = browser.session
        session["workstation"] = str(seat.workstation_id)
        session.save()
