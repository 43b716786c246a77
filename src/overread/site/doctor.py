"""`overread doctor`: what is checked, what is wrong, and what to do about it."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db.utils import DatabaseError
from django.utils import timezone

from overread.foundation.ledger import queries as ledger
from overread.foundation.thresholds import current
from overread.foundation.thresholds.rules import Refused
from overread.foundation.work import database
from overread.foundation.work import queries as work
from overread.foundation.work.duties import ALARM_AFTER, registered_duties
from overread.foundation.work.moment import SKEW_SECONDS, moment, skew_seconds
from overread.site import beating, config, thresholds
from overread.site.beating import Watched
from overread.site.supervisor import read_status

GIB = 1024**3
DUTY_LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is well and, if not, what to do."""

    what: str
    well: bool
    do: str = ""


def _database(folder: Path) -> Finding:
    try:
        _, kept = database.durability()
    except DatabaseError:
        return Finding("the database answers", False, "start it, or correct DATABASE_URL")
    if database.is_sqlite():
        return Finding("SQLite keeps every commit (WAL, FULL)", kept, "move the data folder")
    return Finding("PostgreSQL keeps every commit", kept, "set synchronous_commit = on")


def _migrations(folder: Path) -> Finding:
    complete = database.has_tables_of_this_program()
    return Finding("the database has this program's tables", complete, "run: overread up, which brings them up")


def _secrets(folder: Path) -> Finding:
    place = folder / "secrets"
    loose = [p.name for p in [place, *place.iterdir()] if p.stat().st_mode & 0o077]
    return Finding("secrets can be read by their owner only", not loose, f"run: chmod -R go= {place}")


def _syncing(folder: Path) -> Finding:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"probe")
        file.flush()
        try:
            os.fsync(file.fileno())
        except OSError:
            return Finding(
                "the data folder's disk keeps what is written", False, "move the data folder to another disk"
            )
    return Finding("the data folder's disk keeps what is written", True)


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    what = f"{free / GIB:.1f} GiB free for new images"
    return Finding(
        what, free >= current.whole("system.least_free") * GIB, "free some room; below 1 GiB new images are refused"
    )


def _seal(folder: Path) -> Finding:
    late = ledger.unsealed_before(timezone.now() - timedelta(seconds=60))
    return Finding("the ledger's entries are sealed", not late, "start a worker: overread up (or overread work)")


def _jobs(folder: Path) -> Finding:
    health = work.health()
    if health.failed:
        return Finding("no job has failed", False, f"look at {health.failed} failed jobs under System and retry them")
    if health.oldest_ready_seconds > current.value("system.longest_job_wait"):
        return Finding("jobs are done as they come", False, "start a worker: overread up (or overread work)")
    return Finding("jobs are done as they come", True)


def _deadlines(folder: Path) -> Finding:
    from overread.foundation.clock import queries as clock

    stuck = clock.stuck()
    return Finding("no deadline is stuck", not stuck, f"look at {len(stuck)} stuck deadlines under System")


def _processes(folder: Path) -> Finding:
    """The supervisor's children, where one runs; processes that were started one by one are judged by their work."""
    status = read_status(folder)
    if status is None or not status.alive:
        return Finding("no process of overread up has failed", True)
    down = [child.role for child in status.children if child.state != "running"]
    what = f"{', '.join(down)} runs" if down else "web, listener and worker run"
    return Finding(what, not down, "read its last lines on the standard error of overread up; it is started again")


def _duties(folder: Path) -> Finding:
    at = moment()
    failing = [t.duty for t in work.turns() if t.failures >= ALARM_AFTER and t.duty != beating.BEAT]
    if failing:
        return Finding("periodic duties are done", False, f"read the log for {', '.join(failing)}: it keeps failing")
    known = {duty.name for duty in registered_duties()}
    late = [t.duty for t in work.turns() if t.duty in known and at - t.next_at > DUTY_LATE]
    if late:
        return Finding("periodic duties are done", False, f"start a worker: {', '.join(late)} waits for one")
    return Finding("periodic duties are done", True)


def _clock(folder: Path) -> Finding:
    ahead = skew_seconds()
    do = f"set the clocks by NTP: this machine's is {ahead:+.1f} s from the database's"
    return Finding("this machine's clock agrees with the database's", abs(ahead) <= SKEW_SECONDS, do)


def _watch(folder: Path) -> Finding:
    found = beating.watch()
    if found.state is not Watched.SILENT:
        never = found.state is Watched.NEVER
        return Finding("alerts are watched" + (", once a worker has been started" if never else ""), True)
    return Finding("alerts are watched", False, "look at the open alerts yourself, and start a worker: overread up")


def _heartbeat(folder: Path) -> Finding:
    found = beating.outside()
    if not found.named:
        return Finding("no outside heartbeat is named (OVERREAD_HEARTBEAT_URL)", True)
    if found.heard or beating.watch().state is Watched.NEVER:
        return Finding("the outside heartbeat is heard", True)
    reason = f" ({found.why})" if found.why else ""
    return Finding("the outside heartbeat is heard", False, f"see whether its address can be reached from here{reason}")


def _thresholds(folder: Path) -> Finding:
    what = "the provider's thresholds are safe and act"
    try:
        found = thresholds.on_disk(folder)
    except Refused as refusal:
        return Finding(what, False, f"correct {refusal}")
    return Finding(what, found.sha256 == current.edition().sha256, "start the processes again: thresholds.toml changed")


def _mail(folder: Path) -> Finding:
    named = bool(config.value("OVERREAD_SMTP"))
    return Finding("a mail server is named", named, "set OVERREAD_SMTP=host:port; without it no alert leaves by e-mail")


CHECKS: tuple[Callable[[Path], Finding], ...] = (
    _database,
    _migrations,
    _secrets,
    _processes,
    _syncing,
    _room,
    _seal,
    _jobs,
    _deadlines,
    _duties,
    _clock,
    _watch,
    _heartbeat,
    _thresholds,
    _mail,
)


def examine(folder: Path) -> list[Finding]:
    """Look at an installation; a check that cannot be made is a finding, not an exception.

    Args:
        folder: the installation's folder.
    """
    found = []
    for check in CHECKS:
        try:
            found.append(check(folder))
        except (OSError, DatabaseError) as error:
            found.append(Finding(f"{check.__name__.strip('_')} could be checked", False, type(error).__name__))
    return found
