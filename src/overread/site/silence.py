"""The web process's watch on the worker's watch: when alerts are no longer watched, the manager hears by e-mail.

It runs in a thread of the web process, because the worker is what has fallen silent; the mail goes straight to the mail
server, because jobs are done by the worker. One web process of all machines looks at a time. What has been told is kept in
`run/silence.json`, so that a restart does not tell again. If the web process is dead too, only the outside heartbeat is left.
"""

import json
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import channels
from overread.foundation.work.channels import Outgoing
from overread.foundation.work.duties import Duty, do_duty
from overread.foundation.work.failures import describe
from overread.foundation.work.moment import moment
from overread.site import beating
from overread.site.beating import Watched

log = logging.getLogger(__name__)
LOOK_SECONDS = 20.0
AGAIN = timedelta(hours=1)  # a silence that lasts is told again


@dataclass(frozen=True, slots=True)
class Told:
    """What the manager was told last: of which silence, and when."""

    since: str
    told_at: datetime


class SilenceWatch:
    """Looks whether alerts are watched, and tells when they are not.

    Args:
        folder: the installation's folder.
        started: when this process began; a watch that never ran is silent only after it had time to begin.
    """

    def __init__(self, folder: Path, started: datetime) -> None:
        self._file = folder / "run" / "silence.json"
        self._started = started

    def look(self) -> str:
        """One look: "watched", "silent and told", "told before", "not told" or "ended and told"."""
        at = moment()
        found = beating.watch(at)
        told = self._told()
        if found.state is Watched.NEVER and at - self._started <= beating.LATE:
            return "watched"
        if found.state is Watched.YES:
            return self._end(at, told) if told else "watched"
        since = found.last_at.isoformat(timespec="seconds") if found.last_at else "never"
        if told and told.since == since and at - told.told_at < AGAIN:
            return "told before"
        log.critical("alerts are not watched", extra={"seconds": found.age_seconds or 0.0})
        if not self._tell("silent", since, at, SILENT.format(since=_words(found.last_at), url=settings.OVERREAD_URL)):
            return "not told"
        self._keep(Told(since, at))
        return "silent and told"

    def _end(self, at: datetime, told: Told) -> str:
        if not self._tell("ended", told.since, at, ENDED.format(at=_words(at), url=settings.OVERREAD_URL)):
            return "not told"
        self._file.unlink(missing_ok=True)
        return "ended and told"

    def _told(self) -> Told | None:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return Told(str(found["since"]), datetime.fromisoformat(found["told_at"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):  # half written by a machine that died: tell again
            return None

    def _keep(self, told: Told) -> None:
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"since": told.since, "told_at": told.told_at.isoformat()}), encoding="utf-8")
        fresh.replace(self._file)

    def _tell(self, what: str, since: str, at: datetime, text: str) -> bool:
        """Whether at least one registered manager's mail was taken by the mail server."""
        with open_scope(Scope.provider(), opened_by="web"):
            managers = accounts.people_with_role("registered_manager")
        taken = 0
        for person in managers:
            key = f"alert-watch-{what}-{since}-{at:%Y%m%d%H}-{person.id}".replace(":", "").replace("+", "-")
            payload = {"subject": SUBJECTS[what], "text": text}
            outcome = channels.send("email", Outgoing(key=key, client_id=None, to=person.email, payload=payload))
            taken += outcome.state == "accepted"
        if not taken:
            log.critical("nobody could be told that alerts are not watched", extra={"count": len(managers)})
        return bool(taken)


SUBJECTS = {
    "silent": "Overread: alerts are NOT being watched",
    "ended": "Overread: alerts are watched again",
}
SILENT = """Alerts are not being watched.

The part of Overread that looks every minute whether each open alert has a next step has not done so since {since}.
Until it does, nobody may be called about a finding.

What to do now:
1. Look at the open alerts and telephone yourself: {url}/alerts/
2. See what is wrong: {url}/system/
3. Have the worker started: overread up (or overread work); then overread doctor says whether all is well.

This message comes again each hour while it lasts, and once when it has ended.
"""
ENDED = """Alerts are watched again, seen at {at}.

Look at the open alerts, as steps may have been late: {url}/alerts/
"""


def _words(at: datetime | None) -> str:
    return f"{at:%d %b %Y, %H:%M} UTC" if at else "this installation was made"


def _round(watch: SilenceWatch) -> None:
    def look() -> None:
        watch.look()

    close_old_connections()
    try:
        do_duty(Duty("escalation.silence", LOOK_SECONDS, look, alone=True))
    except Exception as error:  # without a database nothing can be known; the outside heartbeat then stops by itself
        log.critical("whether alerts are watched cannot be seen", extra={"error": describe(error)})
    finally:
        close_old_connections()


def watch_in_background(folder: Path, stop: threading.Event) -> threading.Thread:
    """Look until `stop` is set, in a thread that ends with the process.

    Args:
        folder: the installation's folder.
        stop: ends it.
    """

    def body() -> None:
        watch = SilenceWatch(folder, timezone.now())
        while not stop.wait(LOOK_SECONDS):
            _round(watch)

    thread = threading.Thread(target=body, name="silence", daemon=True)
    thread.start()
    return thread
