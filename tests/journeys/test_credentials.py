"""The register of readers as the office and readers meet it on pages (REQ-07 to REQ-11, REQ-23, REQ-91).

Not covered here: the rules (governance/credentials/tests/test_rules.py) and what gates do to a read (test_gates.py).
"""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from overread.foundation.accounts.tests.people import make_person
from overread.foundation.clock import queries as clock
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.credentials import queries
from overread.governance.credentials.models import Certificate, Privilege, Registration
from tests.journeys.house import House, house, text_of
from tests.journeys.test_gates import _let_pass, _overdue
from tests.journeys.test_pages import SECTIONS, _saved, _signing
from tests.world import world

__all__ = ["house", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.journey]


def _reader(house: House, name: str = "reader") -> UUID:
    found: UUID = house.world.people[name].id
    return found


def _page(house: House, name: str = "reader") -> str:
    return f"/credentials/people/{_reader(house, name)}/"


def _registration(**changes: str) -> dict[str, str]:
    fields = {"body": "GMC", "number": "7012345", "checked_on": timezone.localdate().isoformat(), "licence": "on"}
    return {f"registration-{k}": v for k, v in (fields | {"specialist": "on"} | changes).items()}


def test_the_register_says_who_may_read_and_what_runs_out_first(house: House) -> None:
    """One line per reader with the shut gate in words, the last look-up and the first day to come; also as a file."""
    assert "Every reader may read" in house.get("manager", "/credentials/")
    _overdue(house)
    page = house.get("administrator", "/credentials/")
    assert "1 reader may not take every read" in page
    assert "Appraised on" in page
    house.get("reader2", "/credentials/", 403)
    csv = b"".join(house.browser("manager").get("/credentials/?export=csv").streaming_content).decode()
    assert "Dr Maren Oakhollow" in csv
    assert "Appraised on" in csv


def test_a_check_recorded_on_the_page_is_a_version_and_a_failed_one_stops_at_once(house: House) -> None:
    """The office looks a reader up: good standing renews the check, a failed one shuts the gate in that moment (REQ-09)."""
    with open_scope(Scope.provider(), opened_by="test"):
        key = Registration.objects.get(person_id=_reader(house)).key
    house.post("administrator", f"{_page(house)}record/registration/", {"key": str(key), **_registration()})
    with open_scope(Scope.provider(), opened_by="test"):
        assert Registration.objects.filter(key=key).count() == 2
    urgent = house.world.ready_case("NORTH", priority="emergency").read_id
    assert house.browser("reader").get(f"/worklist/{urgent}/why/").status_code == 200
    failed = _registration(failed="on", detail="suspended since Monday")
    house.post("administrator", f"{_page(house)}record/registration/", {"key": str(key), **failed})
    refused = text_of(house.post("reader", f"/read/{urgent}/claim/", status=403))
    assert "suspended since Monday" in refused
    page = house.get("manager", _page(house))
    assert "may not take every read: registration" in page
    assert "Nobody passes" in page
    wrong = house.post(
        "administrator", f"{_page(house)}record/registration/", {"key": str(key), **_registration(number="12")}, 422
    )
    assert "seven digits" in text_of(wrong)


def test_a_privilege_is_added_and_withdrawn_with_its_versions_kept(house: House) -> None:
    """What a reader may read, for one client and until a day; withdrawn it is gone from the gates and stays in the history."""
    fields = {
        "privilege-for_client": str(house.world.clients["NORTH"]),
        "privilege-modalities": ["MR"],
        "privilege-read_types": ["second_opinion"],
        "privilege-regions": "brain, spine",
        "privilege-scope": "",
        "privilege-ends_on": (timezone.localdate() + timedelta(days=40)).isoformat(),
    }
    house.post("manager", f"{_page(house)}record/privilege/", fields)
    page = house.get("manager", _page(house))
    assert "MR for Northmere General" in page
    assert "only brain, spine" in page
    with open_scope(Scope.provider(), opened_by="test"):
        held = Privilege.objects.filter(person_id=_reader(house)).latest("recorded_at")
        assert [d.subject_id for d in clock.duties(kinds=["credentials.privilege"])] == [held.key]
    house.post("manager", f"{_page(house)}end/privilege/", {"key": str(held.key)})
    with open_scope(Scope.provider(), opened_by="test"):
        assert held.key not in {h.key for h in queries.holdings(_reader(house))["privilege"]}
        assert [h.ended for h in queries.versions(_reader(house)) if h.key == held.key] == [True, False]
        assert clock.duties(kinds=["credentials.privilege"]) == []
    house.post("manager", f"{_page(house)}end/privilege/", {"key": str(uuid4())}, 404)


def test_a_new_reader_is_recorded_and_released_on_pages_alone(house: House) -> None:
    """From the first register check to the release after the entry audit, a new reader is let read without any program."""
    new = make_person("radiologist", name="Dr Quilla Marsh")
    page, today = f"/credentials/people/{new.id}/", timezone.localdate()
    day = today.isoformat()
    later = (today + timedelta(days=300)).isoformat()
    forms: dict[str, dict[str, object]] = {
        "registration": {"body": "GMC", "number": "7099999", "checked_on": day, "licence": "on", "specialist": "on"},
        "privilege": {"modalities": ["CT"], "read_types": ["primary"]},
        "indemnity": {
            "insurer": "Harbour Mutual",
            "modalities": ["CT"],
            "teleradiology": "on",
            "jurisdiction": "England",
            "limit_pounds": "5000000",
            "starts_on": day,
            "expires_on": later,
        },
        "dbs": {"level": "enhanced", "issued_on": day, "renew_by": later},
        "appraisal": {
            "held_on": day,
            "appraiser": "Dr Hallam",
            "teleradiology": "on",
            "designated_body": "Larkfield",
            "responsible_officer": "Dr Thorne",
        },
        "revalidation": {"due_on": later},
        "audit": {"cross_sectional": "20", "auditors": "Dr Quince, Dr Yarrow", "outcome": "Agreed.", "passed": "on"},
    }
    for what, fields in forms.items():
        sent = {f"{what}-{name}": value for name, value in fields.items()}
        house.post("manager", f"{page}record/{what}/", sent)
    assert "entry audit is not finished" in house.get("manager", page)
    house.post("administrator", f"{page}release/", status=403)
    house.post("manager", f"{page}release/")
    with open_scope(Scope.provider(), opened_by="test"):
        facts = queries.facts_of([new.id], at=timezone.now())[new.id]
        shut = {g.gate for g in queries.general_gates(facts, at=timezone.now()) if not g.holds}
    assert shut == {"display", "staff-file"}, "the desk and the file are still to come"


def test_a_reader_sends_a_certificate_and_the_office_has_it_as_a_duty(house: House) -> None:
    """A file goes to the store, the manager is told to look, and once recorded the duty is done; nobody sees another's file."""
    page = house.get("reader", "/credentials/me/")
    assert "What you hold" in page
    assert "Harbour Mutual" in page
    send = f"{_page(house)}certificates/"
    pdf = SimpleUploadedFile("indemnity.pdf", b"%PDF-1.7 certificate", "application/pdf")
    house.post("reader", send, {"what": "indemnity", "file": pdf})
    with open_scope(Scope.provider(), opened_by="test"):
        row = Certificate.objects.get(person_id=_reader(house))
        duty = clock.duties(kinds=["credentials.evidence"])[0]
    assert duty.owner_id == house.world.people["manager"].id
    assert house.browser("reader").get(f"/credentials/certificates/{row.id}/").content == b"%PDF-1.7 certificate"
    house.get("reader2", f"/credentials/certificates/{row.id}/", 404)
    house.post("reader2", send, {"what": "indemnity"}, 404)
    house.post("manager", f"/credentials/certificates/{row.id}/seen/")
    with open_scope(Scope.provider(), opened_by="test"):
        assert clock.duties(kinds=["credentials.evidence"]) == []
    false = SimpleUploadedFile("x.pdf", b"MZ program", "application/pdf")
    house.post("reader", send, {"what": "indemnity", "file": false}, 422)


def test_the_page_of_overrides_says_why_until_when_and_what_was_opened(house: House) -> None:
    """The manager lets a gate pass on the reader's page; the page of overrides names the report that was signed under it."""
    _overdue(house)
    form = {"gate": "appraisal", "why": "The appraisal is booked for Friday.", "hours": "24"}
    house.post("manager", f"{_page(house)}override/", {**form, "hours": "99"}, 422)
    house.post("administrator", f"{_page(house)}override/", form, 403)
    house.post("manager", f"{_page(house)}override/", form)
    read = f"/read/{house.world.ready_case('NORTH').read_id}/"
    house.post("reader", f"{read}claim/")
    _saved(house, read, SECTIONS)
    house.post("reader", f"{read}sign/", _signing(house, read))
    page = house.get("manager", "/credentials/overrides/")
    assert "1 gate is let pass now" in page
    assert "booked for Friday" in page
    with open_scope(Scope.provider(), opened_by="test"):
        found = queries.overrides()[0]
    opened = house.get("manager", f"/reports/under-override/{found.key}/")
    assert "version 1" in opened
    house.post("manager", f"/credentials/overrides/{found.key}/withdraw/")
    assert "No gate is let pass now" in house.get("manager", "/credentials/overrides/")
    house.post("reader", f"/read/{house.world.ready_case('NORTH').read_id}/claim/", status=403)


def test_nobody_records_their_own_credentials_on_the_page(house: House) -> None:
    """A clinical lead who reads sees their own record and is refused to write in it; so is a manager's override for oneself."""
    assert "This is your own record" in house.get("reader", _page(house))
    fields = {"dbs-level": "enhanced", "dbs-issued_on": "2026-01-01", "dbs-renew_by": "2029-01-01"}
    refused = text_of(house.post("reader", f"{_page(house)}record/dbs/", fields, 422))
    assert "Nobody records their own credentials" in refused


def test_the_worklist_says_of_every_gate_whether_anybody_passes(house: House) -> None:
    """Why a read is not mine: each shut gate says whether urgent work passes with a reason or nobody does."""
    _overdue(house)
    read_id = house.world.ready_case("NORTH").read_id
    assert "Urgent and opened reads pass with a reason" in house.get("reader", f"/worklist/{read_id}/why/")
    _let_pass(house)
    assert "booked for Friday" in house.get("reader", f"/worklist/{read_id}/why/")
