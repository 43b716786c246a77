"""What the listener needs from the rest of the house, and what it tells. Joined in site/wiring.py.

The listener decides nothing: who may send is the gatekeeper's word, what is kept is the intake's. `admit` and the two
`on_…` calls come on a few long-lived threads; `writer` and `accept` on the thread of the association.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from overread.foundation.blobs.blob import BlobWriter
from overread.foundation.blobs.journal import Received


@dataclass(frozen=True, slots=True)
class Admission:
    """A sender that may store: the client it sends for, the sender's own id, and the SOP classes it is limited to."""

    client_id: str
    sender_id: str
    sop_classes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class AssociationSummary:
    """One finished association, for one ledger entry: times, counts, the hashes of what was stored; no patient data.

    `ended` is how: released, aborted, cut, idle, malformed, shutdown or failed. `refused` counts the answers other
    than success by DIMSE status in hexadecimal. `stored` counts success answers, `hashes` are their SHA-256 in order.
    """

    receipt_id: str
    client_id: str
    sender_id: str
    calling_aet: str
    peer: str
    started_at: datetime
    ended_at: datetime
    ended: str
    stored: int
    stored_bytes: int
    echoes: int
    refused: dict[str, int]
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssociationRefused:
    """An association that was rejected: `reason` is unknown-sender, called-aet, no-context, busy or malformed."""

    calling_aet: str
    called_aet: str
    peer: str
    at: datetime
    reason: str


class Gatekeeper(Protocol):
    """Says who may send."""

    def admit(self, calling_aet: str, peer_ip: str, peer_cert: str | None) -> Admission | None:
        """The admission of a caller, or None if it is not known; `peer_cert` is the SHA-256 of its certificate in DER.

        An exception means "cannot say now": the caller is asked to come again.
        """


class Intake(Protocol):
    """Takes what was sent."""

    def writer(self) -> BlobWriter:
        """Begin an object; raises StoreFull, StoreUnavailable or StoreBroken."""

    def accept(self, received: Received) -> None:
        """Record the stored object durably; the sender is told "stored" only after this returns."""

    def on_association_end(self, summary: AssociationSummary) -> None:
        """Told once for every association that was accepted."""

    def on_association_refused(self, refusal: AssociationRefused) -> None:
        """Told for every association that was rejected."""
