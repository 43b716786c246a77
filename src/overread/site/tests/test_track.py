"""The track record on the registered manager's home."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overread.foundation.accounts.tests.people import sign_in
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.complaints import actions as complaints
from overread.governance.complaints.rules import FIELDS
from overread.governance.incidents import actions as incidents
from overread.site.track import record
from tests.signing import Post, claimed, post, sign, written
from tests.world import World, world

__all__ = ["post", "world"]
pytestmark = pytest.mark.django_db


def test_the_home_counts_never_events_injuries_and_complaints_with_their_period(world: World) -> None:
    """Zero is shown as a counted zero; what was reported is counted, and each number opens its rows."""
    with open_scope(Scope.provider(), opened_by="test"):
        stats = {s.words: s.number for s in record(None, {})["stats"]}  # type: ignore[arg-type]
        assert (stats["never events"], stats["serious injuries"], stats["complaints"]) == ("0", "0", "0")
        incidents.report(
            actor=world.actor("reader2"),
            kind="incident",
            title="A report went to the wrong ward",
            what="Found by the ward.",
            happened_at=timezone.now() - timedelta(days=1),
            category="communication",
            harm="severe",
        )
        values = {f.name: f.empty for f in FIELDS} | {
            "title": "A report came late",
            "received_on": timezone.localdate(),
            "sender": "client",
            "payer": "nhs",
            "what": "Too late for the clinic.",
            "owner": world.people["manager"].id,
        }
        complaints.record(actor=world.actor("administrator"), values=values)
        stats = {s.words: s.number for s in record(None, {})["stats"]}  # type: ignore[arg-type]
        assert (stats["serious injuries"], stats["complaints"], stats["incidents and near misses"]) == ("1", "1", "1")
    browser = Client()
    sign_in(browser, world.people["manager"].id)
    home = browser.get("/manager/").content.decode()
    assert "Track record" in home
    assert "serious injuries" in home


def test_near_misses_are_told_by_the_reports_that_were_signed(world: World, post: Post) -> None:
    """Two near misses in four reports are 500 per 1,000; with no report yet there is no rate, and none is invented (REQ-18)."""

    def told() -> dict[str, str]:
        with open_scope(Scope.everything(), opened_by="test"):
            return {s.words: s.number for s in record(None, {})["stats"]}  # type: ignore[arg-type]

    assert told()["near misses per 1,000 reports (0 in 0)"] == "none"
    for _ in range(4):
        read_id = claimed(world)
        with world.scope("NORTH"):
            sign(world, read_id, written(world, read_id))
    with open_scope(Scope.provider(), opened_by="test"):
        for number in range(2):
            incidents.report(
                actor=world.actor("reader2"),
                kind="near_miss",
                title=f"The wrong side was noticed in time {number}",
                what="Seen before signing.",
                happened_at=timezone.now(),
                category="wrong_side",
                harm="none",
            )
    assert told()["near misses per 1,000 reports (2 in 4)"] == "500.0"
