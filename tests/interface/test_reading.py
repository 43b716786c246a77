"""What a client's system reads: where its study is, its case and clocks, its reports, questions and alerts."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.blobs.current import use
from overread.foundation.blobs.local import LocalStore
from overread.foundation.clock import sweeper
from overread.foundation.ledger import queries as ledger
from overread.foundation.work.running import drain
from overread.journey.allocation import actions as allocation
from overread.journey.archive import queries as archive
from overread.journey.archive.rules import StoredObject
from overread.journey.delivery import queries as deliveries
from overread.journey.escalation import actions as escalation
from overread.journey.escalation import queries as alerts
from overread.journey.reception import actions as reception
from overread.journey.reception.rules import Arrived
from overread.journey.referral import actions as referral
from tests import signing
from tests.interface.system import SEED, System, system
from tests.world import ReadyCase, World, world

__all__ = ["world"]
SECTIONS = {name: "Normal." for name in ("indication", "technique", "comparison", "findings")} | {
    "conclusion": "No bleed."
}


@pytest.fixture
def ris(world: World, tmp_path: Path) -> System:
    """The system of Northmere, and a store."""
    use(LocalStore(tmp_path / "blobs", 0))
    return system(world, scopes="order,report")


def _signed(world: World, *, publish: bool = True) -> tuple[ReadyCase, UUID]:
    made = world.ready_case("NORTH")
    with world.scope("NORTH"):
        sign_in(Client(), world.people["reader"].id)
        allocation.claim(actor=world.actor("reader"), read_id=made.read_id)
        version = signing.written(world, made.read_id, SECTIONS)
        report_id = signing.sign(world, made.read_id, version, sections=SECTIONS, alert=None)
        if publish:
            sweeper.fire_due(timezone.now() + timedelta(minutes=10))
            drain()
            assert deliveries.published_report(report_id)
    return made, report_id


def test_a_case_says_where_it_stands_and_what_its_clock_does(world: World, ris: System) -> None:
    """State, due time, reads without their reader, images; a question with an agreed reason shows why the clock stands."""
    made = world.ready_case("NORTH")
    said = ris.get(f"cases/{made.case_id}")
    assert (said["number"], said["state"], said["clock_stands"]) == (made.number, "ready", "")
    assert [r["state"] for r in said["reads"]] == ["available"]
    assert "reader" not in str(said)
    assert said["studies"][0]["image_count"] == 3
    with world.scope("NORTH"):
        referral.ask(
            actor=world.actor("administrator"),
            case_id=made.case_id,
            subject="Contrast?",
            text="Was contrast given?",
            reason="question",
        )
    said = ris.get(f"cases/{made.case_id}")
    assert said["clock_stands"] == said["pauses"][0]["reason"] == "A question to the referrer is open"
    assert said["pauses"][0]["to_at"] is None
    assert [c["id"] for c in ris.get("cases?state=ready")["cases"]] == [str(made.case_id)]
    assert ris.get("cases?state=held")["cases"] == []
    assert ris.post("cases/find", {"number": made.number.lower()})["cases"][0]["id"] == str(made.case_id)


def test_a_question_is_answered_in_the_name_of_a_person(world: World, ris: System) -> None:
    """The thread shows who answered and through which system; the clock runs on; a retry writes nothing twice."""
    made = world.ready_case("NORTH")
    asked = {"subject": "Contrast?", "text": "Was contrast given?", "reason": "question"}
    with world.scope("NORTH"):
        query_id = referral.ask(actor=world.actor("administrator"), case_id=made.case_id, **asked)
    line = ris.get("questions")["questions"][0]
    assert (line["id"], line["clock_stands"]) == (str(query_id), "A question to the referrer is open")
    answer = {"text": "Contrast was given, 100 ml.", "name": "Ida Marsh", "role": "Radiographer"}
    nobody = ris.ask("POST", f"questions/{query_id}/answers", answer | {"name": ""}, Idempotency_Key="answer-0")
    assert nobody.status_code == 422
    assert nobody.json()["errors"][0]["pointer"] == "/name"
    for _ in range(2):
        ris.post(f"questions/{query_id}/answers", answer, key="answer-1", status=201)
    thread = ris.get(f"questions/{query_id}")
    assert [m["by"] for m in thread["messages"]][1:] == ["Ida Marsh, Radiographer (through RIS)"]
    assert (thread["waits_for"], ris.get("questions")["questions"]) == ("provider", [])
    assert ris.get(f"cases/{made.case_id}")["clock_stands"] == ""
    with world.scope("NORTH"):
        referral.close(actor=world.actor("administrator"), query_id=query_id)
    closed = ris.ask("POST", f"questions/{query_id}/answers", answer, Idempotency_Key="answer-2")
    assert closed.status_code == 409


def test_a_report_is_there_when_it_is_published_and_not_before(world: World, ris: System) -> None:
    """While its reader can still recall it, a signed version is not found; then it is, with the very text that was signed."""
    made, report_id = _signed(world, publish=False)
    assert ris.get(f"cases/{made.case_id}/reports")["reports"] == []
    assert ris.ask("GET", f"reports/{report_id}").status_code == 404
    assert ris.ask("GET", f"reports/{report_id}/pdf").status_code == 404
    with world.scope("NORTH"):
        sweeper.fire_due(timezone.now() + timedelta(minutes=10))
        drain()
    line = ris.get(f"cases/{made.case_id}/reports")["reports"][0]
    assert (line["id"], line["kind"], line["is_newest"], line["opened_at"]) == (str(report_id), "final", True, None)
    said = ris.get(f"reports/{report_id}")
    assert said["sections"][-1]["text"] == "No bleed."
    assert "No bleed." in said["text"]
    pdf = ris.ask("GET", f"reports/{report_id}/pdf")
    assert (pdf.status_code, pdf.headers["Content-Type"]) == (200, "application/pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert len(pdf.content) == said["pdf_length"]
    assert pdf.headers["Cache-Control"] == "no-store"


def test_that_a_system_opened_a_report_is_a_fact_and_names_the_system(world: World, ris: System) -> None:
    """Delivery shows who opened it and that it was accepted; the ledger holds the token; the list alone opens nothing."""
    made, report_id = _signed(world)
    ris.get(f"cases/{made.case_id}/reports")
    with world.scope("NORTH"):
        before = deliveries.published_report(report_id)
        assert before
        assert before.opened_at is None
    said = ris.get(f"reports/{report_id}")
    assert said["opened_by"] == "RIS (system of Northmere General)"
    with world.scope("NORTH"):
        after = deliveries.published_report(report_id)
        assert after
        assert after.opened_at
        assert after.accepted_at
        seen = ledger.entries_about("report", str(report_id), made.client_id)
        assert [e.actor for e in seen if e.verb == "access.opened"][-1].startswith("system:token-")


def test_nothing_of_a_report_goes_out_when_its_opening_cannot_be_written(
    world: World, ris: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry comes before the first byte: without it there is a failure, and no report."""
    from overread.journey.delivery import api

    _, report_id = _signed(world)

    def fails(**_: Any) -> None:
        raise RuntimeError("the ledger cannot be written")

    monkeypatch.setattr(api, "opened", fails)
    for path in (f"reports/{report_id}", f"reports/{report_id}/pdf"):
        answer = ris.ask("GET", path)
        assert answer.status_code == 500
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert b"No bleed" not in answer.content


def test_an_alert_is_shown_and_cannot_be_taken_by_a_machine(world: World, ris: System) -> None:
    """Open alerts with the address at which a person takes them; reading one leaves it open; there is no operation to take it."""
    made = world.ready_case("NORTH")
    with world.scope("NORTH"):
        allocation.claim(actor=world.actor("reader"), read_id=made.read_id)
        alert_id = escalation.raise_alert(
            actor=world.actor("reader"), case_id=made.case_id, category="critical", finding="Bleed", side="left"
        )
    line = ris.get("alerts")["alerts"][0]
    assert (line["id"], line["case_number"], "finding" in line) == (str(alert_id), made.number, False)
    assert line["acknowledge_at"].endswith(f"/portal/alerts/{alert_id}/")
    said = ris.get(f"alerts/{alert_id}")
    assert said["finding"] == "Bleed, left"
    with world.scope("NORTH"):
        found = alerts.alert(alert_id)
        assert found
        assert found.is_open
        seen = ledger.entries_about("alert", str(alert_id), made.client_id)
        assert any(e.verb == "access.opened" and e.actor.startswith("system:token-") for e in seen)
    for path in (f"alerts/{alert_id}/acknowledge", f"alerts/{alert_id}"):
        body = {"name": "Dr A", "role": "Consultant", "read_back": "Bleed left"}
        assert ris.ask("POST", path, body).status_code in {404, 405}
    with world.scope("NORTH"):
        escalation.acknowledge(
            actor=world.actor("north"),
            alert_id=alert_id,
            name="Dr Ada North",
            role="Consultant",
            read_back="Bleed left",
        )
    assert ris.get("alerts")["alerts"] == []
    closed = ris.get("alerts?state=all")["alerts"][0]
    assert (closed["state"], closed["acknowledge_at"]) == ("acknowledged", "")
    assert ris.get(f"alerts/{alert_id}")["closed_by"] == "Dr Ada North, Consultant"


def _batch(world: World, objects: tuple[StoredObject, ...], fault: str = "") -> None:
    with world.scope("NORTH"):
        reception.take_batch(
            actor=SEED,
            client_id=world.clients["NORTH"],
            batch=tuple(Arrived(one, fault=fault) for one in objects),
        )


def test_where_is_my_study(world: World, ris: System) -> None:
    """Nothing arrived, arriving, part of a case, held with its reason, kept apart with its reason: each is told apart."""
    assert ris.post("studies/find", {"study_uid": "1.2.3"})["studies"] == []
    made = world.ready_case("NORTH")
    with world.scope("NORTH"):
        study = archive.study(made.study_id)
    assert study
    matched = ris.post("studies/find", {"study_uid": study.uid})["studies"][0]
    assert (matched["state"], matched["case_ids"]) == ("matched", [str(made.case_id)])
    uid = f"1.2.826.0.1.3680043.9.7.{uuid4().int % 10**9}"
    _batch(world, world.objects(uid, 2, accession="A77"))
    arriving = ris.post("studies/find", {"accession": "A77"})["studies"][0]
    assert (arriving["study_uid"], arriving["state"], arriving["images"]) == (uid, "receiving", 2)
    young = f"{uid}.5"
    _batch(world, world.objects(young, 1, birth_date=None, accession="A78"))
    held = ris.post("studies/find", {"accession": "A78"})["studies"][0]
    assert (held["state"], held["reason"]) == ("held", "no-birth-date")
    assert "no date of birth" in held["words"]
    bad = f"{uid}.6"
    _batch(world, world.objects(bad, 1), fault="bytes-missing")
    apart = ris.post("studies/find", {"study_uid": bad})["studies"][0]
    assert (apart["state"], apart["kept_apart"][0]["reason"]) == ("quarantined", "bytes-missing")
    assert ris.ask("POST", "studies/find", {}).status_code == 422
    assert system(world, "SOUTH").post("studies/find", {"study_uid": study.uid})["studies"] == []
