"""Claims as they really run: one holder at a time, a lease that lives by signs of life, take-over with a reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from overread.foundation.clock import sweeper
from overread.foundation.clock.models import Deadline
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.journey.allocation import actions, queries
from overread.journey.allocation.models import Claim
from overread.journey.case import actions as case
from overread.journey.case import queries as cases
from tests.world import World, build, world  # noqa: F401

pytestmark = pytest.mark.django_db


def _claimed(world: World) -> UUID:  # noqa: F811
    read_id = world.ready_case().read_id
    with world.scope("NORTH"):
        actions.claim(actor=world.actor("reader"), read_id=read_id)
    return read_id


def _state(read_id: UUID) -> str:
    read = cases.read(read_id)
    assert read is not None
    return read.state


def _lease_ran_out(read_id: UUID) -> None:
    """As if the last sign of life were six minutes old, and the deadline had come."""
    past = timezone.now() - timedelta(minutes=1)
    claim = Claim.objects.get(read_id=read_id, ended_at__isnull=True)
    Claim.objects.filter(id=claim.id).update(lease_until=past)
    Deadline.objects.filter(subject_id=claim.id, state="waiting").update(due_at=past, next_try_at=past)


def test_a_reader_without_privilege_gets_no_read(world: World) -> None:  # noqa: F811
    """The administrator, who has no registration, is refused in words that name the gate (H12)."""
    read_id = world.ready_case().read_id
    with world.scope("NORTH"), pytest.raises(NotAllowed, match="registration"), transaction.atomic():
        actions.claim(actor=world.actor("administrator"), read_id=read_id)


def test_a_reader_of_nothing_finds_no_read_of_another_client(world: World) -> None:  # noqa: F811
    """A read of another client does not exist for who works in this one's scope (H06)."""
    read_id = world.ready_case("NORTH").read_id
    with world.scope("SOUTH"), pytest.raises(NotFound), transaction.atomic():
        actions.claim(actor=world.actor("reader"), read_id=read_id)


def test_claiming_again_only_renews(world: World) -> None:  # noqa: F811
    """A reload of the reading page keeps the one claim and moves its lease."""
    read_id = _claimed(world)
    with world.scope("NORTH"):
        first = Claim.objects.get(read_id=read_id)
        assert actions.claim(actor=world.actor("reader"), read_id=read_id) == first.id
        again = Claim.objects.get(read_id=read_id)
        assert again.lease_until >= first.lease_until


def test_a_lease_without_a_sign_of_life_gives_the_read_back(world: World) -> None:  # noqa: F811
    """Five minutes of silence: the read is on the worklist again, and the silent reader is told at the next sign (H18)."""
    read_id = _claimed(world)
    with world.scope("NORTH"):
        _lease_ran_out(read_id)
    sweeper.fire_due()
    with world.scope("NORTH"):
        assert _state(read_id) == "available"
        with pytest.raises(Conflict, match="draft is kept"), transaction.atomic():
            actions.beat(actor=world.actor("reader"), read_id=read_id)
        actions.claim(actor=world.actor("reader2"), read_id=read_id)
        assert _state(read_id) == "claimed"


def test_a_sign_of_life_before_the_deadline_keeps_the_read(world: World) -> None:  # noqa: F811
    """A deadline that fires looks again: who gave a sign of life in the meantime keeps the read."""
    read_id = _claimed(world)
    with world.scope("NORTH"):
        _lease_ran_out(read_id)
        actions.beat(actor=world.actor("reader"), read_id=read_id)
    sweeper.fire_due()
    with world.scope("NORTH"):
        claim = Claim.objects.get(read_id=read_id)
        assert (claim.ended_at, _state(read_id)) == (None, "claimed")
        assert Deadline.objects.filter(subject_id=claim.id, state="waiting").count() == 1


def test_a_take_over_needs_a_reason_and_tells_the_other(world: World) -> None:  # noqa: F811
    """Without a reason nothing moves; with one the read changes hands and the first reader's signs of life are refused."""
    read_id = _claimed(world)
    second = world.actor("reader2")
    with world.scope("NORTH"):
        with pytest.raises(BadInput), transaction.atomic():
            actions.take_over(actor=second, read_id=read_id, reason=" ")
        actions.take_over(actor=second, read_id=read_id, reason="Urgent, and you are offline")
        ended = Claim.objects.get(read_id=read_id, ended_at__isnull=False)
        assert (ended.ended_how, ended.ended_reason) == ("taken_over", "Urgent, and you are offline")
        with pytest.raises(Conflict), transaction.atomic():
            actions.beat(actor=world.actor("reader"), read_id=read_id)


def test_who_has_given_a_read_back_does_not_hold_it(world: World) -> None:  # noqa: F811
    """Hand-back frees the read for everybody and cannot be done twice."""
    read_id = _claimed(world)
    reader = world.actor("reader")
    with world.scope("NORTH"):
        actions.hand_back(actor=reader, read_id=read_id, reason="Not my field")
        assert _state(read_id) == "available"
        with pytest.raises(Conflict), transaction.atomic():
            actions.hand_back(actor=reader, read_id=read_id)
        reader2 = world.people["reader2"].id
        assert all(reason.holds for reason in queries.why(read_id, reader2))


def test_a_case_that_loses_its_images_takes_the_claim_with_it(world: World) -> None:  # noqa: F811
    """Un-matched images end the claim at once; the reader is told, and no lease is left to run out (H18)."""
    ready = world.ready_case()
    with world.scope("NORTH"):
        actions.claim(actor=world.actor("reader"), read_id=ready.read_id)
        case.detach_study(
            actor=world.actor("administrator"), case_id=ready.case_id, study_id=ready.study_id, reason="Wrong patient"
        )
        ended = Claim.objects.get(read_id=ready.read_id)
        assert ended.ended_how == "withdrawn"
        assert not Deadline.objects.filter(subject_id=ended.id, state="waiting").exists()
        with pytest.raises(Conflict, match="draft is kept"), transaction.atomic():
            actions.beat(actor=world.actor("reader"), read_id=ready.read_id)


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_of_two_readers_who_claim_at_once_exactly_one_gets_the_read(transactional_db: None) -> None:
    """Twelve reads, two readers, the same moment: each read has one holder, and the other reader is told (H18)."""
    here = build()
    reads = [here.ready_case().read_id for _ in range(12)]
    barrier = Barrier(2)

    def grab(name: str) -> list[str]:
        got = []
        try:
            for read_id in reads:
                barrier.wait(timeout=30)
                with here.scope("NORTH"):
                    try:
                        actions.claim(actor=here.actor(name), read_id=read_id)
                        got.append("won")
                    except Conflict:
                        got.append("told")
        finally:
            connection.close()
        return got

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(grab, ["reader", "reader2"])
    assert [sorted(pair) for pair in zip(first, second, strict=True)] == [["told", "won"]] * len(reads)
    with here.scope("NORTH"):
        assert Claim.objects.filter(read_id__in=reads, ended_at__isnull=True).count() == len(reads)
