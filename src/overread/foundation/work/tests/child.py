"""A process of its own for tests that kill: `python -m overread.foundation.work.tests.child MODE ...`.

It works on a database of its own, described by the environment variable OVERREAD_CHILD_DATABASE (JSON), speaks in
lines on standard output, and waits for lines on standard input where a test must decide when it goes on.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import django
from django.conf import settings

# What the engine and the clock stand on, and nothing above: children start fast, and prove that this is enough.
AREAS = [f"overread.foundation.{area}" for area in ("tenancy", "ledger", "work", "clock")]


def _say(*words: object) -> None:
    print(*words, flush=True)


def _set_up() -> None:
    settings.DATABASES["default"].update(json.loads(os.environ["OVERREAD_CHILD_DATABASE"]))
    settings.INSTALLED_APPS = AREAS
    django.setup()
    from overread.foundation.tenancy.scope import allow_openers

    allow_openers({"worker"})


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _enqueue(name: str, count: str, order_key: str = "") -> None:
    from overread.foundation.work import engine

    for n in range(int(count)):
        key = f"{order_key}{n % 5}" if order_key else ""
        _say(engine.enqueue(name=name, payload={"n": n}, order_key=key))


def _report(name: str) -> None:
    from overread.foundation.work.models import Job

    rows = Job.objects.filter(name=name).order_by("id")
    fields = ("id", "state", "attempts", "deaths", "result", "order_key", "payload")
    _say(json.dumps(list(rows.values(*fields))))


def _count(payload: dict[str, Any]) -> int:
    """The effect: one line per run, appended to a file, so that runs can be counted whatever was killed."""
    with open(os.environ["OVERREAD_CHILD_FILE"], "a", encoding="utf-8") as file:
        file.write(f"{payload['n']} {os.getpid()}\n")
        file.flush()
    _say("did", payload["n"])
    return os.getpid()


def _hold(payload: dict[str, Any]) -> int:
    """Say that it runs, and go on when the test sends a line; a second worker's attempt goes on at once."""
    from overread.foundation.work.running import current_job

    job = current_job()
    if job is not None and job.attempts == 1:
        _say("holding", job.id)
        sys.stdin.readline()
    return os.getpid()


def _work(lease_seconds: str, lanes: str = "2") -> None:
    from overread.foundation.work import engine
    from overread.foundation.work.worker import Worker

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    engine.register_handler("count", _count)
    engine.register_handler("hold", _hold)
    _say("working", os.getpid())
    Worker(lanes=int(lanes), lease_seconds=float(lease_seconds), duties=(), grace_seconds=10).run(stop)
    _say("stopped")


def _work_and_hang(run_limit_seconds: str) -> None:
    """A worker whose handler never ends: the worker must notice and end itself."""
    from overread.foundation.work import engine
    from overread.foundation.work.worker import Worker, WorkerStuck

    engine.register_handler("hang", lambda payload: threading.Event().wait())
    worker = Worker(
        lanes=1, lease_seconds=0.6, run_limit_seconds=float(run_limit_seconds), duties=(), grace_seconds=0.2
    )
    try:
        worker.run(threading.Event())
    except WorkerStuck:
        _say("stuck")


def _work_on_duties() -> None:
    """One duty that always fails beside one that counts to five and then lets the worker stop."""
    from overread.foundation.work.duties import Duty
    from overread.foundation.work.worker import Worker

    stop, rounds = threading.Event(), iter(range(5))

    def count() -> bool:
        if next(rounds, None) is None:
            stop.set()
        return False

    def fail() -> None:
        raise ValueError("secret")

    duties = (Duty("count", 0.01, count), Duty("fail", 0.01, fail))
    Worker(lanes=1, duties=duties, grace_seconds=10).run(stop)
    _say("stopped")


def _work_by_hint() -> None:
    """A worker that looks by itself only once in ten minutes: what it does in time it does because it was told."""
    from overread.foundation.work import engine
    from overread.foundation.work.worker import Worker

    stop = threading.Event()
    engine.register_handler("hinted", lambda payload: stop.set())
    Worker(lanes=1, poll_seconds=600.0, duties=(), grace_seconds=10).run(stop)
    _say("stopped")


def _look() -> None:
    """All that an idle worker does again and again."""
    from overread.foundation.clock.sweeper import fire_due
    from overread.foundation.ledger.sealer import seal_once
    from overread.foundation.work import engine

    _say("found", engine.claim(worker="idle"), fire_due(), seal_once())


def _work_until_none(name: str, lease_seconds: str = "1.5") -> None:
    """Work until no unfinished job of a name is left, whoever does the last."""
    from overread.foundation.work import engine
    from overread.foundation.work.models import Job
    from overread.foundation.work.rules import UNFINISHED
    from overread.foundation.work.worker import Worker

    engine.register_handler("count", _count)
    engine.register_handler("hold", _hold)
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            if not Job.objects.filter(name=name, state__in=UNFINISHED).exists():
                stop.set()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    Worker(lanes=2, lease_seconds=float(lease_seconds), duties=(), grace_seconds=10).run(stop)
    _say("stopped")


def _set_deadlines(count: str) -> None:
    from overread.foundation.clock.models import Deadline
    from overread.foundation.work.moment import moment

    at = moment()
    rows = []
    for n in range(int(count)):
        due = at - timedelta(milliseconds=n)
        rows.append(Deadline(kind="test.count", subject_id=UUID(int=n), due_at=due, next_try_at=due, set_at=at))
    Deadline.objects.bulk_create(rows, batch_size=500)
    _say("set", count)


def _sweep() -> None:
    """Fire deadlines until none waits; each leaves a job row in its own transaction, so that effects can be counted."""
    from overread.foundation.clock.events import DeadlineFired
    from overread.foundation.clock.models import Deadline
    from overread.foundation.clock.sweeper import fire_due
    from overread.foundation.work import engine
    from overread.foundation.work.reactions import on

    def react(event: DeadlineFired) -> None:
        engine.enqueue(name="fired", payload={"n": str(event.subject_id), "key": str(uuid4())})

    on(DeadlineFired, kind="test.count")(react)
    _say("ready")
    sys.stdin.readline()
    fired, begun = 0, False
    while Deadline.objects.filter(state="waiting").exists():
        fired += fire_due(limit=50)
        if fired and not begun:
            begun = True
            _say("begun")
    _say("fired", fired)


MODES: dict[str, Callable[..., None]] = {
    "migrate": _migrate,
    "enqueue": _enqueue,
    "report": _report,
    "work": _work,
    "work-until-none": _work_until_none,
    "work-and-hang": _work_and_hang,
    "work-on-duties": _work_on_duties,
    "work-by-hint": _work_by_hint,
    "look": _look,
    "set-deadlines": _set_deadlines,
    "sweep": _sweep,
}

if __name__ == "__main__":
    _set_up()
    MODES[sys.argv[1]](*sys.argv[2:])
