"""What the worklist costs: the same number of queries for five rows and for fifty."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.allocation import actions
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
