"""Questions to the client: the clock stands for an agreed reason, runs on at the answer, and reminders do not end."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from overread.foundation.clock import sweeper
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.journey.case import queries as cases
from overread.journey.referral import actions, queries
from overread.journey.referral.rules import QueryFacts, may_resume, must_stand
from tests.world import World, world

__all__ = ["world"]
NOON = datetime(2026, 3, 2, 12, 0).astimezone()
FACTS = st.lists(
    st.builds(QueryFacts, st.booleans(), st.sampled_from(["", "question", "images"]), st.sampled_from([None, NOON])),
    max_size=6,
)


@given(FACTS)
def test_the_clock_never_both_stands_and_runs_on(facts: list[QueryFacts]) -> None:
    """While any question needs the clock to stand, no answer lets it run; a pause of somebody else is left alone."""
    assert not (must_stand(facts) and may_resume(facts, NOON))
    assert not may_resume(facts, None)
    assert not may_resume([f for f in facts if f.paused_from is None], NOON)


def _paused(case_id: object) -> bool:
    return any(p.to_at is None for p in cases.pauses_of(case_id))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_question_stops_the_clock_and_the_answer_lets_it_run(world: World) -> None:
    """The reader asks for an agreed reason: the clock stands; the client answers: it runs, and the thread keeps all."""
    ready = world.ready_case()
    with world.scope("NORTH"):
        reader, client = world.actor("reader"), world.actor("north")
        about = {"case_id": ready.case_id, "subject": "Which side?"}
        one = actions.ask(actor=reader, **about, text="Which side hurts?", reason="question")
        two = actions.ask(actor=reader, **about, text="Is there an earlier scan?", reason="priors")
        assert _paused(ready.case_id)
        actions.answer(actor=client, query_id=one, text="The left side.")
        assert _paused(ready.case_id), "the second question still waits"
        actions.answer(actor=client, query_id=two, text="None was made.")
        assert not _paused(ready.case_id)
        found = queries.query(one)
        assert found is not None
        assert [(m.side, m.text) for m in found.messages] == [
            ("provider", "Which side hurts?"),
            ("client", "The left side."),
        ]
        assert found.waits_for == "provider"
        actions.close(actor=reader, query_id=one)
        with pytest.raises(Conflict):
            actions.answer(actor=client, query_id=one, text="One thing more.")


@pytest.mark.django_db
def test_a_question_without_an_agreed_reason_does_not_stop_the_clock(world: World) -> None:
    """No reason, no pause; a reason that nobody agreed is refused; a client's own question never stops the clock."""
    ready = world.ready_case()
    about = {"case_id": ready.case_id, "subject": "History", "text": "Any operation before?"}
    with world.scope("NORTH"):
        actions.ask(actor=world.actor("reader"), **about)
        actions.ask(actor=world.actor("north"), **about, reason="question")
        assert not _paused(ready.case_id)
        with pytest.raises(BadInput):
            actions.ask(actor=world.actor("reader"), **about, reason="coffee")


@pytest.mark.django_db
def test_the_client_is_reminded_until_it_answers(world: World) -> None:
    """Each reminder sets the next; after two of them somebody is to telephone; an answer ends it."""
    ready = world.ready_case(priority="urgent")
    with world.scope("NORTH"):
        query_id = actions.ask(
            actor=world.actor("reader"), case_id=ready.case_id, subject="Side", text="Which side hurts?"
        )
    at = timezone.now()
    for number in (1, 2, 3):
        sweeper.fire_due(at + timedelta(hours=2 * number, minutes=number))
        with world.scope("NORTH"):
            found = queries.query(query_id)
            assert found is not None
            assert (found.reminders, found.call_due) == (number, number >= 2)
    with world.scope("NORTH"):
        actions.answer(actor=world.actor("north"), query_id=query_id, text="The left side.")
        answered = queries.query(query_id)
        assert answered is not None
        assert (answered.remind_at, answered.call_due) == (None, False)


@pytest.mark.django_db
def test_another_client_sees_no_question_and_the_client_does_not_close_ours(world: World) -> None:
    """A thread of one client is absent for another; only the provider closes it (H06)."""
    ready = world.ready_case()
    with world.scope("NORTH"):
        query_id = actions.ask(
            actor=world.actor("reader"), case_id=ready.case_id, subject="Side", text="Which side hurts?"
        )
        with pytest.raises(NotAllowed):
            actions.close(actor=world.actor("north"), query_id=query_id)
    with world.scope("SOUTH"), pytest.raises(NotFound):
        actions.answer(actor=world.actor("south"), query_id=query_id, text="The left side.")
