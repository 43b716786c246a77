"""Sends objects to a peer by C-STORE, and asks whether it is there by C-ECHO. Used to deliver reports as DICOM objects.

Sending again is safe: an object is named by its SOP instance UID, and a peer that has it answers success.
"""

import contextlib
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from pydicom.dataset import Dataset, FileDataset
from pynetdicom import AE, _config
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.transport import AddressInformation, AssociationSocket

from overread.edge.dimse.negotiation import IMPLICIT_LITTLE, VERIFICATION
from overread.journey.archive.formats.headers import read_header
from overread.journey.archive.formats.part10 import (
    IMPLEMENTATION_CLASS,
    IMPLEMENTATION_VERSION,
    FileMeta,
    opened,
    read_meta,
    split_part10,
    wrap_part10,
)
from overread.journey.archive.rules import Unreadable, is_uid

Sendable = Path | bytes | FileDataset
_CONTEXTS = 127
_config.STORE_SEND_CHUNKED_DATASET = True  # a file's data set goes out as it is, not decoded and written again


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


@dataclass(frozen=True, slots=True)
class _Object:
    """A DICOM file to send, and what its file meta information says it is."""

    file: Path
    sop_class: str
    sop_instance: str
    syntax: str


def store_to(peer: Peer, files_or_datasets: Iterable[Sendable], message_timeout: float = 60.0) -> list[SendResult]:
    """Send each object by C-STORE in one association; one result for each, in order. Raises nothing of the network.

    The data set of a file, or of the bytes of a file, goes out byte for byte; a FileDataset is written first.
    `message_timeout` in seconds bounds the connection, the association, and each answer. An object is accepted only on
    the peer's status 0000 or a warning (B000, B006, B007); no answer means RETRY, never accepted.
    """
    with TemporaryDirectory(prefix="overread-send-") as folder:
        found = [_find(item, Path(folder) / str(number)) for number, item in enumerate(files_or_datasets)]
        sent = iter(_send_all(peer, [item for item in found if isinstance(item, _Object)], message_timeout))
        return [item if isinstance(item, SendResult) else next(sent) for item in found]


def echo(peer: Peer, message_timeout: float = 10.0) -> SendResult:
    """Ask the peer whether it is there by C-ECHO, with the same states as `store_to`."""
    link = _associate(peer, [build_context(VERIFICATION, IMPLICIT_LITTLE)], message_timeout)
    if isinstance(link, SendResult):
        return link
    try:
        if not link.accepted_contexts:
            return SendResult("", SendState.REFUSED, None, "The peer does not offer verification.")
        return _judge("", link.send_c_echo())
    finally:
        _leave(link)


def _find(item: Sendable, spare: Path) -> _Object | SendResult:
    """The object as a file, written to `spare` if it is none yet; or why it cannot be sent."""
    try:
        file = item if isinstance(item, Path) else spare
        if isinstance(item, bytes):
            spare.write_bytes(item)
        elif isinstance(item, FileDataset):
            item.save_as(spare, enforce_file_format=True)
        with opened(file) as buffer:
            meta = read_meta(buffer)
    except (Unreadable, OSError, ValueError, AttributeError):
        return SendResult("", SendState.REFUSED, None, "This is not a DICOM file, so it was not sent.")
    announced = _with_true_names(file, meta, spare)
    if announced is not None:
        return announced
    if not (is_uid(meta.sop_class) and is_uid(meta.sop_instance) and is_uid(meta.transfer_syntax)):
        return SendResult("", SendState.REFUSED, None, "This file does not say what it is, so it was not sent.")
    return _Object(file, meta.sop_class, meta.sop_instance, meta.transfer_syntax)


def _with_true_names(file: Path, meta: FileMeta, spare: Path) -> _Object | None:
    """The object by its data set's own names, in a file whose group 2 agrees; None if its header cannot be read."""
    try:
        header = read_header(file)
        if (header.sop_class, header.sop_instance) != (meta.sop_class, meta.sop_instance) or not meta.has_preamble:
            dataset = split_part10(file)[1]
            spare.write_bytes(wrap_part10(dataset, header.sop_class, header.sop_instance, header.transfer_syntax))
            file = spare
    except (Unreadable, OSError):
        return None
    return _Object(file, header.sop_class, header.sop_instance, header.transfer_syntax)


def _send_all(peer: Peer, objects: Sequence[_Object], timeout: float) -> list[SendResult]:
    """Send in as few associations as the limit of 128 contexts allows: one, in practice."""
    results: list[SendResult] = []
    for start in range(0, len(objects), _CONTEXTS):
        batch = objects[start : start + _CONTEXTS]
        kinds = sorted({(one.sop_class, one.syntax) for one in batch})
        link = _associate(peer, [build_context(*kind) for kind in kinds], timeout)
        if isinstance(link, SendResult):
            results += [SendResult(one.sop_instance, link.state, None, link.detail) for one in batch]
            continue
        try:
            results += [_send_one(link, one) for one in batch]
        finally:
            _leave(link)
    return results


def _send_one(link: Association, one: _Object) -> SendResult:
    uid = one.sop_instance
    if not link.is_established:
        return SendResult(uid, SendState.RETRY, None, "The peer ended the association before this object.")
    wanted = (one.sop_class, one.syntax)
    if not any((cx.abstract_syntax, cx.transfer_syntax[0]) == wanted for cx in link.accepted_contexts):
        return SendResult(uid, SendState.REFUSED, None, "The peer does not take objects of this kind.")
    try:
        return _judge(uid, link.send_c_store(one.file))
    except (ValueError, RuntimeError, AttributeError) as error:
        return SendResult(uid, SendState.RETRY, None, f"The object could not be sent ({type(error).__name__}).")


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
    link = ae.associate(peer.host, peer.port, ae_title=peer.aet, tls_args=tls)
    if link.is_established:
        return link
    if link.rejected_contexts:
        return SendResult("", SendState.REFUSED, None, "The peer does not take objects of this kind.")
    if link.is_rejected:
        primitive = link.acceptor.primitive
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
    # Python 3.13 refuses an authority without key usage, which 3.11 takes. Trust is what the operator put into `ca`.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if peer.tls.cert is not None:
        context.load_cert_chain(peer.tls.cert, peer.tls.key)
    return context, peer.tls.server_name or peer.host


def _leave(link: Association) -> None:
    if link.is_established:
        link.release()
    else:
        link.abort()
