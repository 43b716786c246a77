"""Clocks of a case: paused, resumed, given another priority, stopped, warned of and late."""

from datetime import datetime
from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict
from overread.journey.agreement.queries import terms_for
from overread.journey.case.actions._steps import (
    _advance,
    _cancel_deadlines,
    _change,
    _locked,
    _now,
    _open_clocks,
    _reset_due,
)
from overread.journey.case.events import CaseInDanger, CaseLate, ClockPaused, ClockResumed
from overread.journey.case.models import Case, Clock, ClockPause
from overread.journey.case.rules import Move, Priority, State


@action("case.pause_clock")
def pause_clock(*, actor: Actor, case_id: UUID, reason: str) -> None:
    """Let the clock stand still, for one of the reasons agreed with the client.

    Raises:
        BadInput: the reason is not one of the agreement's pause codes.
        Conflict: the clock stands still already, or none runs.
    """
    case = _locked(case_id)
    if reason not in terms_for(case.client_id).pause_codes:
        raise BadInput(
            "The clock may stand still only for a reason agreed with the client.",
            errors={"reason": "Choose one of the agreed reasons."},
        )
    if not _open_clocks(case):
        raise Conflict("No clock runs on this case.", code="no-clock")
    if ClockPause.objects.filter(case=case, to_at__isnull=True).exists():
        raise Conflict("The clock stands still already.", code="paused")
    at = _now()
    ClockPause.objects.create(client_id=case.client_id, case=case, reason=reason, from_at=at, by=actor.text)
    note(subject=("case", case.id), client_id=case.client_id, case_id=case.id, facts={"reason": reason})
    _reset_due(case, actor=actor, at=at)
    publish(ClockPaused(client_id=case.client_id, case_id=case.id, reason=reason))


@action("case.resume_clock")
def resume_clock(*, actor: Actor, case_id: UUID) -> None:
    """Let the clock run on; the due time moves by the length of the pause.

    Raises:
        Conflict: it does not stand still.
    """
    case = _locked(case_id)
    at = _now()
    if not ClockPause.objects.filter(case=case, to_at__isnull=True).update(to_at=at):
        raise Conflict("The clock does not stand still.", code="not-paused")
    note(subject=("case", case.id), client_id=case.client_id, case_id=case.id)
    _reset_due(case, actor=actor, at=at)
    if case.due_at is not None:
        publish(ClockResumed(client_id=case.client_id, case_id=case.id, due_at=case.due_at))


@action("case.set_priority")
def set_priority(*, actor: Actor, case_id: UUID, priority: str, reason: str = "") -> None:
    """Give a case another priority. Lowering it takes a person and a reason (H27); its open clocks are measured anew.

    Raises:
        BadInput: the priority is none, or it is lowered without a person or a reason.
    """
    if priority not in set(Priority):
        raise BadInput("The priority is routine, urgent or emergency.", errors={"priority": "Choose one of the three."})
    case = _locked(case_id)
    order = list(Priority)
    lowered = order.index(Priority(priority)) < order.index(Priority(case.priority))
    if lowered and (actor.person_id is None or not reason.strip()):
        raise BadInput("Only a person may lower a priority, and says why.", errors={"reason": "A reason is needed."})
    before = case.priority
    _change(case, priority=priority)
    note(
        subject=("case", case.id),
        client_id=case.client_id,
        case_id=case.id,
        facts={"from": before, "to": priority},
    )
    for clock in _open_clocks(case):
        agreed = terms_for(case.client_id, clock.received_at)
        minutes = agreed.minutes_for(priority, read_type=case.read_type, modality=case.modality)
        Clock.objects.filter(id=clock.id).update(allowance_minutes=minutes)
    _reset_due(case, actor=actor, at=_now())


@action("case.record_accepted")
def record_accepted(*, actor: Actor, case_id: UUID, at: datetime, signed_at: datetime | None = None) -> None:
    """The client has accepted the report: clocks that were running when it was signed stop.

    A clock opened by later images runs on, and a case opened again stays open (H04). Repeating it changes nothing.

    Args:
        actor: who records the acceptance.
        case_id: the case.
        at: when it was accepted.
        signed_at: when the accepted version was signed; None for the newest signature.
    """
    case = _locked(case_id)
    signed = signed_at or case.signed_at or at
    stopped = Clock.objects.filter(case=case, accepted_at__isnull=True, received_at__lte=signed).update(accepted_at=at)
    note(
        subject=("case", case.id),
        client_id=case.client_id,
        case_id=case.id,
        facts={"clocks": stopped, "accepted_at": at.isoformat()},
    )
    if stopped:
        ClockPause.objects.filter(case=case, to_at__isnull=True, from_at__lte=at).update(to_at=at)
        _change(case, accepted_at=at)
        if _open_clocks(case):
            _reset_due(case, actor=actor, at=_now())
        else:
            _cancel_deadlines(case, actor=actor)
    if case.state == State.REPORTED:
        _advance(case, Move.DELIVER)
    if case.state == State.DELIVERING:
        _advance(case, Move.ACCEPT)


def _still_due(case: Case, due_at: datetime) -> bool:
    """Whether a fired deadline is still that of the case, and nothing has been accepted."""
    return bool(_open_clocks(case)) and case.due_at == due_at and case.state != State.CANCELLED


@action("case.record_late")
def record_late(*, actor: Actor, case_id: UUID, due_at: datetime) -> None:
    """The agreed time has passed: recorded if it is still so."""
    case = _locked(case_id)
    late = _still_due(case, due_at)
    note(
        subject=("case", case.id),
        client_id=case.client_id,
        case_id=case.id,
        words="" if late else "no-longer",
        facts={"due_at": due_at.isoformat()},
    )
    if late:
        publish(CaseLate(client_id=case.client_id, case_id=case.id, due_at=due_at))


@action("case.record_danger")
def record_danger(*, actor: Actor, case_id: UUID) -> None:
    """Most of the agreed time is used: said while there is still time, if nothing has been accepted."""
    case = _locked(case_id)
    danger = bool(_open_clocks(case)) and case.state != State.CANCELLED and case.due_at is not None
    note(subject=("case", case.id), client_id=case.client_id, case_id=case.id, words="" if danger else "no-longer")
    if danger and case.due_at is not None:
        publish(CaseInDanger(client_id=case.client_id, case_id=case.id, due_at=case.due_at))
