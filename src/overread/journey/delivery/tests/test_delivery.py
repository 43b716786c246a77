"""Deliveries as they really run: the recall window, attempts, receipts, and what needs a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from overread.foundation.clock import sweeper
from overread.foundation.clock.models import Deadline
from overread.foundation.work.actor import Actor
from overread.foundation.work.channels import Outcome
from overread.foundation.work.refusals import Conflict
from overread.foundation.work.running import drain
from overread.journey.agreement import actions as agreement
from overread.journey.agreement.rules import Peer
from overread.journey.case import queries as cases
from overread.journey.delivery import actions, queries
from overread.journey.delivery.queries import DeliveryView
from overread.journey.reporting import queries as reports
from tests.signing import ALERT, SECTIONS, Post, claimed, post, sign, written  # noqa: F401
from tests.world import World, world  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.journey]

CALM = {**SECTIONS, "findings": "No acute finding.", "conclusion": "Normal examination."}
COURIER = Actor.system("test")


def _signed(world: World, *, critical: bool = False) -> UUID:  # noqa: F811
    """A report signed with or without a critical finding, nothing sent yet."""
    sections = SECTIONS if critical else CALM
    read_id = claimed(world)
    with world.scope("NORTH"):
        version = written(world, read_id, sections)
        return sign(world, read_id, version, sections=sections, alert=ALERT if critical else None)


def _only(world: World, report_id: UUID, channel: str = "portal") -> DeliveryView:  # noqa: F811
    with world.scope("NORTH"):
        return next(d for d in queries.deliveries_of_report(report_id) if d.channel == channel)


def _signed_at(world: World, view: DeliveryView) -> datetime:  # noqa: F811
    with world.scope("NORTH"):
        report = reports.report(view.report_id)
        assert report is not None
        return report.signed_at


def _fire(kind: str, subject_id: UUID) -> None:
    """Let a deadline come, whenever it is due."""
    row = Deadline.objects.get(kind=kind, subject_id=subject_id, state="waiting")
    Deadline.objects.filter(pk=row.pk).update(due_at=timezone.now(), next_try_at=timezone.now())
    sweeper.fire_due()


def _leave(report: DeliveryView) -> None:
    _fire(actions.RELEASE_KIND, report.id)
    drain()


@contextmanager
def _by_dicom(world: World) -> Iterator[None]:  # noqa: F811
    with world.scope("NORTH"):
        terms = replace(
            world.terms["NORTH"], channels=("portal", "dicom"), dicom_peer=Peer("NORTH_PACS", "127.0.0.1", 11113)
        )
        agreement.agree(actor=COURIER, client_id=world.clients["NORTH"], terms=terms)
    yield


def test_a_report_waits_ninety_seconds_before_it_leaves(world: World, post: Post) -> None:  # noqa: F811
    """An ordinary report can be recalled for 90 seconds: until then nothing is sent and nobody is told."""
    view = _only(world, _signed(world))
    sweeper.fire_due()
    drain()
    assert view.release_at - _signed_at(world, view) == timedelta(seconds=90)
    assert (_only(world, view.report_id).state, post.sent["email"]) == ("waiting", [])


def test_a_critical_report_does_not_wait(world: World, post: Post) -> None:  # noqa: F811
    """A report with a critical finding has no recall window and leaves at once (H07)."""
    view = _only(world, _signed(world, critical=True))
    sweeper.fire_due()
    drain()
    assert view.release_at == _signed_at(world, view)
    assert _only(world, view.report_id).state == "accepted"


def test_a_report_that_has_begun_to_leave_cannot_be_recalled(world: World, post: Post) -> None:  # noqa: F811
    """After the window the reader is told that it has left and that an addendum is the way."""
    view = _only(world, _signed(world))
    _leave(view)
    with world.scope("NORTH"), pytest.raises(Conflict, match="addendum"), transaction.atomic():
        actions.recall(actor=world.actor("reader"), report_id=view.report_id)


def test_what_was_recalled_and_forgotten_comes_before_a_person(world: World, post: Post) -> None:  # noqa: F811
    """A recalled report that no other version follows does not vanish: within the hour it is on the list."""
    view = _only(world, _signed(world))
    with world.scope("NORTH"):
        actions.recall(actor=world.actor("reader"), report_id=view.report_id)
        assert queries.failed() == []
    _fire(actions.RECEIPT_KIND, view.id)
    with world.scope("NORTH"):
        assert [(d.id, d.state) for d in queries.failed()] == [(view.id, "recalled")]
        actions.resend(actor=world.actor("administrator"), delivery_id=view.id)
    drain()
    assert _only(world, view.report_id).state == "accepted"


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_node_that_is_down_is_tried_again_later(world: World, post: Post, attempts: int) -> None:  # noqa: F811
    """Each failure to reach the client's node sets another attempt, further away; each intent stands before its result."""
    with _by_dicom(world):
        view = _only(world, _signed(world), "dicom")
    post.answer = Outcome(state="retry", detail="no connection")
    waits = []
    for _ in range(attempts):
        _fire(actions.RELEASE_KIND, view.id)
        drain()
        again = _only(world, view.report_id, "dicom")
        assert again.next_at is not None
        waits.append(again.next_at - timezone.now())
    with world.scope("NORTH"):
        made = queries.attempts_of(view.id)
    assert sorted(waits) == waits
    assert [m.number for m in made] == list(range(attempts, 0, -1))
    assert all(m.result_at is not None and m.intent_at <= m.result_at for m in made)


def test_after_eight_failures_a_person_must_look(world: World, post: Post) -> None:  # noqa: F811
    """The attempts end, the delivery does not: it stands on the list of what failed, with the last reason (H21)."""
    with _by_dicom(world):
        view = _only(world, _signed(world), "dicom")
    post.answer = Outcome(state="retry", detail="no connection")
    for _ in range(8):
        _fire(actions.RELEASE_KIND, view.id)
        drain()
    with world.scope("NORTH"):
        assert [(d.id, d.last_error) for d in queries.failed()] == [(view.id, "no connection")]


def test_sent_is_not_accepted(world: World, post: Post) -> None:  # noqa: F811
    """Published without a notice that any mail server took: sent only, and after an hour a person must look (REQ-32)."""
    post.answer = Outcome(state="refused", detail="no such mailbox")
    view = _only(world, _signed(world))
    _leave(view)
    sent = _only(world, view.report_id)
    assert (sent.state, sent.sent_at is not None, sent.accepted_at) == ("sent", True, None)
    _fire(actions.RECEIPT_KIND, view.id)
    with world.scope("NORTH"):
        assert [d.id for d in queries.failed()] == [view.id]


def test_opening_proves_acceptance_and_takes_it_off_the_list(world: World, post: Post) -> None:  # noqa: F811
    """A client who opens a doubted report has it: accepted, opened and the turnaround clock stopped, each with its time."""
    post.answer = Outcome(state="refused", detail="no such mailbox")
    view = _only(world, _signed(world))
    _leave(view)
    _fire(actions.RECEIPT_KIND, view.id)
    with world.scope("NORTH"):
        actions.mark_opened(actor=world.actor("north"), delivery_id=view.id, by="Dr Linnet Farrow")
        opened = queries.delivery(view.id)
        assert opened is not None
        assert (opened.state, opened.opened_by, opened.last_error) == ("accepted", "Dr Linnet Farrow", "")
        assert queries.failed() == []
        case = cases.case(view.case_id)
        assert case is not None
        assert case.state in {"delivered", "closed", "accepted"}


def test_an_accepted_report_is_doubted_by_nobody(world: World, post: Post) -> None:  # noqa: F811
    """Acceptance cancels the wait for a receipt; one that fires in the same moment changes nothing."""
    view = _only(world, _signed(world))
    _leave(view)
    assert not Deadline.objects.filter(kind=actions.RECEIPT_KIND, subject_id=view.id, state="waiting").exists()
    with world.scope("NORTH"):
        assert actions.doubt_receipt(actor=COURIER, delivery_id=view.id) is False
    assert _only(world, view.report_id).state == "accepted"


def test_a_courier_that_died_after_its_intent_is_found(world: World, post: Post) -> None:  # noqa: F811
    """An attempt whose result was never written counts as not sent: after an hour it is on the list."""
    view = _only(world, _signed(world))
    with world.scope("NORTH"):
        actions.release(actor=COURIER, delivery_id=view.id)
        actions.begin_attempt(actor=COURIER, delivery_id=view.id, attempt=1)
    _fire(actions.RECEIPT_KIND, view.id)
    with world.scope("NORTH"):
        assert [d.id for d in queries.failed()] == [view.id]


def test_the_same_attempt_is_begun_once(world: World, post: Post) -> None:  # noqa: F811
    """A job that runs twice makes one attempt: the second finds that something came of it already."""
    view = _only(world, _signed(world))
    with world.scope("NORTH"):
        actions.release(actor=COURIER, delivery_id=view.id)
        assert actions.begin_attempt(actor=COURIER, delivery_id=view.id, attempt=1)
        actions.record_result(actor=COURIER, delivery_id=view.id, attempt=1, result="accepted")
        assert not actions.begin_attempt(actor=COURIER, delivery_id=view.id, attempt=1)
        assert not actions.begin_attempt(actor=COURIER, delivery_id=view.id, attempt=2)


def test_no_delivery_crosses_to_another_client(world: World, post: Post) -> None:  # noqa: F811
    """The other client sees neither the delivery nor its report, and cannot open it (H06)."""
    view = _only(world, _signed(world))
    _leave(view)
    with world.scope("SOUTH"):
        assert queries.delivery(view.id) is None
        assert queries.published_report(view.report_id) is None
    assert {m.to for m in post.sent["email"]} <= {world.people["north"].email, world.people["north_admin"].email}
