"""The pages of cases, as people see them."""

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts import doors
from overread.foundation.accounts.tests.people import grant_of, make_person, sign_in
from overread.foundation.ledger import queries as ledger
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.journey.case import actions, queries
from overread.journey.case.rules import STATE_WORDS, State
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


@pytest.mark.parametrize("state", list(State))
def test_a_state_counted_on_the_managers_page_has_its_list(world: World, office: Client, state: State) -> None:
    """The link behind each number of the manager's page lists the cases of that state and no others."""
    ready = world.ready_case()
    with world.scope("NORTH"):
        waiting = actions.open_case(actor=SEED, client_id=world.clients["NORTH"], referral_id=uuid4())
        numbers = {ready.number: "ready", queries.case(waiting).number: "awaiting_images"}  # type: ignore[union-attr]
    text = office.get(f"/cases/?show={state.value}").content.decode()
    assert {n for n in numbers if n in text} == {n for n, s in numbers.items() if s == state}
    assert f"{STATE_WORDS[state]} only" in text


def test_the_list_is_narrowed_and_sorted_by_its_address(world: World, office: Client) -> None:
    """Priority, client and modality narrow the list, and each head sorts it both ways."""
    urgent = world.ready_case("NORTH", priority="urgent", procedure="Alpha")
    south = world.ready_case("SOUTH", modality="CBCT", procedure="Omega")
    for query, only in (
        ("priority=urgent", urgent.number),
        (f"client={world.clients['SOUTH']}", south.number),
        ("modality=CBCT", south.number),
    ):
        text = office.get(f"/cases/?show=all&{query}").content.decode()
        assert [n for n in (urgent.number, south.number) if n in text] == [only]
    for sort in queries.SORTS:
        assert office.get(f"/cases/?sort={sort}").status_code == 200
    up = office.get("/cases/?sort=examination").content.decode()
    down = office.get("/cases/?sort=-examination").content.decode()
    assert up.index(urgent.number) < up.index(south.number)
    assert down.index(south.number) < down.index(urgent.number)


def _chunks(answer: Any) -> Any:
    """The parts of an answer that is sent while it is read."""
    return answer.streaming_content


def test_the_list_leaves_as_a_file_without_traps_and_on_record(world: World, office: Client) -> None:
    """The file holds what the list shows and nothing else, no cell is a formula, and each client's ledger says who took it."""
    mine = world.ready_case("NORTH", procedure='=HYPERLINK("http://evil.example")')
    other = world.ready_case("SOUTH", modality="CBCT")
    answer = office.get("/cases/export/?show=all&modality=CT")
    assert answer.streaming
    rows = list(csv.DictReader(io.StringIO(b"".join(_chunks(answer)).decode("utf-8-sig"))))
    assert [row["Case"] for row in rows] == [mine.number]
    assert rows[0]["Examination"].startswith("'=HYPERLINK")
    assert other.number not in str(rows)
    with world.scope():
        north, south = (
            ledger.entries_about("case_list", str(world.clients[c]), world.clients[c]) for c in ("NORTH", "SOUTH")
        )
    assert [(e.actor, e.verb, e.facts["cases"]) for e in north] == [
        (world.actor("administrator").text, "case.export", 1)
    ]
    assert south == []


def test_a_file_ends_where_a_client_is_taken_from_the_person(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent while it is read asks for the person's clients at each chunk: without them nothing more leaves (H06)."""
    monkeypatch.setattr(doors, "CHUNK", 1)
    person = make_person("administrator", name="Leaving Soon")
    for _ in range(2):
        world.ready_case("NORTH")
    sign_in(client, person.id)
    lines = iter(_chunks(client.get("/cases/export/?show=all")))
    sent = [next(lines), next(lines)]
    with open_scope(Scope.provider(), opened_by="test"):
        accounts.revoke_role(actor=SEED, grant_id=grant_of(person.id, "administrator"))
    assert len([*sent, *lines]) == 2


def test_the_list_costs_the_same_however_long_it_is(world: World, office: Client) -> None:
    """The number of queries of the page does not grow with its rows."""

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert office.get("/cases/?show=all").status_code == 200
        return len(found)

    for _ in range(5):
        world.ready_case()
    office.get("/cases/?show=all")
    few = asked()
    for _ in range(20):
        world.ready_case()
    assert asked() == few
