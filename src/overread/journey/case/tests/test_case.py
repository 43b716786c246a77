"""Cases: from images and referral to a read, its claim, its signature and its clocks."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from overread.foundation.clock.queries import due_for
from overread.foundation.tenancy.scope import OutOfScope
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.journey.case import actions, queries
from overread.journey.case.queries.turnaround import turnaround_between
from overread.journey.case.rules import StudyFacts
from tests.world import SEED, World, world

__all__ = ["world"]


def test_a_case_with_referral_and_images_is_ready_and_its_clock_runs(world: World) -> None:
    """With an accepted referral and complete images the read can be claimed, and the deadline is the agreed one."""
    made = world.ready_case(priority="urgent")
    with world.scope("NORTH"):
        case = queries.case(made.case_id)
        assert case is not None
        assert case.state == "ready"
        assert case.received_at is not None
        assert case.due_at == case.received_at + timedelta(minutes=240)
        assert due_for([made.case_id], "case.due") == {made.case_id: case.due_at}
        assert due_for([made.case_id], "case.warning")
        card = queries.read_card(made.read_id)
        assert card is not None
        assert (card.read_state, card.patient_name, card.age) == ("available", "Quillfeather, Osric", 71)
        assert (card.image_count, card.due_at) == (3, case.due_at)


def test_the_clock_starts_at_the_later_of_images_and_referral(world: World) -> None:
    """Images that came an hour before the referral do not start the clock; the referral does."""
    study_id = world.study()
    early = timezone.now() - timedelta(hours=1)
    with world.scope("NORTH"):
        case_id = actions.open_case(actor=SEED, client_id=world.clients["NORTH"])
        actions.attach_study(
            actor=SEED, case_id=case_id, study_id=study_id, facts=world.facts(study_id), complete_at=early
        )
        waiting = queries.case(case_id)
        assert waiting is not None
        assert (waiting.state, waiting.due_at) == ("awaiting_referral", None)
        actions.accept_referral(actor=SEED, case_id=case_id, referral_id=uuid4(), priority="emergency")
        case = queries.case(case_id)
        assert case is not None
        assert case.received_at is not None
        assert case.received_at > early
        assert (case.state, case.priority) == ("ready", "emergency")
        assert case.due_at == case.received_at + timedelta(minutes=60)


def test_two_readers_cannot_claim_one_read(world: World) -> None:
    """The first claim wins; the second reader is told, and nothing changes."""
    made = world.ready_case()
    with world.scope("NORTH"):
        reader, other = world.people["reader"].id, world.people["reader2"].id
        actions.claim_read(actor=Actor.person(reader), read_id=made.read_id, reader_id=reader)
        with pytest.raises(Conflict):
            actions.claim_read(actor=Actor.person(other), read_id=made.read_id, reader_id=other)
        card = queries.read_card(made.read_id)
        assert card is not None
        assert (card.reader_id, card.case_state) == (reader, "claimed")
        with pytest.raises(NotAllowed):
            actions.sign_read(actor=SEED, read_id=made.read_id, reader_id=other, signed_at=timezone.now())


def test_a_read_handed_back_is_free_again(world: World) -> None:
    """After hand-back another reader may claim it, and the case is ready again."""
    made = world.ready_case()
    with world.scope("NORTH"):
        reader, other = world.people["reader"].id, world.people["reader2"].id
        actions.claim_read(actor=SEED, read_id=made.read_id, reader_id=reader)
        actions.hand_back_read(actor=SEED, read_id=made.read_id)
        assert queries.case(made.case_id).state == "ready"  # type: ignore[union-attr]
        actions.claim_read(actor=SEED, read_id=made.read_id, reader_id=other)
        assert queries.read(made.read_id).reader_id == other  # type: ignore[union-attr]


def test_acceptance_stops_the_clock_and_its_deadlines(world: World) -> None:
    """When the client has accepted, the case is delivered, the clock stands and no deadline is left; twice is once."""
    made = world.ready_case()
    reader = world.people["reader"].id
    with world.scope("NORTH"):
        actions.claim_read(actor=SEED, read_id=made.read_id, reader_id=reader)
        actions.sign_read(actor=SEED, read_id=made.read_id, reader_id=reader, signed_at=timezone.now())
        assert queries.case(made.case_id).state == "reported"  # type: ignore[union-attr]
        actions.start_delivery(actor=SEED, case_id=made.case_id)
        actions.start_delivery(actor=SEED, case_id=made.case_id)
        at = timezone.now()
        actions.record_accepted(actor=SEED, case_id=made.case_id, at=at)
        actions.record_accepted(actor=SEED, case_id=made.case_id, at=at + timedelta(hours=1))
        case = queries.case(made.case_id)
        assert case is not None
        assert (case.state, case.accepted_at) == ("delivered", at)
        assert [c.accepted_at for c in queries.clocks_of(made.case_id)] == [at]
        assert due_for([made.case_id], "case.due") == {}
        assert due_for([made.case_id], "case.warning") == {}


def test_late_images_after_signing_open_a_new_clock_and_a_new_read(world: World) -> None:
    """Images after a signature open the case again with another clock; the first clock keeps what it measured (H04)."""
    made = world.ready_case()
    reader = world.people["reader"].id
    with world.scope("NORTH"):
        actions.claim_read(actor=SEED, read_id=made.read_id, reader_id=reader)
        actions.sign_read(actor=SEED, read_id=made.read_id, reader_id=reader, signed_at=timezone.now())
        actions.record_accepted(actor=SEED, case_id=made.case_id, at=timezone.now())
        before = queries.clocks_of(made.case_id)
        late = timezone.now() + timedelta(minutes=5)
        actions.images_late(
            actor=SEED, case_id=made.case_id, study_id=made.study_id, images=2, at=late, facts=StudyFacts(image_count=5)
        )
        case = queries.case(made.case_id)
        assert case is not None
        assert (case.state, case.late_images, case.received_at) == ("ready", True, late)
        clocks = queries.clocks_of(made.case_id)
        assert clocks[0] == before[0]
        assert (clocks[1].reason, clocks[1].accepted_at) == ("late-images", None)
        assert [r.kind for r in queries.reads_of(made.case_id)] == ["first", "late"]
        assert due_for([made.case_id], "case.due") == {made.case_id: clocks[1].due_at}
        # An acceptance of the report signed before does not stop the new clock.
        actions.record_accepted(actor=SEED, case_id=made.case_id, at=late, signed_at=made.due_at - timedelta(days=1))
        assert queries.clocks_of(made.case_id)[1].accepted_at is None


def test_late_images_before_signing_add_a_clock_and_the_first_due_time_stays(world: World) -> None:
    """Images that come late while a case waits or is read open another clock; the case stays due when it was."""
    made = world.ready_case()
    with world.scope("NORTH"):
        later = timezone.now() + timedelta(hours=2)
        actions.images_late(
            actor=SEED,
            case_id=made.case_id,
            study_id=made.study_id,
            images=1,
            at=later,
            facts=StudyFacts(image_count=4),
        )
        case = queries.case(made.case_id)
        assert case is not None
        assert (case.state, case.due_at) == ("ready", made.due_at)
        assert len(queries.clocks_of(made.case_id)) == 2


def test_a_pause_moves_the_due_time_by_its_length(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the clock stands no deadline is set; afterwards the due time is later by exactly the pause."""
    made = world.ready_case()
    start = timezone.now()
    with world.scope("NORTH"):
        with pytest.raises(BadInput):
            actions.pause_clock(actor=SEED, case_id=made.case_id, reason="tea")
        monkeypatch.setattr(timezone, "now", lambda: start)
        actions.pause_clock(actor=SEED, case_id=made.case_id, reason="question")
        assert due_for([made.case_id], "case.due") == {}
        assert queries.read_card(made.read_id).paused  # type: ignore[union-attr]
        monkeypatch.setattr(timezone, "now", lambda: start + timedelta(hours=3))
        actions.resume_clock(actor=SEED, case_id=made.case_id)
        case = queries.case(made.case_id)
        assert case is not None
        assert case.due_at == made.due_at + timedelta(hours=3)
        assert due_for([made.case_id], "case.due") == {made.case_id: case.due_at}


def test_a_held_case_takes_its_read_from_the_reader(world: World) -> None:
    """Holding a case that is being read ends the claim; released, it is offered again."""
    made = world.ready_case()
    with world.scope("NORTH"):
        actions.claim_read(actor=SEED, read_id=made.read_id, reader_id=world.people["reader"].id)
        with pytest.raises(Conflict):
            actions.cancel_case(actor=SEED, case_id=made.case_id, reason="sent twice")
        actions.hold_case(actor=SEED, case_id=made.case_id, reason="wrong patient?")
        read = queries.read(made.read_id)
        assert read is not None
        assert (read.state, read.reader_id) == ("waiting", None)
        actions.release_case(actor=SEED, case_id=made.case_id)
        assert queries.read(made.read_id).state == "available"  # type: ignore[union-attr]
        assert len(queries.clocks_of(made.case_id)) == 1


def test_a_cancelled_case_leaves_no_read_and_no_deadline(world: World) -> None:
    """A cancelled case disappears from every worklist and its deadlines with it."""
    made = world.ready_case()
    with world.scope("NORTH"):
        actions.cancel_case(actor=world.actor("administrator"), case_id=made.case_id, reason="sent twice")
        assert queries.read_cards() == []
        assert due_for([made.case_id], "case.due") == {}


def test_a_detached_study_takes_the_case_back(world: World) -> None:
    """When a match was wrong the case waits for images again, and its read cannot be claimed."""
    made = world.ready_case()
    with world.scope("NORTH"):
        actions.detach_study(actor=SEED, case_id=made.case_id, study_id=made.study_id, reason="wrong-match")
        case = queries.case(made.case_id)
        assert case is not None
        assert (case.state, case.images_complete_at) == ("awaiting_images", None)
        assert queries.read(made.read_id).state == "waiting"  # type: ignore[union-attr]


def test_lowering_a_priority_takes_a_person_and_a_reason(world: World) -> None:
    """The system may raise a priority but never lower it (H27); the due time follows."""
    made = world.ready_case(priority="routine")
    with world.scope("NORTH"):
        actions.set_priority(actor=SEED, case_id=made.case_id, priority="emergency")
        raised = queries.case(made.case_id)
        assert raised is not None
        assert raised.due_at == made.due_at - timedelta(minutes=1380)
        with pytest.raises(BadInput):
            actions.set_priority(actor=SEED, case_id=made.case_id, priority="routine", reason="calm")
        with pytest.raises(BadInput):
            actions.set_priority(actor=world.actor("administrator"), case_id=made.case_id, priority="routine")
        actions.set_priority(
            actor=world.actor("administrator"), case_id=made.case_id, priority="routine", reason="Agreed by phone"
        )
        assert queries.case(made.case_id).due_at == made.due_at  # type: ignore[union-attr]


def test_another_clients_case_does_not_exist(world: World) -> None:
    """Under the scope of one client, another client's case is not found, not listed and cannot be moved."""
    made = world.ready_case("NORTH")
    with world.scope("SOUTH"):
        assert queries.case(made.case_id) is None
        assert queries.read_card(made.read_id) is None
        assert queries.read_cards() == []
        with pytest.raises(NotFound):
            actions.hold_case(actor=SEED, case_id=made.case_id, reason="x")
        with pytest.raises((OutOfScope, NotFound)):
            actions.open_case(actor=SEED, client_id=world.clients["NORTH"])


def test_a_worklist_costs_the_same_queries_for_one_case_and_for_five(
    world: World, django_assert_max_num_queries: object
) -> None:
    """The list of reads is sorted by due time and asks the database a fixed number of questions."""
    for priority in ("routine", "emergency", "urgent", "routine", "urgent"):
        world.ready_case(priority=priority)
    with world.scope("NORTH"), django_assert_max_num_queries(6):  # type: ignore[operator]
        cards = queries.read_cards()
    dues = [c.due_at for c in cards]
    assert len(cards) == 5
    assert dues == sorted(dues)  # type: ignore[type-var]
    assert cards[0].priority == "emergency"


def test_case_numbers_count_up_without_gaps(world: World) -> None:
    """Each case has its own number, whichever client it is of."""
    numbers = [world.ready_case(code).number for code in ("NORTH", "SOUTH", "NORTH")]
    serials = [int(n.split("-")[2]) for n in numbers]
    assert serials == list(range(serials[0], serials[0] + 3))


def test_the_story_of_a_case_is_told_in_words(world: World) -> None:
    """What happened is told in order, in words, with the people named."""
    made = world.ready_case()
    reader = world.people["reader"]
    with world.scope("NORTH"):
        actions.claim_read(actor=Actor.person(reader.id), read_id=made.read_id, reader_id=reader.id)
        lines = [line for line in queries.story(made.case_id) if line.level == "story"]
        titles = [line.title for line in lines]
        assert titles[:2] == ["3 images stored", f"Case {made.number} opened"]
        assert "Ready to read, clock started" in titles
        assert (lines[-1].title, lines[-1].by) == ("Claimed", "Dr Maren Oakhollow")


def test_turnaround_evidence_is_as_it_stood_at_a_moment(world: World) -> None:
    """Judged at a moment before the acceptance the clock still ran; judged after it, it was on time."""
    made = world.ready_case(priority="urgent")
    other = world.ready_case("SOUTH")
    reader = world.people["reader"].id
    with world.scope("NORTH"):
        actions.claim_read(actor=SEED, read_id=made.read_id, reader_id=reader)
        actions.sign_read(actor=SEED, read_id=made.read_id, reader_id=reader, signed_at=timezone.now())
        accepted = timezone.now()
        actions.record_accepted(actor=SEED, case_id=made.case_id, at=accepted)
        period = (accepted - timedelta(hours=1), accepted + timedelta(hours=1))
        before = turnaround_between(*period, as_at=accepted - timedelta(microseconds=1))
        after = turnaround_between(*period, as_at=accepted)
        late = turnaround_between(*period, as_at=accepted, client_id=made.client_id)
        assert (before.counts.running, before.counts.on_time) == (1, 0)
        assert (after.counts.running, after.counts.on_time) == (0, 1)
        assert late.rows == after.rows
        assert other.case_id not in {row.case_id for row in after.rows}
