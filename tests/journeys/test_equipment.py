"""Workstations, displays and the daily look, as readers and the office meet them (REQ-24, REQ-60 to REQ-64, H33).

Not covered here: the rules themselves (governance/equipment/tests/test_rules.py), and how the pattern looks on a display.
"""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core import signing
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from overread.foundation.clock import queries as clock
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.equipment import actions, queries
from overread.governance.equipment.models import Display, DisplayTest, Seat, VisualCheck, Workstation
from overread.governance.equipment.rules import QUESTIONS, digits_for
from overread.journey.reporting import queries as reports
from overread.journey.reporting.reactions import _document_of
from tests.desks import GOOD, look
from tests.journeys.house import House, house, text_of
from tests.journeys.test_pages import SECTIONS, _saved, _signing
from tests.world import world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]
WHY = "The patient waits in the emergency department."


def _desk(house: House, reader: str = "reader") -> queries.WorkstationView:
    with open_scope(Scope.provider(), opened_by="test"):
        return next(w for w in queries.workstations() if w.owner_id == house.world.people[reader].id)


def _yesterday(house: House) -> None:
    """The reader's look was yesterday's: a new day has begun at this workstation."""
    with open_scope(Scope.provider(), opened_by="test"):
        desk = actions.record_workstation(actor=house.world.actor("manager"), name="Spare desk")
        display = actions.record_display(
            actor=house.world.actor("manager"),
            workstation_id=desk,
            make="Larkview",
            model="D340",
            serial="SPARE",
            width_px=2048,
            height_px=1536,
        )
        actions.record_test(
            actor=house.world.actor("manager"),
            display_id=display,
            kind="acceptance",
            tested_on=timezone.localdate(),
            tested_by="Medical physics",
            readings=GOOD,
        )
    house.post("reader", "/equipment/sit/", {"workstation": str(desk)})


def _answers(page: str, *, seen: str = "", yes: bool = True) -> dict[str, str]:
    """What a reader sends who sees everything, or other digits."""
    turn = re.search(r'name="turn" value="([^"]+)"', page)
    assert turn is not None
    number = signing.loads(turn.group(1), salt="equipment.turn")[1]
    fields = {"turn": turn.group(1), "dim": "yes"}
    for display in re.findall(r'name="digits-([0-9a-f-]{36})"', page):
        fields[f"digits-{display}"] = seen or digits_for(settings.SECRET_KEY.encode(), display, number)
        fields |= {f"{key}-{display}": "yes" for key in QUESTIONS if yes}
    return fields


def test_the_first_read_of_a_day_waits_for_a_look_at_the_pattern(house: House) -> None:
    """Without a look today routine is refused and says where to do it; after a minute at the pattern it is claimed (REQ-61)."""
    _yesterday(house)
    routine = house.world.ready_case("NORTH").read_id
    page = house.get("reader", "/worklist/?view=all")
    assert "The display check of Spare desk has not been done today" in page
    assert "/equipment/check/" in page
    refused = text_of(house.post("reader", f"/read/{routine}/claim/", status=403))
    assert "display check of Spare desk has not been done today" in refused
    shown = house.get("reader", "/equipment/check/")
    picture = re.search(r'src="(/equipment/displays/[^"]+pattern\.png\?turn=[^"]+)"', shown)
    assert picture is not None
    png = house.browser("reader").get(picture.group(1))
    assert png.headers["Content-Type"] == "image/png"
    assert png.content.startswith(b"\x89PNG")
    house.post("reader", "/equipment/check/", _answers(shown))
    assert "Display check of Spare desk passed" in house.get("reader", "/worklist/")
    house.post("reader", f"/read/{routine}/claim/")


def test_a_look_that_fails_stops_routine_work_until_one_passes_and_becomes_a_duty(house: House) -> None:
    """Wrong digits: what was not seen is said and kept, a duty is set, and the next look that passes ends it (REQ-64)."""
    _yesterday(house)
    page = house.get("reader", "/equipment/check/")
    answer = house.post("reader", "/equipment/check/", _answers(page, seen="---"))
    assert answer.url == "/equipment/check/"
    again = house.get("reader", "/equipment/check/")
    assert "not all of the faint digits were seen" in again
    house.post("reader", f"/read/{house.world.ready_case('NORTH').read_id}/claim/", status=403)
    with open_scope(Scope.provider(), opened_by="test"):
        assert [d.title for d in clock.duties(kinds=["equipment.put-right"])] != []
    house.post("reader", "/equipment/check/", _answers(again))
    with open_scope(Scope.provider(), opened_by="test"):
        assert clock.duties(kinds=["equipment.put-right"]) == []
    house.post("reader", f"/read/{house.world.ready_case('NORTH').read_id}/claim/")


def test_an_urgent_read_without_a_look_is_signed_with_a_reason_that_the_report_keeps(house: House) -> None:
    """Display check missing: urgent work goes on with a reason; the report and its PDF say so and name the displays (H33)."""
    _yesterday(house)
    read = f"/read/{house.world.ready_case('NORTH', priority='urgent').read_id}/"
    house.post("reader", f"{read}claim/")
    _saved(house, read, SECTIONS)
    fields = _signing(house, read)
    page = text_of(house.post("reader", f"{read}sign/", fields, 422))
    assert "has not been done today" in page
    answer = house.post("reader", f"{read}sign/", {**fields, "gate_reason": WHY})
    report_id = UUID(answer.url.split("/")[2])
    with house.world.scope("NORTH"):
        kept = reports.report(report_id)
        assert kept is not None
        assert [g["gate"] for g in kept.passed_gates] == ["display"]
        assert kept.display is not None
        assert kept.display["check_id"] == ""
        assert "Read at Spare desk on Larkview D340 SPARE" in _document_of(kept).read_on
    assert "Display check not checked that day" in house.get("reader", f"/reports/{report_id}/")


def test_a_report_keeps_the_display_its_last_test_and_the_look_of_the_day(house: House) -> None:
    """Years later a report still says on what it was read and that it had been looked at that morning (REQ-24)."""
    read = f"/read/{house.world.ready_case('NORTH').read_id}/"
    house.post("reader", f"{read}claim/")
    _saved(house, read, SECTIONS)
    answer = house.post("reader", f"{read}sign/", _signing(house, read))
    desk = _desk(house)
    with house.world.scope("NORTH"):
        kept = reports.report(UUID(answer.url.split("/")[2]))
    assert kept is not None
    assert kept.passed_gates == []
    assert kept.display is not None
    assert kept.display["workstation_id"] == str(desk.id)
    assert [d["result"] for d in kept.display["displays"]] == ["pass"]
    with open_scope(Scope.provider(), opened_by="test"):
        check = VisualCheck.objects.get(id=kept.display["check_id"])
    assert check.passed
    assert check.person_id == house.world.people["reader"].id


def test_a_browser_that_nobody_named_is_no_workstation_whatever_the_reader_did_elsewhere(house: House) -> None:
    """A second browser of a reader who looked at the pattern at the desk: nowhere, until it says where it stands (REQ-24)."""
    routine = house.world.ready_case("NORTH").read_id
    browser = house.browser("reader")
    session = browser.session
    session.pop("workstation")
    session.save()
    assert "This browser is no registered workstation" in house.get("reader", "/worklist/")
    refused = text_of(house.post("reader", f"/read/{routine}/claim/", status=403))
    assert "No registered workstation is chosen" in refused
    assert house.browser("reader").get("/equipment/check/").url == "/equipment/sit/"
    house.post("reader", "/equipment/sit/", {"workstation": str(_desk(house).id)})
    house.post("reader", f"/read/{routine}/claim/")


def test_a_remembered_browser_is_known_after_signing_in_again_until_it_is_forgotten(house: House) -> None:
    """The browser's secret names the workstation in a new session; the office can make it forget (REQ-24)."""
    desk = _desk(house)
    house.post("reader", "/equipment/sit/", {"workstation": str(desk.id), "remember": "on"})
    browser = house.browser("reader")
    assert browser.cookies["overread-desk"]["httponly"]
    session = browser.session
    session.pop("workstation")
    session.save()
    assert "Display check of" in house.get("reader", "/worklist/")
    with open_scope(Scope.provider(), opened_by="test"):
        device = queries.devices_of(desk.id)[0]
    house.post("manager", f"/equipment/{desk.id}/change/", {"do": "end-device", "key": str(device.id)})
    assert "This browser is no registered workstation" in house.get("reader", "/worklist/")


def test_nobody_sits_at_another_readers_workstation(house: House) -> None:
    """A reader's own workstation is offered to nobody else, and a browser that claims it counts as nowhere."""
    theirs = _desk(house, "reader2")
    assert theirs.name not in house.get("reader", "/equipment/sit/")
    house.post("reader", "/equipment/sit/", {"workstation": str(theirs.id)}, 422)
    session = house.browser("reader").session
    session["workstation"] = str(theirs.id)
    session.save()
    assert "no registered workstation" in house.get("reader", "/worklist/")


def test_a_display_measured_too_dark_is_read_on_by_nobody(house: House) -> None:
    """Below the floor of luminance an emergency is refused too, with the number; another measurement opens it (REQ-62)."""
    display = _desk(house).displays[0]
    fields = {
        "kind": "measured",
        "tested_on": timezone.localdate().isoformat(),
        "tested_by": "Medical physics",
        "lmax": "160",
        "lmin": "0.5",
        "gsdf_error": "8",
        "uniformity": "20",
    }
    house.post("manager", f"/equipment/displays/{display.id}/", fields)
    urgent = house.world.ready_case("NORTH", priority="emergency").read_id
    refused = text_of(house.post("reader", f"/read/{urgent}/claim/", status=403))
    assert "highest luminance 160 cd/m2" in refused
    assert "Not to be read on" in house.get("administrator", "/equipment/")
    house.post("manager", f"/equipment/displays/{display.id}/", {**fields, "lmax": "400"})
    house.post("reader", f"/read/{urgent}/claim/")


def test_a_test_that_comes_near_is_the_duty_of_the_one_who_reads_there(house: House) -> None:
    """Measured check and full test stand in the reader's duties with their days, and a test moves them (REQ-60, REQ-64)."""
    reader = house.world.people["reader"].id
    with open_scope(Scope.provider(), opened_by="test"):
        kinds = {
            d.kind: timezone.localdate(d.due_at) for d in clock.duties(owner_id=reader, kinds=["equipment.measured"])
        }
        assert kinds == {"equipment.measured": timezone.localdate() + timedelta(days=60)}
        actions.record_test(
            actor=house.world.actor("manager"),
            display_id=_desk(house).displays[0].id,
            kind="measured",
            tested_on=timezone.localdate(),
            tested_by="Medical physics",
            readings=GOOD,
        )
        moved = clock.duties(owner_id=reader, kinds=["equipment.measured"])[0]
        assert timezone.localdate(moved.due_at) == timezone.localdate() + timedelta(days=90)
        assert actions.keep(actor=house.world.actor("manager")) == 0
    page = house.get("reader", "/duties/")
    assert "Measured check: Larkview D340" in page


def test_the_office_registers_and_readers_only_look(house: House) -> None:
    """A workstation is registered with its display by the administrator; a reader cannot, nor test their own."""
    made = house.post("administrator", "/equipment/", {"name": "Home of nobody", "place": "Larkfield", "owner": ""})
    house.get("administrator", made.url)
    fields = {
        "make": "Larkview",
        "model": "D2",
        "serial": "9",
        "width_px": "1200",
        "height_px": "1600",
        "diagnostic": "on",
    }
    house.post("administrator", f"{made.url}change/", {"do": "add-display", **fields})
    page = house.get("administrator", made.url)
    assert "has not passed an acceptance test" in page
    assert "1.9 megapixels" in page
    house.post("administrator", "/equipment/", {"name": "home of NOBODY", "place": "", "owner": ""}, 422)
    house.post("reader2", "/equipment/", {"name": "Mine", "place": "", "owner": ""}, 404)
    own = _desk(house).displays[0]
    assert "Nobody records the tests of their own" in house.get("reader", f"/equipment/displays/{own.id}/")
    csv = house.browser("administrator").get("/equipment/?export=csv")
    assert b"Home of nobody" in b"".join(csv.streaming_content)


def test_what_was_recorded_of_equipment_is_never_changed(house: House) -> None:
    """The database refuses to change or remove versions, tests, looks and seats."""
    with open_scope(Scope.provider(), opened_by="test"):
        look(house.world.people["reader"].id, _desk(house).id)
    for model in (Workstation, Display, DisplayTest, VisualCheck, Seat):
        table = model._meta.db_table
        for sql in (f'UPDATE "{table}" SET id = id', f'DELETE FROM "{table}"'):  # noqa: S608
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)


def test_the_gates_of_many_readers_cost_as_many_queries_as_those_of_one(house: House) -> None:
    """Equipment is asked for all readers at once; for one alone it is asked for even less."""
    people = [house.world.people[name].id for name in ("reader", "reader2")]
    with open_scope(Scope.provider(), opened_by="test"):
        counts = []
        for some in (people[:1], people, [*people, *(uuid4() for _ in range(5))]):
            with CaptureQueriesContext(connection) as asked:
                queries.gates(frozenset(some), timezone.now())
            counts.append(len(asked))
    assert counts[0] <= counts[1] == counts[2]
