"""The worker process: lanes that run jobs, a heartbeat that keeps their leases, and a thread for each periodic duty.

A duty has its own thread, so that a slow one (an indexer) never delays another (the clock that fires escalations).
`run` returns when its stop event is set: lanes finish the job at hand, up to a grace period; what does not finish is
left to its lease, and another worker does it again.
"""

import logging
import os
import platform
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections

from overread.foundation.work import backend, engine
from overread.foundation.work.duties import ALARM_AFTER, Duty, do_duty, pause_after, registered_duties
from overread.foundation.work.failures import describe
from overread.foundation.work.moment import SKEW_SECONDS, skew_seconds
from overread.foundation.work.rules import LEASE_SECONDS, RUN_LIMIT_SECONDS
from overread.foundation.work.running import run_claimed

log = logging.getLogger("overread.work")
T = TypeVar("T")
POLL_SECONDS = 0.15
POLL_WITH_HINTS_SECONDS = 1.0
DATABASE_AWAY_SECONDS = (0.25, 5.0)
GRACE_SECONDS = 25.0

engine.register_handler(backend.NAME, backend.run_task)


class WorkerStuck(RuntimeError):
    """A handler ran past its limit, or a thread died: this process should end and be started again."""


def _drop_broken_connections() -> None:
    """Threads here keep their connection; only one that has seen an error is looked at, and closed if it is dead."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()


class Worker:
    """One worker process.

    Args:
        lanes: how many jobs run at once.
        lease_seconds: how long a dead worker's job waits for another; renewed three times as often.
        run_limit_seconds: a handler that runs longer is hung.
        poll_seconds: pause between two looks for work; None for the database's usual.
        duties: None for all that are registered.
    """

    def __init__(
        self,
        *,
        lanes: int = 2,
        lease_seconds: float = LEASE_SECONDS,
        run_limit_seconds: float = RUN_LIMIT_SECONDS,
        poll_seconds: float | None = None,
        duties: tuple[Duty, ...] | None = None,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self.name = f"{platform.node()}:{os.getpid()}"
        self.lanes, self.lease_seconds, self.run_limit_seconds = lanes, lease_seconds, run_limit_seconds
        self.duties = registered_duties() if duties is None else duties
        self.grace_seconds = grace_seconds
        self._hints = connections["default"].vendor == "postgresql"
        self._poll = poll_seconds or (POLL_WITH_HINTS_SECONDS if self._hints else POLL_SECONDS)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[UUID, float] = {}
        self._stuck = threading.Event()

    # --- the process ---------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set.

        Raises:
            WorkerStuck: a handler hangs; end the process.
        """
        self._report_skew()
        threads = [self._thread(f"lane-{n + 1}", self._lane) for n in range(self.lanes)]
        threads += [self._thread(f"duty-{duty.name}", self._duty, duty) for duty in self.duties]
        beat = self._thread("heartbeat", self._heartbeat)
        if self._hints:
            self._thread("hints", self._listen)
        log.info("worker started", extra={"worker": self.name, "lanes": self.lanes})
        while not stop.wait(0.1) and not self._stuck.is_set():
            pass
        self._stop.set()
        self._wake.set()
        until = time.monotonic() + self.grace_seconds
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        beat.join(1.0)
        log.info("worker stopped", extra={"worker": self.name, "unfinished": len(self._running)})
        if self._stuck.is_set():
            raise WorkerStuck("A job ran past its limit; the process must end so that another can be started.")

    def _thread(self, name: str, target: Callable[..., None], *args: Any) -> threading.Thread:
        def body() -> None:
            try:
                target(*args)
            except BaseException as error:
                log.error(
                    "worker thread died", extra={"worker": self.name, "thread_name": name, "error": describe(error)}
                )
                self._stuck.set()
            finally:
                connections.close_all()

        thread = threading.Thread(target=body, name=name, daemon=True)
        thread.start()
        return thread

    def _report_skew(self) -> None:
        ahead = skew_seconds()
        if abs(ahead) > SKEW_SECONDS:
            log.error("host clock differs from the database's", extra={"worker": self.name, "ahead_seconds": ahead})

    def _while_database_is_away(self, call: Callable[[], T]) -> T | None:
        """Call until the database answers, or the worker stops; then None."""
        wait, longest = DATABASE_AWAY_SECONDS
        while True:
            try:
                return call()
            except (OperationalError, InterfaceError) as error:
                log.warning("database does not answer", extra={"worker": self.name, "error": describe(error)})
                connections.close_all()
                if self._stop.wait(wait):
                    return None
                wait = min(wait * 2, longest)

    # --- jobs ----------------------------------------------------------------------------------------------------

    def _lane(self) -> None:
        while not self._stop.is_set():
            job = self._while_database_is_away(lambda: engine.claim(worker=self.name, lease_seconds=self.lease_seconds))
            if job is None:
                self._pause(self._poll)
                continue
            if self._stop.is_set():
                engine.give_back(job)
                return
            self._do(job)

    def _pause(self, seconds: float) -> None:
        if self._wake.wait(seconds) and not self._stop.is_set():
            self._wake.clear()

    def _do(self, job: engine.Claimed) -> None:
        with self._lock:
            self._running[job.lease_token] = time.monotonic()
        try:
            ended = run_claimed(job, keep_trying=self._while_database_is_away)
            if ended is None:
                log.warning("job's end did not count", extra={"worker": self.name, "job_id": job.id, "job": job.name})
        finally:
            with self._lock:
                self._running.pop(job.lease_token, None)
            _drop_broken_connections()

    def _heartbeat(self) -> None:
        """Renew the leases of jobs that run, except of one that has run too long."""
        while not self._stuck.is_set() and not (self._stop.is_set() and not self._running):
            if self._stop.wait(self.lease_seconds / 3):
                time.sleep(min(0.5, self.lease_seconds / 3))
            with self._lock:
                since = dict(self._running)
            hung = {token for token, start in since.items() if time.monotonic() - start > self.run_limit_seconds}
            if hung:
                log.error("job hangs", extra={"worker": self.name, "hung": len(hung)})
                self._stuck.set()
            self._renew(since.keys() - hung)

    def _renew(self, tokens: set[UUID]) -> None:
        def renew() -> set[UUID]:
            return engine.renew(tokens, lease_seconds=self.lease_seconds)

        held = self._while_database_is_away(renew)
        if held is not None and (lost := tokens - held):
            with self._lock:
                lost &= self._running.keys()
            if lost:
                log.warning("lease lost", extra={"worker": self.name, "lost": len(lost)})

    def _listen(self) -> None:
        """Turn PostgreSQL's notifications into wake-ups; without them the poll still finds everything."""
        while not self._stop.is_set():
            self._while_database_is_away(self._listen_once)

    def _listen_once(self) -> None:
        connection = connections["default"]
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {engine.CHANNEL}")
        while not self._stop.is_set():
            # The driver is asked directly here, so its errors must be made Django's, or a cut connection ends the worker.
            with connection.wrap_database_errors:
                for _ in connection.connection.notifies(timeout=1.0, stop_after=1):
                    self._wake.set()

    # --- duties --------------------------------------------------------------------------------------------------

    def _duty(self, duty: Duty) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                more = do_duty(duty)
            except Exception as error:
                failures, more = failures + 1, False
                self._duty_failed(duty, failures, error)
                _drop_broken_connections()
            else:
                failures = 0
            if not more:
                self._stop.wait(pause_after(duty, failures))

    def _duty_failed(self, duty: Duty, failures: int, error: BaseException) -> None:
        level = logging.ERROR if failures >= ALARM_AFTER else logging.WARNING
        extra = {"worker": self.name, "duty": duty.name, "failures": failures, "error": describe(error)}
        log.log(level, "duty failed", extra=extra)


def run(stop_event: threading.Event, lanes: int = 2) -> None:
    """Run a worker with the registered handlers and duties until `stop_event` is set.

    Args:
        stop_event: set it (from a signal handler, say) for a clean stop.
        lanes: how many jobs run at once.

    Raises:
        WorkerStuck: a handler hangs; the process should exit, and be started again.
    """
    Worker(lanes=lanes).run(stop_event)
