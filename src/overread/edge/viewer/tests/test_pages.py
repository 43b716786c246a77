"""The viewer's configuration over real rows: claim, access, studies."""

from __future__ import annotations

import pytest
from django.test import Client

from overread.foundation.accounts.tests.people import sign_in
from overread.journey.allocation import actions as allocation
from tests.world import build


@pytest.mark.django_db
def test_the_reader_who_claimed_a_read_is_told_its_studies() -> None:
    """After the claim the viewer hangs the read's head CT; a reader who does not hold it gets 404."""
    world = build()
    ready = world.ready_case("NORTH")
    with world.scope("NORTH"):
        allocation.claim(actor=world.actor("reader"), read_id=ready.read_id)
    answers = {}
    for name in ("reader", "reader2"):
        browser = Client()
        sign_in(browser, world.people[name].id)
        answers[name] = browser.get(f"/read/{ready.read_id}/viewer/config.json")
    assert answers["reader2"].status_code == 404
    told = answers["reader"].json()
    assert (told["read"], told["hanging"]) == (str(ready.read_id), "overread.ct-head")
    assert [study["role"] for study in told["studies"]] == ["current"]
