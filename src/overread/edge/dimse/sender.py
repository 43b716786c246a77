"""Sends objects to a peer by C-STORE, and asks whether it is there by C-ECHO. Used to deliver reports as DICOM objects.

Sending again is safe: an object is named by its SOP instance UID, and a peer that has it answers success.
"""

import contextlib
import io
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import InvalidDicomError
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.transport import AddressInformation, AssociationSocket

from overread.edge.dimse.negotiation import IMPLICIT_LITTLE, VERIFICATION
from overread.journey.archive.formats.part10 import IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION

Sendable = Path | bytes | FileDataset
_CONTEXTS = 127


@dataclass(frozen=True, slots=True)
class Tls:
    """How to speak TLS with a peer: whom to trust, what to show it, and the name its certificate must bear."""

    ca: Path
    cert: Path | None = None
    key: Path | None = None
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """A DICOM node: where it listens, its AE title and the one we call with."""

    host: str
    port: int
    aet: str
    our_aet: str
    tls: Tls | None = None


class SendState(StrEnum):
    """Accepted: the peer said it has the object. Refused: it will not take it. Retry: not now, or no answer came."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class SendResult:
    """How one object fared: its SOP instance UID, the state, the DIMSE status if one came, and plain words."""

    sop_instance: str
    state: SendState
    status: int | None
    detail: str


class _ClosedSocket(AssociationSocket):
    """pynetdicom leaves the socket of a refused connection open until it is collected; this one closes it."""

    def _shutdown_socket(self) -> None:
        if self.socket is not None:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()


class _Node(AE):
    """An application entity whose connections are closed."""

    def _create_socket(
        self, assoc: Association, address: AddressInformation, tls_args: tuple[ssl.SSLContext, str] | None
    ) -> AssociationSocket:
        made = _ClosedSocket(assoc, address=address)
        made.tls_args = tls_args
        return made


def store_to(peer: Peer, files_or_datasets: Iterable[Sendable], message_timeout: float = 60.0) -> list[SendResult]:
    """Send each object by C-STORE in one association, unchanged; one result for each, in order. Raises nothing of the network.

    `message_timeout` in seconds bounds the connection, the association, and each answer. An object is accepted only on
    the peer's status 0000 or a warning (B000, B006, B007); no answer means RETRY, never accepted.
    """
    loaded = [_load(item) for item in files_or_datasets]
    sendable = [data for data in loaded if isinstance(data, FileDataset)]
    results = {
        id(data): result for data, result in zip(sendable, _send_all(peer, sendable, message_timeout), strict=True)
    }
    return [data if isinstance(data, SendResult) else results[id(data)] for data in loaded]


def echo(peer: Peer, message_timeout: float = 10.0) -> SendResult:
    """Ask the peer whether it is there by C-ECHO, with the same states as `store_to`."""
    opened = _associate(peer, [build_context(VERIFICATION, IMPLICIT_LITTLE)], message_timeout)
    if isinstance(opened, SendResult):
        return opened
    try:
        if not opened.accepted_contexts:
            return SendResult("", SendState.REFUSED, None, "The peer does not offer verification.")
        return _judge("", opened.send_c_echo())
    finally:
        _leave(opened)


def _load(item: Sendable) -> FileDataset | SendResult:
    if isinstance(item, FileDataset):
        return item
    try:
        return dcmread(io.BytesIO(item) if isinstance(item, bytes) else item)
    except (InvalidDicomError, OSError, EOFError):
        return SendResult("", SendState.REFUSED, None, "This is not a DICOM file, so it was not sent.")


def _context_of(data: FileDataset) -> PresentationContext:
    return build_context(data.SOPClassUID, data.file_meta.TransferSyntaxUID)


def _send_all(peer: Peer, objects: Sequence[FileDataset], timeout: float) -> list[SendResult]:
    """Send in as few associations as the limit of 128 contexts allows: one, in practice."""
    results: list[SendResult] = []
    for start in range(0, len(objects), _CONTEXTS):
        batch = objects[start : start + _CONTEXTS]
        contexts = {(str(data.SOPClassUID), str(data.file_meta.TransferSyntaxUID)): data for data in batch}
        opened = _associate(peer, [_context_of(data) for data in contexts.values()], timeout)
        if isinstance(opened, SendResult):
            results += [SendResult(str(data.SOPInstanceUID), opened.state, None, opened.detail) for data in batch]
            continue
        try:
            results += [_send_one(opened, data) for data in batch]
        finally:
            _leave(opened)
    return results


def _send_one(opened: Association, data: FileDataset) -> SendResult:
    uid = str(data.SOPInstanceUID)
    if not opened.is_established:
        return SendResult(uid, SendState.RETRY, None, "The peer ended the association before this object.")
    wanted = (data.SOPClassUID, data.file_meta.TransferSyntaxUID)
    if not any((cx.abstract_syntax, cx.transfer_syntax[0]) == wanted for cx in opened.accepted_contexts):
        return SendResult(uid, SendState.REFUSED, None, "The peer does not take objects of this kind.")
    try:
        return _judge(uid, opened.send_c_store(data))
    except (ValueError, RuntimeError, AttributeError) as error:
        return SendResult(uid, SendState.REFUSED, None, f"The object could not be sent ({type(error).__name__}).")


def _judge(uid: str, answer: Dataset) -> SendResult:
    """A status as a state (PS3.4 table B.2-1)."""
    if "Status" not in answer:
        return SendResult(uid, SendState.RETRY, None, "The peer gave no answer in time.")
    status = int(answer.Status)
    if status == 0:
        return SendResult(uid, SendState.ACCEPTED, status, "The peer said it has the object.")
    if status in {0xB000, 0xB006, 0xB007}:
        return SendResult(uid, SendState.ACCEPTED, status, f"The peer took the object with warning {status:04X}.")
    if status & 0xFF00 == 0xA700 or status in {0x0110, 0x0213}:
        return SendResult(uid, SendState.RETRY, status, f"The peer has no room or is not ready (status {status:04X}).")
    return SendResult(uid, SendState.REFUSED, status, f"The peer refused the object (status {status:04X}).")


def _associate(peer: Peer, contexts: list[PresentationContext], timeout: float) -> Association | SendResult:
    ae = _Node(ae_title=peer.our_aet)
    ae.implementation_class_uid, ae.implementation_version_name = IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION
    ae.requested_contexts = contexts
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = ae.connection_timeout = timeout
    try:
        tls = _tls(peer)
    except (OSError, ssl.SSLError):
        return SendResult("", SendState.RETRY, None, "Our TLS files for this peer cannot be read.")
    opened = ae.associate(peer.host, peer.port, ae_title=peer.aet, tls_args=tls)
    if opened.is_established:
        return opened
    if opened.is_rejected:
        primitive = opened.acceptor.primitive
        transient = primitive is not None and primitive.result == 2
        state = SendState.RETRY if transient else SendState.REFUSED
        return SendResult(
            "", state, None, "The peer rejected our association. It may not know our AE title or its own."
        )
    return SendResult("", SendState.RETRY, None, "The peer could not be reached, or did not answer.")


def _tls(peer: Peer) -> tuple[ssl.SSLContext, str] | None:
    if peer.tls is None:
        return None
    context = ssl.create_default_context(cafile=str(peer.tls.ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if peer.tls.cert is not None:
        context.load_cert_chain(peer.tls.cert, peer.tls.key)
    return context, peer.tls.server_name or peer.host


def _leave(opened: Association) -> None:
    if opened.is_established:
        opened.release()
    else:
        opened.abort()
