"""The pages of cases, as people see them."""

from uuid import uuid4

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.case import actions, queries
from tests.world import SEED, World, world

__all__ = ["world"]


@pytest.fixture
def office(world: World, client: Client) -> Client:
    """The administrator's browser."""
    sign_in(client, world.people["administrator"].id)
    return client


def test_the_case_page_tells_the_story(world: World, office: Client) -> None:
    """One page shows patient, question, clocks, images, reads and what happened, in words."""
    made = world.ready_case(priority="urgent")
    page = office.get(f"/cases/{made.case_id}/")
    text = page.content.decode()
    assert page.status_code == 200
    for words in ("Quillfeather", "apixaban", "Ready to read, clock started", "3 images", "Last image and referral"):
        assert words in text
    assert "Quillfeather" not in text.split("</title>")[0]
    with world.scope("NORTH"):
        reads = [line for line in queries.story(made.case_id) if line.level == "reads"]
    assert [line.by for line in reads] == ["Wilf Ashdown"]
    rows = office.get(f"/cases/{made.case_id}/?view=rows").content.decode()
    assert "case.open" in rows


def test_a_search_keeps_names_out_of_addresses(world: World, office: Client) -> None:
    """Searching for a patient leads to an address with an opaque token, and finds the case."""
    made = world.ready_case()
    world.ready_case("SOUTH")
    answer = office.post("/cases/", {"q": "Quillfeather"})
    assert answer.status_code == 302
    assert "quill" not in answer["Location"].lower()
    assert made.number in office.get(answer["Location"]).content.decode()
    found = office.post("/cases/", {"q": made.number})
    assert made.number in office.get(found["Location"]).content.decode()


def test_the_list_shows_only_cases_in_scope_and_pages_of_strangers_are_not_found(world: World, client: Client) -> None:
    """A client's user has no case page, and a case that does not exist reads like one of another client."""
    made = world.ready_case()
    sign_in(client, world.people["south"].id)
    assert client.get("/cases/").status_code == 403
    assert client.get(f"/cases/{made.case_id}/").status_code == 403
    client.logout()
    sign_in(client, world.people["administrator"].id)
    assert client.get(f"/cases/{uuid4()}/").status_code == 404


def test_the_administrator_holds_releases_and_cancels(world: World, office: Client) -> None:
    """From the case page a case is held with a reason, released, given another priority, paused and cancelled."""
    made = world.ready_case()

    def state() -> str:
        with world.scope("NORTH"):
            return queries.case(made.case_id).state  # type: ignore[union-attr]

    page = f"/cases/{made.case_id}/"
    do = f"{page}do/"
    office.post(f"{do}hold/", {"reason": ""})
    assert state() == "ready"
    office.post(f"{do}hold/", {"reason": "Which patient?"})
    assert state() == "held"
    assert "Which patient?" in office.get(page).content.decode()
    office.post(f"{do}release/")
    assert state() == "ready"
    office.post(f"{do}priority/", {"priority": "emergency", "reason": ""})
    office.post(f"{do}pause/", {"reason": "question"})
    assert "clock paused" in office.get(page).content.decode()
    office.post(f"{do}resume/")
    office.post(f"{do}cancel/", {"reason": "Sent twice"})
    assert state() == "cancelled"
    assert office.post(f"{do}explode/").status_code == 404


def test_a_reader_sees_the_case_but_cannot_change_it(world: World, client: Client) -> None:
    """A radiologist reads the story; the forms of the office are not there, and posting is refused."""
    made = world.ready_case()
    with world.scope("NORTH"):
        actions.claim_read(actor=SEED, read_id=made.read_id, reader_id=world.people["reader2"].id)
    sign_in(client, world.people["reader2"].id)
    page = client.get(f"/cases/{made.case_id}/")
    assert page.status_code == 200
    assert "Change this case" not in page.content.decode()
    assert client.post(f"/cases/{made.case_id}/do/hold/", {"reason": "x"}).status_code == 403


@pytest.mark.parametrize("show", ["open", "waiting", "reading", "done", "all", "nonsense"])
def test_every_view_of_the_list_opens(world: World, office: Client, show: str) -> None:
    """Each filter of the list gives a page, also when it is empty."""
    world.ready_case()
    assert office.get(f"/cases/?show={show}").status_code == 200
