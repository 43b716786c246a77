"""What the homes say must be done: each thing on a line of its own, with whom it is about, and the step to do."""

from datetime import date

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.ui import slots
from overread.journey.archive.rules import name_words, text_words
from overread.journey.reception import actions as reception
from overread.journey.reception import queries
from overread.journey.reception.rules import Arrived
from overread.site.wiring import wire
from tests.world import SEED, World, world

__all__ = ["world"]
UID = "1.2.826.0.1.3680043.8.498.7."


@pytest.fixture(autouse=True)
def joined():
    before = slots.use(slots.Registry())
    wire()
    yield
    slots.use(before)


def _take(world: World, uid: str, **details: object) -> None:
    batch = tuple(Arrived(o) for o in world.objects(uid, 1, **details))
    with world.scope("NORTH"):
        reception.take_batch(actor=SEED, client_id=world.clients["NORTH"], batch=batch)


def _page(world: World, name: str, path: str) -> str:
    browser = Client()
    sign_in(browser, world.people[name].id)
    answer = browser.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_each_held_study_has_its_line_with_the_step_to_do(world: World) -> None:
    """Two held studies are two lines, each with its patient written as people write, why it is held and what to do."""
    _take(world, f"{UID}1", birth_date=None)
    _take(world, f"{UID}2", birth_date=date(2012, 1, 1), patient_name="Marrowby^Tess", identifier="H2")
    for name, path in (("administrator", "/today/"), ("manager", "/manager/")):
        html = _page(world, name, path)
        assert "Held: CT head of Quillfeather, Osric" in html
        assert "Held: CT head of Marrowby, Tess" in html
        assert "Quillfeather^Osric" not in html
        assert "Ask the client for the date of birth and enter it, or return the study." in html
        assert "Return the study. If the client says the date of birth is wrong, enter the right one." in html
        assert html.count("waiting since") == 2


def test_the_hold_page_writes_the_name_as_people_do(world: World) -> None:
    """A held study is listed and shown as Family, Given, never with the separators of the standard."""
    _take(world, f"{UID}3", birth_date=None)
    with world.scope("NORTH"):
        hold = queries.held()[0]
    for path in ("/holds/", f"/holds/{hold.id}/"):
        html = _page(world, "administrator", path)
        assert "Quillfeather, Osric" in html
        assert "Quillfeather^Osric" not in html


def test_nothing_received_falls_off_the_matching_list(world: World) -> None:
    """The oldest study without a case is listed and counted however many newer ones were matched (H28)."""
    _take(world, f"{UID}4")
    for _ in range(3):
        world.ready_case("NORTH")
    with world.scope("NORTH"):
        assert [s.uid for s in queries.studies_without_case(limit=1)] == [f"{UID}4"]
        assert queries.without_case_count() == 1


def test_a_case_page_asks_for_each_panel_once(world: World) -> None:
    """Reports, deliveries and alerts of a case are asked for once each."""
    ready = world.ready_case("NORTH")
    html = _page(world, "manager", f"/cases/{ready.case_id}/")
    for part in ("reports", "deliveries", "alerts"):
        assert html.count(f'hx-get="/cases/{ready.case_id}/{part}/"') == 1


def test_the_clinical_lead_sees_alerts_late_cases_and_holds(world: World) -> None:
    """A clinical lead has a home that lists what they can act on, and no line that they cannot."""
    _take(world, f"{UID}5", birth_date=None)
    _take(world, f"{UID}6", identifier="H6")
    world.ready_case("NORTH", priority="emergency")
    html = _page(world, "reader", "/today/")
    assert "Held: CT head" in html
    assert "is due within the hour" in html
    assert "Match CT head" not in html


def test_words_of_names_and_descriptions() -> None:
    """Names are Family, Given; a code sent with separators reads as words; nothing sent is nothing shown."""
    assert name_words("Quillfeather^Osric^J") == "Quillfeather, Osric J"
    assert name_words("Doe") == "Doe"
    assert name_words("") == ""
    assert text_words("abdomen^liver") == "abdomen liver"
    assert text_words("") == ""
