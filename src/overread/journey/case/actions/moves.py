"""Moves of a whole case: hold, release, cancel, deliver, close, addend."""

from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput
from overread.journey.case import rules
from overread.journey.case.actions._steps import (
    _advance,
    _become_ready,
    _cancel_deadlines,
    _images_are_complete,
    _locked,
    _now,
    _withdraw_reads,
)
from overread.journey.case.models import Read
from overread.journey.case.rules import Move, ReadState, State


def _demand(reason: str) -> str:
    if not reason.strip():
        raise BadInput("Say why, in a few words.", errors={"reason": "A reason is needed."})
    return reason.strip()[:200]


@action("case.hold")
def hold_case(*, actor: Actor, case_id: UUID, reason: str) -> None:
    """Stop a case until it is released; a reader who holds it loses the claim. The clock runs on.

    Raises:
        BadInput: no reason.
        Conflict: the case cannot be held now.
    """
    words = _demand(reason)
    case = _locked(case_id)
    before = case.state
    _withdraw_reads(case, _now())
    _advance(case, Move.HOLD, held_from=before, held_reason=words)


@action("case.release")
def release_case(*, actor: Actor, case_id: UUID) -> None:
    """Let a held case go on, to where its images and referral put it."""
    case = _locked(case_id)
    move = rules.release_move(has_images=_images_are_complete(case), has_referral=case.referral_accepted_at is not None)
    after = _advance(case, move, held_from="", held_reason="")
    if after is State.READY:
        _become_ready(case, actor=actor, at=_now())


@action("case.cancel")
def cancel_case(*, actor: Actor, case_id: UUID, reason: str) -> None:
    """End a case without a report. A case that is being read must be handed back or held first.

    Raises:
        BadInput: no reason.
        Conflict: the case cannot be cancelled now.
    """
    words = _demand(reason)
    case = _locked(case_id)
    _advance(case, Move.CANCEL, held_reason=words)
    Read.objects.filter(case=case, state__in=(ReadState.WAITING.value, ReadState.AVAILABLE.value)).update(
        state=ReadState.WITHDRAWN.value
    )
    _cancel_deadlines(case, actor=actor)


@action("case.start_delivery")
def start_delivery(*, actor: Actor, case_id: UUID) -> None:
    """The signed report is on its way; repeating it changes nothing."""
    case = _locked(case_id)
    if case.state == State.REPORTED:
        _advance(case, Move.DELIVER)
    else:
        note(subject=("case", case.id), client_id=case.client_id, case_id=case.id, words="already-under-way")


@action("case.close")
def close_case(*, actor: Actor, case_id: UUID) -> None:
    """Nothing more is to do on a delivered case.

    Raises:
        Conflict: it is not delivered.
    """
    _advance(_locked(case_id), Move.CLOSE)


@action("case.addend")
def addend(*, actor: Actor, case_id: UUID) -> None:
    """A further version of the report was signed; it goes the way of delivery again.

    Raises:
        Conflict: there is no signed report.
    """
    _advance(_locked(case_id), Move.ADDEND)
