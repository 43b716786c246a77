"""Named instants at which a test may kill the process, to prove what survives (RELIABILITY F1, F2).

`OVERREAD_CRASH_AT=name` kills the process with SIGKILL at the first passing of that point, `name:5` at the fifth.
Without the variable a point costs one comparison. It can only end the process, never skip a step.
"""

import os
import signal
import threading

POINTS = (
    "blob.written",
    "blob.synced",
    "blob.linked",
    "blob.folder_synced",
    "journal.written",
    "journal.synced",
    "answer.ready",
)

_wanted, _, _nth = os.environ.get("OVERREAD_CRASH_AT", "").partition(":")
_left = int(_nth) if _nth.isdigit() else 1
_lock = threading.Lock()


def crash_point(name: str) -> None:
    """Kill this process here if the environment asks for it."""
    global _left
    if not _wanted or name != _wanted:
        return
    with _lock:
        _left -= 1
        if _left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
