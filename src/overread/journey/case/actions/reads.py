"""Reads: claimed, handed back, signed. A read and its case move together."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.journey.case.actions._steps import _advance, _change, _locked, _now, _offer_reads
from overread.journey.case.events import ReadHandedBack
from overread.journey.case.models import Case, Read
from overread.journey.case.queries import read as read_by_id
from overread.journey.case.rules import Move, ReadKind, ReadState, State


def _read_and_case(read_id: UUID) -> tuple[Read, Case]:
    found = read_by_id(read_id)
    if found is None:
        raise NotFound
    case = _locked(found.case_id)  # a read never moves to another case
    return Read.objects.get(id=read_id), case


def _set(read: Read, wanted: ReadState, **changes: object) -> None:
    """Move a read by conditional update on its version."""
    done = Read.objects.filter(id=read.id, version=read.version).update(
        state=wanted.value, version=F("version") + 1, **changes
    )
    if not done:
        raise Conflict("Somebody else changed this read at the same moment. Open it again.", code="stale")


def _in_state(case: Case, state: ReadState) -> bool:
    return bool(Read.objects.filter(case=case, state=state.value).exists())


@action("case.claim_read")
def claim_read(*, actor: Actor, read_id: UUID, reader_id: UUID) -> None:
    """A reader takes an available read. Whether they may is decided by allocation, before.

    Raises:
        Conflict: it is not available, or somebody was first.
        NotFound: there is no such read in scope.
    """
    read, case = _read_and_case(read_id)
    if read.state != ReadState.AVAILABLE:
        raise Conflict("This read is no longer free. Somebody else has it, or it waits for something.", code="not-free")
    _set(read, ReadState.CLAIMED, reader_id=reader_id, claimed_at=_now())
    note(subject=("read", read.id), client_id=case.client_id, case_id=case.id, facts={"reader": str(reader_id)})
    if case.state == State.READY:
        _advance(case, Move.CLAIM)


@action("case.hand_back_read")
def hand_back_read(*, actor: Actor, read_id: UUID, reason: str = "") -> None:
    """A claimed read becomes free again; its draft stays with reporting.

    Args:
        actor: the reader, or the part of the system that ends a lease.
        read_id: which.
        reason: short machine words, such as "lease-ended".

    Raises:
        Conflict: it is not claimed.
    """
    read, case = _read_and_case(read_id)
    if read.state != ReadState.CLAIMED:
        raise Conflict("This read is not claimed, so it cannot be handed back.", code="not-claimed")
    reader_id = read.reader_id
    _set(read, ReadState.AVAILABLE, reader=None, claimed_at=None, available_at=_now())
    note(
        subject=("read", read.id),
        client_id=case.client_id,
        case_id=case.id,
        words=reason[:80],
        facts={"reader": str(reader_id) if reader_id else ""},
    )
    if case.state == State.CLAIMED and not _in_state(case, ReadState.CLAIMED):
        _advance(case, Move.HAND_BACK)
    publish(ReadHandedBack(client_id=case.client_id, case_id=case.id, read_id=read.id, reader_id=reader_id))


@action("case.sign_read")
def sign_read(*, actor: Actor, read_id: UUID, reader_id: UUID, signed_at: datetime) -> None:
    """A read ends with a signature; when no other read is open, the case counts as reported.

    Called by reporting inside its own signing, which proves who signed what.

    Raises:
        Conflict: the read is not claimed any more.
        NotAllowed: somebody else holds it.
    """
    read, case = _read_and_case(read_id)
    if read.state != ReadState.CLAIMED:
        raise Conflict("This read is not claimed any more, so it cannot be signed. Claim it again.", code="not-claimed")
    if read.reader_id != reader_id:
        raise NotAllowed("Another reader holds this read.", code="other-reader")
    _set(read, ReadState.SIGNED, signed_at=signed_at)
    note(subject=("read", read.id), client_id=case.client_id, case_id=case.id, facts={"reader": str(reader_id)})
    left = set(Read.objects.filter(case=case).values_list("state", flat=True))
    if ReadState.CLAIMED in left:
        return
    if ReadState.AVAILABLE in left:
        _advance(case, Move.HAND_BACK, reason="another-read")
    else:
        _advance(case, Move.SIGN, signed_at=signed_at)


@action("case.add_read")
def add_read(*, actor: Actor, case_id: UUID, kind: str) -> UUID:
    """Ask for another read of a case: second, arbitration or review. It is offered at once when the case can be read.

    Raises:
        BadInput: the kind is none.
        NotFound: there is no such case in scope.
    """
    if kind not in set(ReadKind):
        raise BadInput("A read is first, second, arbitration, review or late.", errors={"kind": "Choose one."})
    case = _locked(case_id)
    at = _now()
    read = Read.objects.create(client_id=case.client_id, case=case, kind=kind, opened_at=at)
    note(subject=("read", read.id), client_id=case.client_id, case_id=case.id, facts={"kind": kind})
    if case.state in (State.READY, State.CLAIMED):
        _offer_reads(case, at)
    _change(case)
    return read.id
