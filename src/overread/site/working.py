"""The worker process: jobs, due deadlines, the ledger's seal, and the duties that wiring registers."""

import signal
import threading

from overread.foundation.work.worker import run


def stop_on_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def work() -> int:
    """Run until told to stop; 0 after a clean stop."""
    run(stop_on_signal())
    return 0
