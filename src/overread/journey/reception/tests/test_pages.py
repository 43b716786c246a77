"""Reception's pages, as the administrator sees them."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.archive import queries as archive
from overread.journey.reception import actions, queries
from overread.journey.reception.rules import Arrived
from tests.world import SEED, World, world

__all__ = ["world"]
UID = "1.2.826.0.1.3680043.9.7.2"


@pytest.fixture
def office(world: World, client: Client) -> Client:
    """The administrator's browser."""
    sign_in(client, world.people["administrator"].id)
    return client


def _arrive(world: World, *batch: Arrived) -> None:
    with world.scope("NORTH"):
        actions.take_batch(actor=SEED, client_id=world.clients["NORTH"], batch=batch)


def test_the_administrator_enters_the_clients_word_and_the_study_goes_on(world: World, office: Client) -> None:
    """The page shows why a study is held with its evidence; a wrong date is refused in words, the right one lets it in."""
    _arrive(world, *(Arrived(o) for o in world.objects(UID, 2, birth_date=None, age="045Y")))
    with world.scope("NORTH"):
        hold = queries.held()[0]
    listed = office.get("/holds/").content.decode()
    assert "1 study waits for your decision" in listed
    page = office.get(f"/holds/{hold.id}/").content.decode()
    for words in ("no date of birth", "045Y", "Northmere General", UID):
        assert words in page
    young = office.post(f"/holds/{hold.id}/", {"release": "1", "evidence": "Phone", "birth_date": "2012-05-01"})
    assert young.status_code == 422
    assert "Return the study instead" in young.content.decode()
    done = office.post(f"/holds/{hold.id}/", {"release": "1", "evidence": "Phone", "birth_date": "1955-02-03"})
    assert done.status_code == 302
    with world.scope("NORTH"):
        study = archive.study_by_uid(world.clients["NORTH"], UID)
        assert study is not None
        assert study.birth_date == date(1955, 2, 3)
    assert "let in" in office.get("/holds/").content.decode()


def test_the_administrator_returns_a_childs_study(world: World, office: Client) -> None:
    """A study of a child is returned with a reason; the page then says that the images are being removed."""
    _arrive(world, Arrived(world.objects(UID, 1, birth_date=date(2015, 1, 1))[0]))
    with world.scope("NORTH"):
        hold = queries.held()[0]
    assert office.post(f"/holds/{hold.id}/", {"return": "1", "reason": ""}).status_code == 422
    assert office.post(f"/holds/{hold.id}/", {"return": "1", "reason": "Adults only"}).status_code == 302
    assert "being removed" in office.get(f"/holds/{hold.id}/").content.decode()


def test_quarantine_and_refusals_are_listed_and_decided(world: World, office: Client) -> None:
    """Damaged and doubled objects stand in the list with their reasons in words; each is decided with a reason."""
    first, second = world.objects(UID, 2)
    _arrive(world, Arrived(first), Arrived(second, damage=("pixel-data-short",)))
    _arrive(world, Arrived(replace(first, sha256="e" * 64)))
    with world.scope("NORTH"):
        actions.record_refusal(actor=SEED, calling_aet="STRANGER", address="203.0.113.9", reason="unknown-sender")
        apart = {q.reason: q for q in queries.quarantined()}
    listed = office.get("/holds/").content.decode()
    for words in ("fewer pixels", "The first is kept", "STRANGER"):
        assert words in listed
    damaged, doubled = apart["damaged"], apart["other-bytes"]
    assert "Let it into its study" in office.get(f"/quarantine/{damaged.id}/").content.decode()
    assert "Let it into its study" not in office.get(f"/quarantine/{doubled.id}/").content.decode()
    office.post(f"/quarantine/{damaged.id}/decide/", {"accept": "1", "reason": "Half is enough"})
    office.post(f"/quarantine/{doubled.id}/decide/", {"accept": "1", "reason": "try"})
    office.post(f"/quarantine/{doubled.id}/decide/", {"discard": "1", "reason": "Sent twice"})
    with world.scope("NORTH"):
        assert queries.quarantined() == []
        assert archive.study_by_uid(world.clients["NORTH"], UID).image_count == 2  # type: ignore[union-attr]


def test_readers_and_clients_do_not_decide_about_holds(world: World, client: Client) -> None:
    """The list of held studies is for those who decide; a client's user and a plain reader are refused."""
    for name in ("reader2", "north"):
        sign_in(client, world.people[name].id)
        assert client.get("/holds/").status_code == 403
        client.logout()
