"""A worker that watches alerts and beats five times a second, or a web process's look, each as a process of its own.

`python -m overread.site.tests.beating_process work` runs until it is killed; `look` looks once, prints what it found, and
judges a watch as late after one second. The installation is that of OVERREAD_DATA.
"""

import os
import sys
import threading
from datetime import timedelta
from pathlib import Path

EVERY = 0.2


def _work() -> None:
    from overread.foundation.work.duties import Duty
    from overread.foundation.work.worker import Worker
    from overread.site import beating, watching

    duties = (
        Duty(beating.WATCH, EVERY, watching.watch_alerts, alone=True),
        Duty(beating.BEAT, EVERY, beating.beat, alone=True),
    )
    Worker(lanes=1, duties=duties).run(threading.Event())


def _look() -> None:
    from django.utils import timezone

    from overread.site import beating
    from overread.site.silence import SilenceWatch

    beating.LATE = timedelta(seconds=1)
    print(SilenceWatch(Path(os.environ["OVERREAD_DATA"]), timezone.now()).look(), flush=True)


def main() -> None:
    """Join the house and do what is asked."""
    import django

    django.setup()
    from overread.site.wiring import wire

    wire()
    {"work": _work, "look": _look}[sys.argv[1]]()


if __name__ == "__main__":
    main()
