"""A client's DICOM node for demonstrations: takes whatever it is sent on loopback and keeps it as files."""

import threading
from pathlib import Path

from overread.edge.dimse.intake import DurableIntake
from overread.edge.dimse.listener import serve
from overread.edge.dimse.ports import Admission
from overread.foundation.blobs.journal import Journal, Reader, Received
from overread.foundation.blobs.local import LocalStore


class _Everybody:
    """Lets everybody in; the node listens on loopback only."""

    def admit(self, calling_aet: str, peer_ip: str, peer_cert: str | None) -> Admission | None:
        """Any caller may store."""
        return Admission("00000000-0000-0000-0000-000000000000", calling_aet)


class Node:
    """The node; `port` says where it listens once it was started.

    Args:
        folder: where objects are kept.
        aet: its AE title.
    """

    def __init__(self, folder: Path, aet: str) -> None:
        self.aet, self.port = aet, 0
        self.store = LocalStore(folder / "blobs", 0)
        self._folder = folder / "journal"
        self._stop = threading.Event()

    def start(self, port: int = 0) -> None:
        """Listen in a thread; returns when the port is open."""
        opened = threading.Event()

        def ready(plain: int, secure: int | None) -> None:
            self.port = plain
            opened.set()

        def run() -> None:
            journal = Journal(self._folder)
            intake = DurableIntake(self.store, journal, lambda _: None, lambda _: None)
            try:
                serve("127.0.0.1", port, self.aet, _Everybody(), intake, self._stop, ready=ready)
            finally:
                journal.close()

        threading.Thread(target=run, name="client-node", daemon=True).start()
        opened.wait(30)

    def stop(self) -> None:
        """Stop listening."""
        self._stop.set()

    def received(self) -> list[Received]:
        """What has arrived so far."""
        reader = Reader(self._folder)
        return [record for segment in reader.segments() for record, _ in reader.pending(segment, 0)]
