"""Steps that several verbs of a case share; each runs inside the verb's transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from overread.foundation.clock.actions import cancel_deadline, set_deadline
from overread.foundation.clock.queries import due_for
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import Conflict, NotFound
from overread.journey.agreement.queries import terms_for
from overread.journey.case import rules
from overread.journey.case.events import CaseMoved, CaseReady, ReadWithdrawn
from overread.journey.case.models import Case, CaseStudy, Clock, ClockPause, Read
from overread.journey.case.rules import Interval, Move, ReadState, Role, State

DUE, WARNING = "case.due", "case.warning"


def _locked(case_id: UUID) -> Case:
    """The case, locked until the verb ends.

    Raises:
        NotFound: there is no such case in scope.
    """
    row: Case | None = Case.objects.select_for_update().filter(id=case_id).first()
    if row is None:
        raise NotFound
    return row


def _change(case: Case, **changes: Any) -> None:
    """Write fields of the case, by conditional update on its version.

    Raises:
        Conflict: somebody else changed it since it was read.
    """
    done = Case.objects.filter(id=case.id, version=case.version).update(version=F("version") + 1, **changes)
    if not done:
        raise Conflict("Somebody else changed this case at the same moment. Open it again.", code="stale")
    case.version += 1
    for name, value in changes.items():
        setattr(case, name, value)


def _advance(case: Case, move: Move, *, reason: str = "", **changes: Any) -> State:
    """Make a move of the transition table, with its note and event.

    Raises:
        Conflict: the table does not allow it.
    """
    before = State(case.state)
    after = rules.next_state(before, move)
    if after is None:
        raise Conflict(
            f"This case cannot {rules.MOVE_WORDS[move]} now: it is in the state “{rules.STATE_WORDS[before]}”.",
            code="move-not-allowed",
        )
    _change(case, state=after.value, **changes)
    note(
        subject=("case", case.id),
        client_id=case.client_id,
        case_id=case.id,
        words=reason,
        facts={"move": move.value, "from": before.value, "to": after.value},
    )
    publish(
        CaseMoved(client_id=case.client_id, case_id=case.id, move=move.value, before=before.value, after=after.value)
    )
    return after


def _pauses(case: Case) -> list[Interval]:
    return [Interval(p.from_at, p.to_at) for p in ClockPause.objects.filter(case=case)]


def _current_studies(case: Case) -> list[CaseStudy]:
    return list(CaseStudy.objects.filter(case=case, role=Role.CURRENT.value, detached_at__isnull=True))


def _images_are_complete(case: Case) -> bool:
    studies = _current_studies(case)
    return bool(studies) and all(s.complete_at for s in studies)


def _open_clocks(case: Case) -> list[Clock]:
    return list(Clock.objects.filter(case=case, accepted_at__isnull=True).order_by("number"))


def _reset_due(case: Case, *, actor: Actor, at: datetime) -> None:
    """Due time of the case and its reads from its open clocks; the deadlines follow it and sleep during a pause."""
    clocks = _open_clocks(case)
    pauses = _pauses(case)
    for clock in clocks:
        due = rules.due_at(clock.received_at, clock.allowance_minutes, pauses, at)
        if due != clock.due_at:
            clock.due_at = due
            clock.save(update_fields=["due_at"])
    if not clocks:
        _cancel_deadlines(case, actor=actor)
        return
    first = min(clocks, key=lambda c: c.due_at)
    _change(case, due_at=first.due_at, received_at=first.received_at, allowance_minutes=first.allowance_minutes)
    Read.objects.filter(case=case, state__in=(ReadState.AVAILABLE, ReadState.CLAIMED)).update(due_at=first.due_at)
    if rules.is_paused(pauses, at):
        _cancel_deadlines(case, actor=actor)
    else:
        _set_deadlines(case, first, actor=actor, at=at)


def _set_deadlines(case: Case, clock: Clock, *, actor: Actor, at: datetime) -> None:
    about = {"subject_id": case.id, "client_id": case.client_id, "case_id": case.id}
    set_deadline(actor=actor, kind=DUE, due_at=clock.due_at, **about)
    warning = rules.warn_at(clock.received_at, clock.due_at, percent=thresholds.value("turnaround.warn_share"))
    if warning > at:
        set_deadline(actor=actor, kind=WARNING, due_at=warning, **about)
    else:
        _cancel(case, WARNING, actor=actor)


def _cancel(case: Case, kind: str, *, actor: Actor) -> None:
    if due_for([case.id], kind):
        cancel_deadline(actor=actor, kind=kind, subject_id=case.id)


def _cancel_deadlines(case: Case, *, actor: Actor) -> None:
    _cancel(case, DUE, actor=actor)
    _cancel(case, WARNING, actor=actor)


def _open_clock(case: Case, *, actor: Actor, received_at: datetime, reason: str, at: datetime) -> Clock:
    """Another clock of the case, by what is agreed at its receipt."""
    agreed = terms_for(case.client_id, received_at)
    minutes = agreed.minutes_for(case.priority, read_type=case.read_type, modality=case.modality)
    clock: Clock = Clock.objects.create(
        client_id=case.client_id,
        case=case,
        number=Clock.objects.filter(case=case).count() + 1,
        reason=reason,
        received_at=received_at,
        allowance_minutes=minutes,
        due_at=rules.due_at(received_at, minutes, _pauses(case), at),
    )
    _reset_due(case, actor=actor, at=at)
    return clock


def _offer_reads(case: Case, at: datetime) -> None:
    """Waiting reads become available, each with its event."""
    for read in Read.objects.filter(case=case, state=ReadState.WAITING.value):
        Read.objects.filter(id=read.id).update(
            state=ReadState.AVAILABLE.value,
            available_at=at,
            due_at=case.due_at,
            reader=None,
            claimed_at=None,
            version=F("version") + 1,
        )
        if case.due_at is not None:
            publish(CaseReady(client_id=case.client_id, case_id=case.id, read_id=read.id, due_at=case.due_at))


def _become_ready(case: Case, *, actor: Actor, at: datetime) -> None:
    """After a move to ready: the first clock starts if none has, and the reads are offered."""
    start = rules.received(case.images_complete_at, case.referral_accepted_at)
    if start is not None and not Clock.objects.filter(case=case).exists():
        _open_clock(case, actor=actor, received_at=start, reason="received", at=at)
    _offer_reads(case, at)


def _withdraw_reads(case: Case, at: datetime) -> None:
    """Reads that are not signed wait again; who held one is told by the event."""
    rows = Read.objects.filter(case=case, state__in=(ReadState.AVAILABLE.value, ReadState.CLAIMED.value))
    for read in rows:
        reader_id, was_claimed = read.reader_id, read.state == ReadState.CLAIMED.value
        Read.objects.filter(id=read.id).update(
            state=ReadState.WAITING.value, reader=None, claimed_at=None, available_at=None, version=F("version") + 1
        )
        if was_claimed:
            publish(ReadWithdrawn(client_id=case.client_id, case_id=case.id, read_id=read.id, reader_id=reader_id))


def _images_now_complete(case: Case, *, actor: Actor, at: datetime) -> None:
    """All current studies are complete: the case moves on if its referral is there, else it keeps the time."""
    _change(case, images_complete_at=at)
    if case.state == State.AWAITING_IMAGES.value:
        _advance(case, Move.IMAGES_COMPLETE)
        _become_ready(case, actor=actor, at=at)


def _now() -> datetime:
    return timezone.now()
