"""Verbs of delivery: make, release, attempt, record, open, recall, resend."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from overread.foundation.clock import actions as clock
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.agreement import queries as agreements
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.case.rules import State as CaseState
from overread.journey.delivery.events import DeliveryAccepted, DeliveryDue
from overread.journey.delivery.models import Delivery, DeliveryAttempt
from overread.journey.delivery.rules import (
    Patience,
    State,
    counting_channel,
    doubt,
    ends_clock,
    may_recall,
    release_at,
    wait_after,
)
from overread.journey.reporting import queries as reports

RELEASE_KIND = "delivery.release"
RECEIPT_KIND = "delivery.receipt"


def _row(delivery_id: UUID) -> Delivery:
    row: Delivery | None = Delivery.objects.select_for_update().filter(id=delivery_id).first()
    if row is None:
        raise NotFound
    return row


def _note(row: Delivery, **facts: object) -> None:
    note(
        subject=("delivery", row.id),
        client_id=row.client_id,
        case_id=row.case_id,
        facts={"channel": row.channel, "report": str(row.report_id), **facts},
    )


def _set(actor: Actor, row: Delivery, kind: str, due_at: datetime) -> None:
    clock.set_deadline(
        actor=actor, kind=kind, subject_id=row.id, due_at=due_at, client_id=row.client_id, case_id=row.case_id
    )


def _due_again(actor: Actor, row: Delivery, due_at: datetime) -> None:
    _set(actor, row, RELEASE_KIND, due_at)


def _expect_receipt(actor: Actor, row: Delivery) -> None:
    """From now on it must be accepted within the agreed time, or a person hears of it (REQ-32)."""
    _set(actor, row, RECEIPT_KIND, current_unit().at + thresholds.duration("delivery.receipt_within"))


@action("delivery.make")
def make(*, actor: Actor, report_id: UUID) -> tuple[UUID, ...]:
    """Make the deliveries of a signed version, one for each agreed channel, in the transaction that signed it.

    A later version also goes by every channel by which an earlier one of the case left, agreed still or not: who got
    the one must get the other (REQ-39, H10). What a reader recalled before leaves with the version that follows it.
    """
    report = reports.report(report_id)
    if report is None:
        raise NotFound
    agreed = agreements.terms_for(report.client_id)
    leaves = release_at(report.signed_at, agreed.recall_seconds, report.alert_category)
    made = []
    earlier = list(Delivery.objects.filter(case_id=report.case_id))
    there = {row.channel: row for row in earlier if row.report_id == report_id}
    for channel in dict.fromkeys([*agreed.channels, *sorted({r.channel for r in earlier if r.sent_at})]):
        row = there.get(channel) or Delivery.objects.create(
            client_id=report.client_id,
            report_id=report_id,
            channel=channel,
            case_id=report.case_id,
            made_at=current_unit().at,
            release_at=leaves,
        )
        _note(row, leaves=leaves.isoformat(), new=channel not in there)
        _due_again(actor, row, leaves)
        made.append(UUID(str(row.id)))
    for row in (r for r in earlier if r.state == State.RECALLED):
        Delivery.objects.filter(id=row.id).update(state=State.WAITING, release_at=leaves, last_error="")
        _note(row, words="leaves-with-the-next-version")
        _due_again(actor, row, leaves)
    return tuple(made)


@action("delivery.release")
def release(*, actor: Actor, delivery_id: UUID) -> bool:
    """The recall window is over, or the wait for another attempt: let it leave if its documents exist.

    Returns:
        Whether it leaves now; if its documents are still being made, it leaves as soon as they are.
    """
    row = _row(delivery_id)
    if row.state not in {State.WAITING, State.RELEASED}:
        _note(row, words="nothing-to-release", state=row.state)
        return False
    Delivery.objects.filter(id=row.id).update(state=State.RELEASED, next_at=None, version=F("version") + 1)
    ready = reports.file_of(row.report_id, "pdf") is not None
    _note(row, ready=ready)
    _expect_receipt(actor, row)
    if ready:
        _send_off(row)
    return ready


def _send_off(row: Delivery) -> None:
    publish(DeliveryDue(client_id=row.client_id, case_id=row.case_id, delivery_id=row.id, attempt=row.attempts + 1))


@action("delivery.documents_exist")
def documents_exist(*, actor: Actor, report_id: UUID) -> int:
    """The documents of a version were made: what was released and waited for them leaves. Returns how many."""
    rows = list(Delivery.objects.filter(report_id=report_id, state=State.RELEASED, next_at__isnull=True))
    for row in rows:
        _note(row, words="documents-exist")
        _send_off(row)
    if not rows:
        report = reports.report(report_id)
        client_id = report.client_id if report else None
        note(subject=("report", report_id), client_id=client_id, words="nothing-waits")
    return len(rows)


@action("delivery.begin_attempt")
def begin_attempt(*, actor: Actor, delivery_id: UUID, attempt: int) -> bool:
    """Write the intent of an attempt before it is made.

    Returns:
        False when this attempt was begun before and something came of it, or the delivery needs none any more.
    """
    row = _row(delivery_id)
    if row.state not in {State.RELEASED, State.SENDING} or attempt != row.attempts + 1:
        _note(row, words="not-due", attempt=attempt)
        return False
    DeliveryAttempt.objects.get_or_create(
        client_id=row.client_id, delivery=row, number=attempt, defaults={"intent_at": current_unit().at}
    )
    Delivery.objects.filter(id=row.id).update(state=State.SENDING, version=F("version") + 1)
    _start_case(actor, row.case_id)
    _expect_receipt(actor, row)
    _note(row, attempt=attempt)
    return True


def _start_case(actor: Actor, case_id: UUID) -> None:
    case = case_queries.case(case_id)
    if case is not None and case.state == CaseState.REPORTED:
        cases.start_delivery(actor=actor, case_id=case_id)


def _patience() -> Patience:
    return Patience(
        attempts=thresholds.whole("delivery.attempts"),
        first_wait=thresholds.duration("delivery.first_wait"),
        longest_wait=thresholds.duration("delivery.longest_wait"),
    )


@action("delivery.record_result")
def record_result(
    *, actor: Actor, delivery_id: UUID, attempt: int, result: str, detail: str = "", remote_id: str = ""
) -> None:
    """Write what came of an attempt: "accepted", "sent", "refused" or "retry".

    Sent is not accepted; a refusal or too many failures puts it on the list of what failed (H21).
    """
    row = _row(delivery_id)
    at = current_unit().at
    DeliveryAttempt.objects.filter(delivery=row, number=attempt).update(
        result=result, result_at=at, detail=detail[:300]
    )
    _note(row, attempt=attempt, result=result)
    values: dict[str, object] = {"attempts": attempt, "version": F("version") + 1}
    if result in {"accepted", "sent"}:
        values |= {"state": State.SENT, "sent_at": row.sent_at or at, "last_error": "", "remote_id": remote_id[:200]}
        Delivery.objects.filter(id=row.id).update(**values)
        if result == "accepted":
            _accept(actor, _row(delivery_id))
        return
    wait = wait_after(attempt, _patience()) if result == "retry" else None
    values |= {"last_error": detail[:300], "state": State.RELEASED if wait else State.FAILED}
    values["next_at"] = at + wait if wait else None
    Delivery.objects.filter(id=row.id).update(**values)
    if wait:
        _due_again(actor, row, at + wait)


def _accept(actor: Actor, row: Delivery) -> None:
    if row.accepted_at is not None:
        return
    at = current_unit().at
    accepted = {"state": State.ACCEPTED, "accepted_at": at, "last_error": ""}
    Delivery.objects.filter(id=row.id).update(**accepted, version=F("version") + 1)
    clock.cancel_deadline(actor=actor, kind=RECEIPT_KIND, subject_id=row.id)
    agreed = agreements.terms_for(row.client_id)
    report = reports.report(row.report_id)
    final = report is not None and ends_clock(report.kind)
    if final and row.channel == counting_channel(agreed.channels):
        _start_case(actor, row.case_id)
        cases.record_accepted(actor=actor, case_id=row.case_id, at=at)
    publish(
        DeliveryAccepted(
            client_id=row.client_id,
            case_id=row.case_id,
            delivery_id=row.id,
            report_id=row.report_id,
            channel=row.channel,
        )
    )


@action("delivery.doubt")
def doubt_receipt(*, actor: Actor, delivery_id: UUID) -> bool:
    """The time for a receipt is over: what has not been accepted goes on the list of what needs a person (REQ-32).

    Returns:
        Whether it did.
    """
    row = _row(delivery_id)
    retry_planned = row.state == State.RELEASED and row.next_at is not None
    why = doubt(State(row.state), accepted=row.accepted_at is not None, retry_planned=retry_planned)
    _note(row, doubted=bool(why), state=row.state)
    if why:
        # What was recalled stays recalled, so that it still leaves with the version that follows it.
        state = State.RECALLED if row.state == State.RECALLED else State.FAILED
        values = {"state": state, "last_error": why}
        Delivery.objects.filter(id=row.id).update(**values, version=F("version") + 1)
    return bool(why)


@action("delivery.publish")
def publish_in_portal(*, actor: Actor, delivery_id: UUID) -> None:
    """Let the client see the version in the portal: sent, not yet accepted."""
    row = _row(delivery_id)
    at = current_unit().at
    Delivery.objects.filter(id=row.id, sent_at__isnull=True).update(sent_at=at, version=F("version") + 1)
    _note(row, words="published")


@action("delivery.open")
def mark_opened(*, actor: Actor, delivery_id: UUID, by: str) -> None:
    """Somebody of the client opened it; the first time is kept. Opening also proves that it was accepted."""
    row = _row(delivery_id)
    Delivery.objects.filter(id=row.id, opened_at__isnull=True).update(opened_at=current_unit().at, opened_by=by[:200])
    _note(row, words="opened" if row.opened_at is None else "opened-again")
    if row.state in {State.SENT, State.SENDING, State.RELEASED, State.FAILED}:
        _accept(actor, row)


@action("delivery.recall")
def recall(*, actor: Actor, report_id: UUID) -> None:
    """Stop a signed version before it leaves, to sign an addendum first; only its signer may.

    Raises:
        NotAllowed: somebody else signed it.
        Conflict: it has begun to leave.
    """
    report = reports.report(report_id)
    if report is None:
        raise NotFound
    if actor.person_id != report.signed_by_id:
        raise NotAllowed("Only the reader who signed a report can recall it.")
    rows = list(Delivery.objects.select_for_update().filter(report_id=report_id))
    if not may_recall(State(row.state) for row in rows):
        raise Conflict("The report has left already. Sign an addendum instead.", code="left")
    for row in rows:
        Delivery.objects.filter(id=row.id).update(state=State.RECALLED, version=F("version") + 1)
        clock.cancel_deadline(actor=actor, kind=RELEASE_KIND, subject_id=row.id)
        _expect_receipt(actor, row)
        _note(row, words="recalled")


@action("delivery.resend")
def resend(*, actor: Actor, delivery_id: UUID) -> None:
    """Try a failed, recalled or accepted delivery again, under the same name on the other side.

    Raises:
        Conflict: it is on its way.
    """
    row = _row(delivery_id)
    if row.state not in {State.FAILED, State.RECALLED, State.ACCEPTED, State.SENT}:
        raise Conflict("This delivery is on its way; wait for what comes of it.", code="under-way")
    Delivery.objects.filter(id=row.id).update(state=State.RELEASED, next_at=None, version=F("version") + 1)
    _note(row, words="again", attempt=row.attempts + 1)
    _expect_receipt(actor, row)
    _send_off(row)
