"""Incidents over the wired product: reported from any page, carried by duties to a person, closed by another."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.tests.people import SEED, make_person, sign_in
from overread.foundation.clock import queries as clock
from overread.foundation.clock import sweeper
from overread.foundation.ledger.evidence import EVIDENCE, Asked
from overread.foundation.registers.actions import import_sheet
from overread.foundation.registers.sheets import read_sheet, sheet_lines
from overread.foundation.registers.verdicts import VerdictState
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput
from overread.foundation.work.running import drain
from overread.governance.incidents import actions, queries, rules
from overread.governance.incidents.models import Incident
from overread.governance.incidents.pages import REGISTER
from tests.world import join_house

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house() -> Iterator[None]:
    join_house()
    with open_scope(Scope.provider(), opened_by="test"):
        yield


@pytest.fixture
def manager() -> PersonView:
    """Who answers for the register."""
    return make_person("registered_manager", name="Imogen Vantry")


@pytest.fixture
def reader() -> PersonView:
    """Who reports."""
    return make_person("radiologist", name="Tobias Fennimore")


def _report(reader: PersonView, **other: Any) -> UUID:
    said: dict[str, Any] = {
        "kind": "near_miss",
        "title": "Prior of another patient hung beside the study",
        "what": "Seen before signing; the match was undone.",
        "happened_at": timezone.now(),
        "category": "wrong_patient",
        "harm": "none",
        "case_number": "C-26-0001",
    }
    return actions.report(actor=Actor.person(reader.id), **(said | other))


def _change(key: UUID, actor: Actor = SEED, **other: Any) -> None:
    held = queries.incident(key)
    assert held is not None
    actions.record(actor=actor, values={**held.values, **other}, key=key, why="Followed up")


def test_a_report_of_harm_becomes_duties_of_a_person(reader: PersonView, manager: PersonView) -> None:
    """An incident nobody owns yet comes to the registered manager; each of its steps is a duty with its own day."""
    key = _report(reader, kind="incident", harm="severe")
    for kind in (rules.NEVER, rules.NOTIFY, rules.CANDOUR, rules.FEEDBACK, rules.LESSONS):
        assert clock.duty(kind, key) is not None, kind
    at = timezone.now() + timedelta(days=3)
    for _ in range(4):
        sweeper.fire_due(at)
        drain(at=at)
        at += timedelta(hours=5)
    assert manager.id in {n.person_id for n in clock.notices_of(rules.NOTIFY, key)}
    _change(key, owner=reader.id, notifiable="no")
    assert clock.duty(rules.NOTIFY, key) is None
    candour = clock.duty(rules.CANDOUR, key)
    assert candour is not None
    assert candour.owner_id == reader.id


def test_nobody_closes_an_incident_that_concerns_them(reader: PersonView, manager: PersonView) -> None:
    """The person whose work it concerns cannot close it, nobody closes it in another's name, and nothing may be open."""
    key = _report(reader, category="communication", involved=reader.id)
    day = timezone.localdate()
    done = {"feedback_on": day, "lessons": "Two keys before a prior is hung.", "shared_on": day, "closed_on": day}
    with pytest.raises(BadInput):
        _change(key, Actor.person(reader.id), **done, closed_by=reader.id)
    with pytest.raises(BadInput):
        _change(key, Actor.person(reader.id), **done, closed_by=manager.id)
    with pytest.raises(BadInput):
        _change(key, Actor.person(manager.id), closed_on=day, closed_by=manager.id)
    _change(key, Actor.person(manager.id), **done, closed_by=manager.id)
    assert all(clock.duty(kind, key) is None for kind in rules.DUTIES)


def test_the_form_is_filled_from_the_case_and_open_to_everybody_who_works_here(reader: PersonView) -> None:
    """A radiologist reports in one form that knows the case; an external reviewer may report and reads no register."""
    browser = Client()
    sign_in(browser, reader.id)
    assert b"C-26-0042" in browser.get("/incidents/report/?case=C-26-0042").content
    posted = {
        "kind": "near_miss",
        "title": "Wrong template",
        "what": "Caught at reading once more.",
        "happened_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        "category": "it",
        "harm": "none",
        "case_number": "C-26-0042",
        "at_once": "",
    }
    answer = browser.post("/incidents/report/", posted)
    assert answer.status_code == 302
    assert b"Wrong template" in browser.get(answer.headers["Location"]).content
    assert [e["case_number"] for e in queries.of_case("C-26-0042")] == ["C-26-0042"]
    assert browser.post("/incidents/report/", posted | {"what": ""}).status_code == 422
    guest = Client()
    sign_in(guest, make_person("external_reviewer", name="Rowan Thistlewood").id)
    assert guest.post("/incidents/report/", posted).headers["Location"] == "/incidents/report/"
    assert guest.get("/incidents/").status_code == 403
    client_user = Client()
    sign_in(client_user, make_person("inspector", name="Una Marsh").id)
    assert client_user.get("/incidents/report/").status_code == 403


def test_pages_history_and_the_empty_register(reader: PersonView, manager: PersonView) -> None:
    """An empty register says what good looks like; an entry shows what is still to be done, and its history."""
    browser = Client()
    sign_in(browser, manager.id)
    empty = browser.get("/incidents/").content.decode()
    assert "Good looks like" in empty
    assert "No near miss in 90 days" in empty
    key = _report(reader, harm="moderate", kind="incident")
    page = browser.get(f"/incidents/{key}/").content.decode()
    assert "Is this a never event?" in page
    assert "Write to the patient" in page
    assert "Tobias Fennimore" in browser.get(f"/incidents/{key}/history/").content.decode()
    assert browser.get(f"/incidents/{key}/change/").status_code == 200


def test_an_export_imports_as_no_change_and_versions_stand_in_the_database(reader: PersonView) -> None:
    """The register's own file changes nothing; the database refuses to change or remove a version."""
    key = _report(reader, title="=HYPERLINK(1)", what="+44 rang\nand -1 again")
    _report(reader, kind="good_care")
    content = "".join(sheet_lines(REGISTER, queries.incidents())).encode()
    assert {
        v.state for v in import_sheet(actor=SEED, register=REGISTER, rows=read_sheet(REGISTER, content), why="x")
    } == {VerdictState.SAME}
    with pytest.raises(DatabaseError), transaction.atomic():
        Incident.objects.filter(key=key).update(harm="none")
    with pytest.raises(DatabaseError), transaction.atomic():
        Incident.objects.filter(key=key).delete()


def test_an_inspector_sees_incidents_as_at_a_day(reader: PersonView) -> None:
    """The fact counts never events and near misses, names what is overdue, and knows nothing that was written later."""
    now = timezone.now()
    _report(reader)
    _change(queries.incidents()[0].key, never_event="yes")

    def found(known_by: Any, as_at: Any = None) -> Any:
        span = (now - timedelta(days=30), now + timedelta(days=60))
        return EVIDENCE["incidents.reported"].ask(Asked(*span, as_at or known_by, known_by))

    later = timezone.now() + timedelta(seconds=1)
    assert found(later).headline == "1 reported, 1 of them near misses; never events: 1"
    assert found(now - timedelta(days=1)).rows == ()
    assert "1 incident with an overdue step" in found(later + timedelta(days=45)).gaps
