"""The DICOM listener process: who may send is reception's word, what is kept is the store's and the journal's."""

import argparse
import dataclasses
import logging
import threading
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, close_old_connections

from overread.edge.dimse.intake import DurableIntake
from overread.edge.dimse.listener import TlsPort, serve, tls_context
from overread.edge.dimse.ports import Admission, AssociationRefused, AssociationSummary
from overread.foundation.blobs.journal import Journal
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.foundation.work.failures import describe
from overread.journey.reception import actions, queries
from overread.site import places
from overread.site.listen_address import address
from overread.site.working import stop_on_signal

CALLED_AET = "OVERREAD"
LISTENER = Actor.system("listener")
log = logging.getLogger(__name__)


class Gate:
    """Asks reception who a caller is. A database that does not answer is "cannot say now", never "yes"."""

    def admit(self, calling_aet: str, peer_ip: str, peer_cert: str | None) -> Admission | None:
        """The client that may send with this AE title from this address, or None."""
        close_old_connections()
        sender = queries.admission(calling_aet.strip(), peer_ip)
        return Admission(str(sender.client_id), str(sender.ae_id)) if sender else None


def _facts(summary: AssociationSummary) -> dict[str, object]:
    plain = dataclasses.asdict(summary)
    left_out = {"client_id", "sender_id", "receipt_id", "calling_aet", "peer"}
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in plain.items() if k not in left_out}


def record_end(summary: AssociationSummary) -> None:
    """One ledger entry for each association; a database that is away loses the entry, not the images."""
    close_old_connections()
    client_id = UUID(summary.client_id)
    try:
        with open_scope(Scope.client(client_id), opened_by="dicom"):
            actions.record_association(
                actor=LISTENER,
                client_id=client_id,
                receipt_id=summary.receipt_id,
                sender_id=summary.sender_id,
                facts=_facts(summary),
            )
    except DatabaseError as error:
        log.error("an association could not be recorded", extra={"error": describe(error)})


def record_refused(refusal: AssociationRefused) -> None:
    """A caller that was refused, for the administrator's list."""
    close_old_connections()
    try:
        with open_scope(Scope.provider(), opened_by="dicom"):
            actions.record_refusal(
                actor=LISTENER,
                calling_aet=refusal.calling_aet,
                address=refusal.peer,
                reason=refusal.reason,
                at=refusal.at,
            )
    except DatabaseError as error:
        log.error("a refusal could not be recorded", extra={"error": describe(error)})


def _tls(options: argparse.Namespace) -> TlsPort | None:
    if not options.dicom_tls:
        return None
    host, port = address(options.dicom_tls)
    return TlsPort(host, port, tls_context(Path(options.tls_cert), Path(options.tls_key), Path(options.tls_ca)))


def listen(options: argparse.Namespace, stop: threading.Event | None = None) -> int:
    """Listen until told to stop; 0 after a clean stop."""
    host, port = address(options.dicom)
    store = places.store()
    store.sweep()
    journal = Journal(places.journal())
    try:
        intake = DurableIntake(store, journal, record_end, record_refused)
        serve(host, port, CALLED_AET, Gate(), intake, stop or stop_on_signal(), tls=_tls(options))
    finally:
        journal.close()
    return 0
