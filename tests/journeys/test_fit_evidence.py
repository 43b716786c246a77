"""What an inspector is shown about readers and displays equals the rows, as at and known by a moment (REQ-02, REQ-09, REQ-60)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from overread.foundation.ledger.evidence import EVIDENCE, Asked, Found
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.credentials import actions as credentials
from overread.governance.credentials.models import Dbs, Registration
from overread.governance.equipment import actions as equipment
from overread.governance.equipment import queries
from overread.governance.equipment.models import DisplayTest, VisualCheck
from overread.governance.equipment.rules import Readings
from tests.desks import GOOD, look
from tests.world import World, world

__all__ = ["world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]


def _ask(name: str, *, days: int = 0, known_days: int | None = None) -> Found:
    """The fact as at so many days from now, known by the same or another day."""
    now = timezone.now() + timedelta(seconds=1)
    as_at = now + timedelta(days=days)
    known = now + timedelta(days=days if known_days is None else known_days)
    with open_scope(Scope.provider(), opened_by="test"):
        return EVIDENCE[name].ask(Asked(now - timedelta(days=30), now + timedelta(days=1), as_at, known))


def test_the_days_since_each_look_up_are_counted_and_overdue_ones_are_gaps(world: World) -> None:
    """Every entry of a register stands with the day of its look-up and the days since; after 90 days it is a gap (REQ-09)."""
    with open_scope(Scope.provider(), opened_by="test"):
        raw = {(r.body, r.number): r.checked_on for r in Registration.objects.all()}
    for days in (0, 90, 91):
        found = _ask("credentials.checks", days=days)
        assert {(r[1], r[2]): r[3] for r in found.rows} == raw
        for row in found.rows:
            assert row[4] == (timezone.localdate() + timedelta(days=days) - raw[row[1], row[2]]).days  # type: ignore[index]
        assert bool(found.gaps) is (days == 91)


def test_what_readers_hold_is_told_as_at_and_known_by(world: World) -> None:
    """A DBS check recorded today for an earlier time changes as at and not known by; a missing one is a gap (REQ-02)."""
    assert _ask("credentials.held").headline == "8 of 8 in date"
    with open_scope(Scope.provider(), opened_by="test"):
        held = Dbs.objects.get(person_id=world.people["reader"].id)
        credentials.end(actor=world.actor("manager"), what="dbs", key=held.key)
    found = _ask("credentials.held")
    assert found.headline == "7 of 8 in date"
    assert found.gaps == ("Dr Maren Oakhollow: dbs check is not on record",)
    later = _ask("credentials.held", days=400)
    assert any("Appraisal" in str(r[1]) and r[4] == "ran out" for r in later.rows)


def test_standing_and_overrides_are_shown_with_their_words(world: World) -> None:
    """A shut gate of the register is a gap with its reason; an override stands with reason, giver and end (REQ-07)."""
    assert _ask("credentials.standing").headline == "2 of 2 readers with every gate open"
    with open_scope(Scope.provider(), opened_by="test"):
        held = Dbs.objects.get(person_id=world.people["reader"].id)
        credentials.end(actor=world.actor("manager"), what="dbs", key=held.key)
        credentials.override(
            actor=world.actor("manager"),
            person_id=world.people["reader"].id,
            gate="dbs",
            why="The certificate is in the post.",
            until=timezone.now() + timedelta(hours=10),
        )
    rows = _ask("credentials.overrides").rows
    assert [(r[0], r[1], r[2], r[3]) for r in rows] == [
        ("Dr Maren Oakhollow", "DBS check", "The certificate is in the post.", "Imogen Vantry")
    ]
    later = _ask("credentials.standing", days=2)
    assert any("No DBS check" in gap for gap in later.gaps)


def test_displays_and_looks_equal_independent_counts(world: World) -> None:
    """Each display with the days since its last test, and every look of the period, as the rows say (REQ-60, REQ-61)."""
    with open_scope(Scope.provider(), opened_by="test"):
        desk = next(w for w in queries.workstations() if w.owner_id == world.people["reader"].id)
        look(world.people["reader"].id, desk.id, seen="40-")
        looks = VisualCheck.objects.count()
    found = _ask("equipment.looks")
    assert found.headline == f"{looks} looks, 1 failed"
    shown = _ask("equipment.displays")
    assert shown.headline == "2 of 2 displays in order"
    assert {r[4] for r in shown.rows} == {30}
    assert _ask("equipment.displays", days=61).headline == "0 of 2 displays in order"
    with open_scope(Scope.provider(), opened_by="test"):
        dark = Readings(**{**GOOD.__dict__, "lmax": 300})
        equipment.record_test(
            actor=world.actor("manager"),
            display_id=desk.displays[0].id,
            kind="measured",
            tested_on=timezone.localdate(),
            tested_by="Medical physics",
            readings=dark,
        )
        assert DisplayTest.objects.filter(display_id=desk.displays[0].id).count() == 2
    assert _ask("equipment.displays").headline == "1 of 2 displays in order"
    assert _ask("equipment.displays", known_days=-1).headline == "0 of 0 displays in order"
