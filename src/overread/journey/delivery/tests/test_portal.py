"""The client's portal: its search, its alerts, images without a referral, and what it costs."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.escalation import actions as escalation
from overread.journey.reception import actions as reception
from overread.journey.reception.rules import Arrived
from overread.journey.referral import actions as referral
from tests.world import SEED, World, world

__all__ = ["world"]
FIELDS = {
    "question": "Bleed?",
    "modality": "CT",
    "procedure": "CT head",
    "priority": "routine",
    "given": "Odette",
    "referrer_name": "Dr Pascoe Wren",
}


@pytest.fixture
def north(world: World, client: Client) -> Client:
    """The browser of Northmere's user."""
    sign_in(client, world.people["north"].id)
    return client


def _refer(world: World, family: str, number: str, **more: str) -> Any:
    fields = FIELDS | {"family": family, "identifier": number} | more
    with world.scope("NORTH"):
        return referral.make_referral(
            actor=world.actor("north"), client_id=world.clients["NORTH"], fields=fields, birth_date=date(1948, 3, 11)
        )


def _found(browser: Client, text: str) -> str:
    answer = browser.post("/portal/", {"q": text})
    assert answer.status_code == 302
    assert text.lower() not in answer["Location"].lower()
    return browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("text", ["marrow", "Marrowby, Od", "H000901", "acc-77", "9990277788", "999 027 7788"])
def test_a_client_finds_a_study_by_what_they_know_of_it(world: World, north: Client, settings: Any, text: str) -> None:
    """By name, hospital number, accession or NHS number; what was typed stands in no address."""
    settings.OVERREAD_DEMO = True
    _refer(world, "Marrowby", "H000901", accession="ACC-77", nhs_number="9990277788")
    _refer(world, "Tansley", "H000902")
    page = _found(north, text)
    assert "Marrowby, Odette" in page
    assert "Tansley" not in page
    assert "1 study found" in page


def test_a_search_of_another_client_finds_nothing(world: World, client: Client) -> None:
    """Southbourne's user does not find Northmere's patient, and reads the same as for nobody at all (H06)."""
    _refer(world, "Marrowby", "H000901")
    sign_in(client, world.people["south"].id)
    assert "Nothing found" in _found(client, "Marrowby")
    assert "Marrowby, Odette" not in _found(client, "Marrowby")


def test_images_without_a_referral_say_whose_they_are(world: World, north: Client) -> None:
    """The title says that studies wait, and each line names patient and examination, so that the client can act."""
    with world.scope("NORTH"):
        batch = [Arrived(one) for one in world.objects("1.2.826.0.1.3680043.9.7.3", 2)]
        reception.take_batch(actor=SEED, client_id=world.clients["NORTH"], batch=batch)
    page = north.get("/portal/").content.decode()
    assert "1 of your studies waits for a referral" in page
    assert "Quillfeather, Osric" in page
    assert "Send its referral" in page


def test_every_open_alert_of_the_client_stands_in_the_portal(world: World, north: Client) -> None:
    """An alert is shown although no referral of the case is on the list: nobody may miss it."""
    ready = world.ready_case("NORTH")
    with world.scope("NORTH"):
        alert_id = escalation.raise_alert(
            actor=world.actor("reader"), case_id=ready.case_id, category="critical", finding="Bleed", side="left"
        )
    page = north.get("/portal/").content.decode()
    assert "1 alert waits for somebody to take" in page
    assert "Bleed, left" in page
    assert f"/portal/alerts/{alert_id}/" in page


def test_the_portal_costs_the_same_however_many_studies(world: World, north: Client) -> None:
    """The number of queries does not grow with the lines."""

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert north.get("/portal/").status_code == 200
        return len(found)

    _refer(world, "Marrowby", "H000100")
    north.get("/portal/")
    few = asked()
    for number in range(8):
        _refer(world, "Tansley", f"H0002{number:02d}")
    assert asked() == few
