"""The intake that the product uses: blobs and journal of this process, and what to call for the ledger."""

from collections.abc import Callable

from overread.edge.dimse.ports import AssociationRefused, AssociationSummary
from overread.foundation.blobs.blob import BlobStore, BlobWriter
from overread.foundation.blobs.journal import Journal, Received


class DurableIntake:
    """Stores to `store`, records in `journal`; tells `ended` and `refused`, which site/wiring.py supplies."""

    def __init__(
        self,
        store: BlobStore,
        journal: Journal,
        ended: Callable[[AssociationSummary], None],
        refused: Callable[[AssociationRefused], None],
    ) -> None:
        self._store, self._journal = store, journal
        self._ended, self._refused = ended, refused

    def writer(self) -> BlobWriter:
        """Begin an object; raises StoreFull, StoreUnavailable or StoreBroken."""
        return self._store.writer()

    def accept(self, received: Received) -> None:
        """Record the stored object; returns once the record is durable."""
        self._journal.append(received)

    def on_association_end(self, summary: AssociationSummary) -> None:
        """Tell the ledger of a finished association."""
        self._ended(summary)

    def on_association_refused(self, refusal: AssociationRefused) -> None:
        """Tell the ledger of a rejected association."""
        self._refused(refusal)
