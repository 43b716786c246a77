"""What the worklist costs: the same number of queries for five rows and for fifty."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.allocation import actions, pages
from overread.journey.case import queries as cases
from tests.world import World, world  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_the_worklist_costs_the_same_for_five_rows_and_for_fifty(world: World, client: Client) -> None:  # noqa: F811
    """However long the list is, with claims of others and dental volumes on it, the page asks the database as often."""

    def asked(rows: int) -> int:
        with CaptureQueriesContext(connection) as found:
            text = client.get("/worklist/?view=all").content.decode()
        assert text.count("data-row=") == rows
        return len(found)

    def fill(count: int) -> None:
        for number in range(count):
            dental = number % 5 == 0
            made = world.ready_case("SOUTH" if dental else "NORTH", modality="CBCT" if dental else "CT")
            if number % 5 == 1:
                with world.scope("NORTH"):
                    actions.claim(actor=world.actor("reader2"), read_id=made.read_id)

    sign_in(client, world.people["reader"].id)
    fill(5)
    client.get("/worklist/?view=all")
    few = asked(5)
    fill(45)
    assert asked(50) == few


def test_a_long_worklist_says_what_it_leaves_out_and_shows_it_on_the_next_page(
    world: World,  # noqa: F811
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is hidden in silence: a page says which reads of how many it shows, the next shows the rest, and what I hold is on each."""
    monkeypatch.setattr(pages, "PAGE", 2)
    made = [world.ready_case("NORTH") for _ in range(5)]
    with world.scope("NORTH"):
        last = cases.read_cards()[-1].read_id
        actions.claim(actor=world.actor("reader"), read_id=last)
    sign_in(client, world.people["reader"].id)
    seen: set[str] = set()
    for after in ("", "2", "4"):
        text = client.get(f"/worklist/?view=all&after={after}").content.decode()
        assert "of 5 by due time" in text
        assert f'data-row="{last}"' in text
        seen |= set(re.findall(r'data-row="([0-9a-f-]{36})"', text))
    assert seen == {str(one.read_id) for one in made}
    assert "All 5" in client.get("/worklist/?view=all&after=x").content.decode()
    with world.scope("NORTH"):
        assert len(cases.running_dues(world.clients["NORTH"])) == 5
