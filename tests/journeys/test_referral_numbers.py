"""Numbers of referrals when several people of a client send at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from django.db import connections

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.journey.referral import actions, queries
from tests.world import World, world

__all__ = ["world"]
TOGETHER = 6
FIELDS = {
    "question": "Bleed after a fall?",
    "modality": "CT",
    "procedure": "CT head without contrast",
    "priority": "routine",
    "family": "Quillfeather",
    "given": "Osric",
    "identifier": "H000777",
    "referrer_name": "Dr Pascoe Wren",
}


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_people_who_refer_at_the_same_moment_all_get_a_number(world: World) -> None:
    """Six forms of one client sent at once are six referrals with six numbers: nobody's form is lost to a quicker one."""
    north, actor = world.clients["NORTH"], world.actor("north")
    at_once = threading.Barrier(TOGETHER)

    def send(_number: int) -> UUID:
        try:
            with open_scope(Scope.client(north), opened_by="test"):
                at_once.wait(60)
                made: UUID = actions.make_referral(
                    actor=actor, client_id=north, fields=FIELDS, birth_date=date(1950, 4, 1)
                )
                return made
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TOGETHER) as threads:
        made = list(threads.map(send, range(TOGETHER)))
    with open_scope(Scope.client(north), opened_by="test"):
        numbers = [found.number for one in made if (found := queries.referral(one))]
    assert len(set(numbers)) == TOGETHER
    assert sorted(numbers) == [f"R-{n:05d}" for n in range(int(min(numbers)[2:]), int(min(numbers)[2:]) + TOGETHER)]
