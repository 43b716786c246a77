"""A supervisor over made-up children, as a process of its own: `python -m overread.site.tests.supervised DATA ROLE...`.

A role is a name and a behaviour: `web:steady` waits for SIGTERM, `work:dies` ends at once with code 3, `listen:stubborn`
ignores SIGTERM. Children are this same module, started with the behaviour as their argument.
"""

import os
import signal
import sys
from pathlib import Path


def _behave(behaviour: str) -> None:
    if behaviour == "dies":
        sys.exit(3)
    if behaviour == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("child-ready", os.getpid(), flush=True)
    while True:
        signal.pause()


def _supervise(data: str, *roles: str) -> None:
    from overread.site.supervisor import AlreadyRunning, up

    pairs = [role.split(":") for role in roles]
    program = (sys.executable, "-m", "overread.site.tests.supervised")
    try:
        up(Path(data), {role: [role, how] for role, how in pairs}, program=program, grace_seconds=1.0)
    except AlreadyRunning as error:
        print("refused", error, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    if sys.argv[2] in {"steady", "dies", "stubborn"}:
        _behave(sys.argv[2])
    _supervise(*sys.argv[1:])
