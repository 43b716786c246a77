"""The listener as a process of its own, for the kill tests: `python -m ...listener_process FOLDER`; prints its port."""

import os
import sys
import threading
from pathlib import Path

from overread.edge.dimse.intake import DurableIntake
from overread.edge.dimse.listener import serve
from overread.edge.dimse.tests.rig import Doorman
from overread.foundation.blobs.journal import Journal
from overread.foundation.blobs.store import LocalStore


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.site.settings")
    folder = Path(sys.argv[1])
    store = LocalStore(folder / "blobs", reserve_bytes=0)
    store.sweep()
    intake = DurableIntake(store, Journal(folder / "journal"), lambda _: None, lambda _: None)
    serve(
        "127.0.0.1",
        0,
        "OVERREAD",
        Doorman(),
        intake,
        threading.Event(),
        ready=lambda port, _: print(port, flush=True),
    )


if __name__ == "__main__":
    main()
