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
from tests.world import World, world

__all__ = ["world"]
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
