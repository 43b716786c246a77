"""By when an alert must be acknowledged: the numbers are the policy's, and working days are the client's nation's."""

from datetime import UTC, datetime

import pytest
import time_machine

from overread.foundation.thresholds import current
from overread.journey.escalation import actions, queries
from tests.world import World, world

__all__ = ["world"]


@pytest.mark.parametrize(
    ("category", "raised", "must_by"),
    [
        ("critical", "2026-11-20T18:30", "2026-11-20T19:30"),
        ("urgent", "2026-11-20T18:30", "2026-11-21T18:30"),
        ("cancer", "2026-11-17T14:00", "2026-11-19T14:00"),
        ("cancer", "2026-11-20T18:30", "2026-11-24T17:00"),  # a Friday evening: Monday and Tuesday
        ("significant-unexpected", "2026-12-24T16:00", "2026-12-30T16:00"),  # Christmas, Boxing Day (Monday), weekend
    ],
)
def test_an_alert_is_due_as_the_policy_says(world: World, category: str, raised: str, must_by: str) -> None:
    """Critical within 60 minutes, urgent within 24 hours, cancer and unexpected within two working days (REQ-43, REQ-150)."""
    case = world.ready_case()
    with time_machine.travel(datetime.fromisoformat(raised).replace(tzinfo=UTC), tick=False), world.scope("NORTH"):
        alert_id = actions.raise_alert(
            actor=world.actor("reader"), case_id=case.case_id, category=category, finding="Mass in the left lung"
        )
        alert = queries.alert(alert_id)
    assert alert is not None
    assert alert.must_by == datetime.fromisoformat(must_by).replace(tzinfo=UTC)


def test_no_provider_gives_a_cancer_more_than_two_working_days() -> None:
    """Two working days is the default and the most for cancer and for unexpected significant findings (REQ-43)."""
    for name in ("escalation.cancer", "escalation.significant_unexpected"):
        found = current.packaged().thresholds[name]
        assert (found.value_words, found.at_most) == ("2 working days", 2)
