"""Who may claim."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from overread.governance.credentials.rules import Reason
from overread.journey.allocation.rules import ClaimFacts, allowed, lease_end, may_claim

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANN, BEN = uuid.uuid4(), uuid.uuid4()
OPEN = (Reason(True, "registered"), Reason(True, "privileged"))


def test_a_free_read_may_be_claimed_when_every_gate_is_open() -> None:
    """No claim stands and both gates are open: the reader may claim."""
    assert allowed(may_claim(OPEN, None, person_id=ANN, at=AT))


def test_one_shut_gate_is_enough_to_refuse() -> None:
    """A reader without a privilege may not claim, and the reason says so."""
    reasons = may_claim((OPEN[0], Reason(False, "no privilege")), None, person_id=ANN, at=AT)
    assert not allowed(reasons)
    assert [r.words for r in reasons if not r.holds] == ["no privilege"]


@given(st.integers(-600, 600))
def test_anothers_claim_stands_in_the_way_exactly_while_its_lease_runs(seconds: int) -> None:
    """Another reader's claim refuses until its lease has run out, and not a second longer."""
    claim = ClaimFacts(BEN, AT + timedelta(seconds=seconds))
    assert allowed(may_claim(OPEN, claim, person_id=ANN, at=AT)) == (seconds <= 0)


@given(st.integers(-600, 600))
def test_ones_own_claim_never_stands_in_the_way(seconds: int) -> None:
    """A reader may claim again what is theirs, so that a reload does no harm."""
    assert allowed(may_claim(OPEN, ClaimFacts(ANN, AT + timedelta(seconds=seconds)), person_id=ANN, at=AT))


@given(st.integers(2, 60))
def test_a_beat_moves_the_lease_by_its_whole_length(minutes: int) -> None:
    """A lease ends as long after the last sign of life as the provider's threshold says."""
    assert lease_end(AT, timedelta(minutes=minutes)) - AT == timedelta(minutes=minutes)
