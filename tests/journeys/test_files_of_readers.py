"""The registers of readers and of equipment as files: out, and in after a look at every line.

What every register's file has in common (formulas, days, faults of the file) is proven in governance/risks/tests.
"""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.registers.register import Register
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.credentials import queries
from overread.governance.credentials.pages import SHEETS as PAPERS
from overread.governance.credentials.queries.due import last_day_of
from overread.governance.equipment import queries as equipment
from overread.governance.equipment.pages import SHEETS as PLACES
from tests.journeys.house import House, house
from tests.world import world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]

Lines = list[list[str]]
ALL = [("credentials", what) for what in PAPERS] + [("equipment", what) for what in PLACES]


def _address(area: str, what: str, page: str) -> str:
    return f"/{area}/{what}{'s' if area == 'equipment' else ''}/{page}/"


def _register(area: str, what: str) -> Register:
    return PAPERS[what] if area == "credentials" else PLACES[what]


def _held(area: str, what: str) -> list[Any]:
    with open_scope(Scope.provider(), opened_by="test"):
        return _register(area, what).read()


def _lines(house: House, area: str, what: str, query: str = "") -> Lines:
    answer = house.browser("manager").get(_address(area, what, "export") + query)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def _sent(house: House, area: str, what: str, lines: Lines, status: int = 200) -> Any:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    sheet = SimpleUploadedFile("sheet.csv", text.getvalue().encode(), content_type="text/csv")
    answer = house.browser("manager").post(_address(area, what, "import"), {"sheet": sheet})
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer


def _agreed(house: House, area: str, what: str, lines: Lines) -> None:
    """The file is looked at, and then taken."""
    shown = _sent(house, area, what, lines).context
    fields = {"content": shown["content"], "why": "", "shown": shown["digest"]}
    house.post("manager", _address(area, what, "import"), fields)


@pytest.mark.parametrize(("area", "what"), ALL)
def test_what_a_register_gave_out_it_takes_back_as_no_change(house: House, area: str, what: str) -> None:
    """Every paper about readers, every workstation and display stands in a file that imports as no change at all."""
    lines = _lines(house, area, what)
    assert len(lines) == len(_held(area, what)) + 1
    assert len(lines) > 1, "the world holds none of these, so this proves nothing"
    shown = _sent(house, area, what, lines).context
    assert (shown["counts"]["same"], shown["writes"]) == (len(lines) - 1, 0)


def test_a_look_up_of_the_whole_register_is_recorded_by_one_file(house: House) -> None:
    """The office changes the day of the look-up in the file; each reader's entry gets one more version, by its verb."""
    lines = _lines(house, "credentials", "registration")
    day, looked = lines[0].index("Looked up on"), timezone.localdate() - timedelta(days=1)
    changed = [lines[0], *([*row[:day], looked.isoformat(), *row[day + 1 :]] for row in lines[1:])]
    _agreed(house, "credentials", "registration", changed)
    held = _held("credentials", "registration")
    assert {entry["checked_on"] for entry in held} == {looked}
    reader = house.world.people["reader"].id
    with open_scope(Scope.provider(), opened_by="test"):
        assert sum(v.what == "registration" for v in queries.versions(reader)) >= 2
    past = _lines(house, "credentials", "registration", "?known_by=2020-01-01")
    assert past == lines[:1], "what was written later is left out of a file as known by a day"


def test_nobody_records_their_own_by_a_file_and_a_reader_keeps_what_is_theirs(house: House) -> None:
    """A line about oneself, about a client's person, or that gives one reader's paper to another is refused with words."""
    head, *lines = _lines(house, "credentials", "dbs")
    email, reference = head.index("Reader"), head.index("Reference")
    names = ("manager", "north", "reader", "reader2")
    addresses = {name: accounts.person(house.world.people[name].id).email for name in names}  # type: ignore[union-attr]
    line = next(row for row in lines if row[email] == addresses["reader"])
    before = len(_held("credentials", "dbs"))

    def refused(name: str, kept: str) -> str:
        changed = [*line]
        changed[email], changed[reference] = addresses[name], kept
        context = _sent(house, "credentials", "dbs", [head, changed], 422).context
        return " ".join(context["verdicts"][0].details)

    assert "Nobody records their own" in refused("manager", "")
    assert "one of our people" in refused("north", "")
    assert "somebody else's" in refused("reader2", line[reference])
    assert len(_held("credentials", "dbs")) == before


def test_a_privilege_in_a_file_names_its_client_and_its_last_day(house: House) -> None:
    """A client's code and a last day are read as on the page; an unknown code is refused; the last day is that very day."""
    lines = _lines(house, "credentials", "privilege")
    head, line = lines[0], [*lines[1]]
    last = timezone.localdate() + timedelta(days=30)
    line[head.index("Reference")], line[head.index("Last day")] = "", last.isoformat()
    line[head.index("Client")] = "NOWHERE"
    shown = _sent(house, "credentials", "privilege", [head, line], 422).context
    assert "a client's code" in shown["verdicts"][0].details[0]
    line[head.index("Client")] = "north"
    _agreed(house, "credentials", "privilege", [head, line])
    new = next(entry for entry in _held("credentials", "privilege") if entry["for_client"] == "NORTH")
    assert new["ends_on"] == last == last_day_of(new.valid_to)
    with open_scope(Scope.provider(), opened_by="test"):
        shown_days = [h.last_day for h in queries.holdings(new["person"])["privilege"]]
    assert last in shown_days


def test_displays_come_in_for_the_workstation_that_they_name(house: House) -> None:
    """A display in a file belongs to the workstation of that name; a name that nobody knows is refused."""
    lines = _lines(house, "equipment", "display")
    head, line = lines[0], [*lines[1]]
    line[head.index("Reference")], line[head.index("Serial number")] = "", "=SER-1"
    line[head.index("Workstation")] = "No such desk"
    shown = _sent(house, "equipment", "display", [head, line], 422).context
    assert "No workstation has this name" in shown["verdicts"][0].details[0]
    line[head.index("Workstation")] = lines[1][head.index("Workstation")].upper()
    _agreed(house, "equipment", "display", [head, line])
    with open_scope(Scope.provider(), opened_by="test"):
        serials = [d.serial for desk in equipment.workstations() for d in desk.displays]
    assert "=SER-1" in serials
    again = _lines(house, "equipment", "display")
    assert "'=SER-1" in [row[head.index("Serial number")] for row in again], "no cell begins like a formula"


def test_who_may_not_manage_finds_no_file_to_import(house: House) -> None:
    """The office is offered files out and in; a reader gets neither the papers of others nor a way to import."""
    assert "/equipment/displays/import/" in house.get("manager", "/equipment/")
    assert "/credentials/dbs/import/" in house.get("manager", "/credentials/")
    house.get("reader2", "/credentials/dbs/export/", 403)
    house.get("reader2", "/equipment/displays/import/", 403)
