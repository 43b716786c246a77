"""One association, from its request to its end, on one thread (PS3.8 section 9.2 for the acceptor, PS3.7 section 9).

Words for the states of the standard: waiting for the request (Sta2), deciding (Sta3), open (Sta6), ending (Sta13).
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import uuid4

from django.utils import timezone

from overread.edge.dimse import command as dimse
from overread.edge.dimse import pdu
from overread.edge.dimse.incoming import Answer, IncomingObject, Sender
from overread.edge.dimse.limits import Limits
from overread.edge.dimse.negotiation import agree
from overread.edge.dimse.ports import Admission, AssociationRefused, AssociationSummary, Gatekeeper, Intake
from overread.edge.dimse.slots import Slot, Slots
from overread.edge.dimse.wire import PeerGone, PeerIdle, Wire
from overread.journey.archive.formats.part10 import IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """What all associations of a listener share."""

    called_aet: str
    gatekeeper: Gatekeeper
    intake: Intake
    limits: Limits
    slots: Slots
    office: Executor
    """A few threads that ask the gatekeeper and tell the intake, so that associations hold no database connections."""

    def tell(self, step: Callable[[], None]) -> None:
        """Have something recorded, soon; a failure is logged and harms no image."""
        try:
            self.office.submit(_recorded, step)
        except RuntimeError:
            _log.error("the end of an association came too late to be recorded")


def _recorded(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:
        _log.exception("an association could not be recorded")


@dataclass(slots=True)
class _Tally:
    """What happened in an association."""

    stored: int = 0
    stored_bytes: int = 0
    echoes: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    hashes: list[str] = field(default_factory=list)

    def count(self, answer: Answer) -> None:
        if answer.status == dimse.SUCCESS:
            self.stored += 1
            self.stored_bytes += answer.length
            self.hashes.append(answer.sha256)
        else:
            self.refused[f"{answer.status:04X}"] += 1


class Association:
    """Serves one connection; `run` returns when it is over. Raises only StoreBroken: then the process must stop."""

    def __init__(self, service: Service, wire: Wire, slot: Slot, peer_cert: str | None) -> None:
        self._service, self._wire, self._slot, self._peer_cert = service, wire, slot, peer_cert
        self._contexts: dict[int, pdu.AgreedContext] = {}
        self._peer_max = 0
        self._command = bytearray()
        self._command_context = 0
        self._request: dimse.Command | None = None
        self._incoming: IncomingObject | None = None
        self._tally = _Tally()
        self.resting = True
        """Between messages: a shutdown need not wait for this association."""

    def run(self) -> None:
        """From the association request to the end of the connection."""
        try:
            kind, body = self._read(self._service.limits.associate_seconds, self._service.limits.associate_seconds)
            if kind != pdu.ASSOCIATE_RQ:
                raise pdu.MalformedPdu("the first PDU is no association request")
            request = pdu.read_associate(body)
        except (PeerGone, PeerIdle):
            return
        except pdu.MalformedPdu:
            self._end_with(pdu.write_abort(pdu.ABORT_INVALID))
            self._tell_refused("", "", "malformed")
            return
        sender = self._decide(request)
        if sender is not None:
            self._serve(sender)

    # --- deciding --------------------------------------------------------------------------------------------------

    def _decide(self, request: pdu.AssociateRequest) -> Sender | None:
        """Accept and return the sender, or reject, tell it, and return None."""
        admission, rejection, reason = self._admission(request)
        agreed = [agree(context) for context in request.contexts]
        if admission is not None and not self._service.slots.admit(self._slot, admission.client_id):
            admission, rejection, reason = None, pdu.REJECT_LIMIT, "busy"
        if admission is None:
            self._end_with(pdu.write_reject(rejection))
            self._tell_refused(request.calling, request.called, reason)
            return None
        self._contexts = {context.id: context for context in agreed if context.result == pdu.ACCEPTED}
        self._peer_max = request.max_length
        ours = (IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION)
        accept = pdu.write_accept(request, agreed, self._service.limits.max_pdu, ours)
        try:
            self._wire.send(accept)
        except PeerGone:
            return None
        return Sender(admission, request.calling, self._slot.address, str(uuid4()))

    def _admission(self, request: pdu.AssociateRequest) -> tuple[Admission | None, tuple[int, int, int], str]:
        if not request.version & 1:
            return None, pdu.REJECT_PROTOCOL_VERSION, "malformed"
        if request.application_context != pdu.APPLICATION_CONTEXT:
            return None, pdu.REJECT_APPLICATION_CONTEXT, "malformed"
        if request.called != self._service.called_aet:
            return None, pdu.REJECT_CALLED_AET, "called-aet"
        try:
            asked = self._service.office.submit(
                self._service.gatekeeper.admit, request.calling, self._slot.address, self._peer_cert
            )
            admission = asked.result(self._service.limits.associate_seconds)
        except Exception:
            _log.exception("the gatekeeper could not say whether a sender is known")
            return None, pdu.REJECT_BUSY, "busy"
        return admission, pdu.REJECT_CALLING_AET, "unknown-sender"

    def _tell_refused(self, calling: str, called: str, reason: str) -> None:
        refusal = AssociationRefused(calling, called, self._slot.address, timezone.now(), reason)
        self._service.tell(partial(self._service.intake.on_association_refused, refusal))

    # --- open ------------------------------------------------------------------------------------------------------

    def _serve(self, sender: Sender) -> None:
        started_at, ended = timezone.now(), "failed"
        try:
            ended = self._converse(sender)
        except PeerGone:
            ended = "cut"
        except PeerIdle:
            ended = "idle"
            self._end_with(pdu.write_abort(pdu.ABORT_USER))
        except (pdu.MalformedPdu, dimse.MalformedCommand):
            ended = "malformed"
            self._end_with(pdu.write_abort(pdu.ABORT_INVALID))
        finally:
            if self._incoming is not None:
                self._incoming.abort()
            self._tell_end(sender, started_at, ended)

    def _tell_end(self, sender: Sender, started_at: datetime, ended: str) -> None:
        tally = self._tally
        summary = AssociationSummary(
            receipt_id=sender.receipt_id,
            client_id=sender.admission.client_id,
            sender_id=sender.admission.sender_id,
            calling_aet=sender.calling_aet,
            peer=sender.peer,
            started_at=started_at,
            ended_at=timezone.now(),
            ended=ended,
            stored=tally.stored,
            stored_bytes=tally.stored_bytes,
            echoes=tally.echoes,
            refused=dict(tally.refused),
            hashes=tuple(tally.hashes),
        )
        self._service.tell(partial(self._service.intake.on_association_end, summary))

    def _converse(self, sender: Sender) -> str:
        limits = self._service.limits
        while True:
            kind, body = self._read(limits.idle_seconds, limits.pdu_seconds)
            if kind == pdu.P_DATA:
                for context_id, is_command, is_last, data in pdu.pdvs(body):
                    self._take(sender, context_id, is_command, is_last, data)
            elif kind == pdu.RELEASE_RQ:
                if not self.resting:
                    raise pdu.MalformedPdu("a release in the middle of a message")
                self._end_with(pdu.RELEASE_REPLY)
                return "released"
            elif kind == pdu.ABORT:
                return "aborted"
            else:
                raise pdu.MalformedPdu("a PDU that has no place in an open association")

    def _take(self, sender: Sender, context_id: int, is_command: bool, is_last: bool, data: memoryview) -> None:
        if context_id not in self._contexts:
            raise pdu.MalformedPdu("data in a context that was not agreed")
        self.resting = False
        if is_command:
            self._take_command(sender, context_id, is_last, data)
        else:
            self._take_dataset(context_id, is_last, data)

    def _take_command(self, sender: Sender, context_id: int, is_last: bool, data: memoryview) -> None:
        if self._request is not None or (self._command and context_id != self._command_context):
            raise pdu.MalformedPdu("a command where a data set should be")
        self._command_context = context_id
        self._command += data
        if len(self._command) > self._service.limits.command_cap:
            raise pdu.MalformedPdu("a command that is too long")
        if not is_last:
            return
        request = dimse.read_command(bytes(self._command))
        self._command.clear()
        if request.has_dataset:
            self._request = request
            if request.field == dimse.C_STORE_RQ:
                context = self._contexts[context_id]
                self._incoming = IncomingObject(
                    self._service.intake, sender, context, request, self._service.limits.object_cap
                )
            return
        self._answer_without_dataset(context_id, request)
        self.resting = True

    def _answer_without_dataset(self, context_id: int, request: dimse.Command) -> None:
        if request.field == dimse.C_CANCEL_RQ:
            return
        if request.field == dimse.C_ECHO_RQ:
            self._tally.echoes += 1
            self._answer(context_id, request, Answer(dimse.SUCCESS))
        elif request.field == dimse.C_STORE_RQ:
            answer = Answer(dimse.CANNOT_UNDERSTAND, "there was no data set")
            self._tally.count(answer)
            self._answer(context_id, request, answer)
        else:
            self._answer(context_id, request, Answer(dimse.UNRECOGNISED_OPERATION, "only C-ECHO and C-STORE"))

    def _take_dataset(self, context_id: int, is_last: bool, data: memoryview) -> None:
        request = self._request
        if request is None or context_id != self._command_context:
            raise pdu.MalformedPdu("a data set without its command")
        if self._incoming is not None:
            self._incoming.write(data)
        if not is_last:
            return
        answer = Answer(dimse.UNRECOGNISED_OPERATION, "only C-ECHO and C-STORE")
        if self._incoming is not None:
            answer = self._incoming.finish(timezone.now())
            self._incoming = None
            self._tally.count(answer)
        self._request = None
        self._answer(context_id, request, answer)
        self.resting = True

    # --- bytes -----------------------------------------------------------------------------------------------------

    def _answer(self, context_id: int, request: dimse.Command, answer: Answer) -> None:
        response = dimse.write_response(request, answer.status, answer.comment)
        self._wire.send(pdu.write_command(context_id, response, self._peer_max))

    def _read(self, silence: float, whole: float) -> tuple[int, memoryview]:
        limits = self._service.limits
        return self._wire.read_pdu(silence, whole, limits.pdu_cap, limits.associate_cap)

    def _end_with(self, last: bytes) -> None:
        with contextlib.suppress(PeerGone):
            self._wire.send(last)
            self._wire.close_gently(2.0)
