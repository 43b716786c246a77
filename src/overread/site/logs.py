"""What every process writes to standard error: one JSON object a line, in which no patient's data can stand.

It is not a filter that looks for names; it is a list of what may pass, and all else is left out:

- `event` is the constant text of one of our own log calls, without its arguments (a lint refuses texts that are put
  together). Of other packages nothing but the place of the call is written, because their texts may hold values.
- Fields are those of `FIELDS`, each with a check of its form: ids, counts, durations, machine words.
- Of an exception its type and the places in the code are written, never its message (`failures.describe`).

Rotation and size are the service manager's. Source: DESIGN.md 3 (no PHI in logs), RELIABILITY.md 6.12.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from overread.foundation.work.failures import describe

OURS = "overread"
Check = Callable[[Any], Any]
_process = ["overread"]


def _matching(pattern: str) -> Check:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: Any) -> Any:
        text = str(value)
        return text if compiled.fullmatch(text) else None

    return check


def _number(value: Any) -> Any:
    """A count or a duration: small enough that no identifier of a person fits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e9 else None


_LINE = re.compile(r"[\w./<>-]+:\d{1,6} [\w<>]+", re.ASCII)
_REASON = re.compile(r"| \[[a-z][a-z ,.-]{0,80}\]", re.ASCII)


def _is_exception(name: str) -> bool:
    """Whether a class of exceptions has this name, so that no other word passes for a type."""
    waiting = [BaseException]
    seen: set[type[BaseException]] = set()
    while waiting:
        one = waiting.pop()
        if one.__qualname__ == name:
            return True
        fresh = set(type.__subclasses__(one)) - seen
        seen |= fresh
        waiting += fresh
    return False


def _failure(value: Any) -> Any:
    """What `failures.describe` gives: the type, our own words in brackets, and places in the code."""
    lines = str(value).split("\n")
    name, space, _ = lines[0].partition(" ")
    reason = lines[0][len(name) :] if space else ""
    kept = [name + (reason if _REASON.fullmatch(reason) else "")] if _is_exception(name) else []
    return [*kept, *(line for line in lines[1:] if _LINE.fullmatch(line))] or None


_UUID = _matching(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_WORD = _matching(r"[a-z][a-z_.:-]{0,79}")  # no digits, no spaces, no capitals: an area, a job, a duty, a route
FIELDS: dict[str, Check] = {
    **dict.fromkeys(("alert", "deadline_id", "case_id", "client_id", "read_id", "study_id"), _UUID),
    **dict.fromkeys(
        (
            *("ahead_seconds", "attempt", "attempts", "bytes", "count", "failures", "hung", "job_id", "lanes", "lost"),
            *("seconds", "skipped", "status", "status_code", "unfinished"),
        ),
        _number,
    ),
    **dict.fromkeys(("channel", "job", "kind", "operation", "reason", "route", "state"), _WORD),
    "duty": lambda value: _WORD(value) or _UUID(value),
    "thread_name": _matching(r"lane-\d{1,3}|duty-[a-z_.]{1,60}|heartbeat|hints"),
    "worker": _matching(r"[\w.-]{1,100}:\d{1,8}"),
    "reference": _matching(r"[0-9a-f]{8}"),
    "sha256": _matching(r"[0-9a-f]{64}"),
    "error": _failure,
}
_EVENT = re.compile(r"[A-Za-z][A-Za-z ,;:.'()/-]{0,160}", re.ASCII)
_PLACE = re.compile(r"[\w./<>-]{1,120}", re.ASCII)


def name_process(role: str) -> None:
    """Say which part of the product this process is: up, web, listen, work or a command.

    Args:
        role: the command's name.
    """
    _process[0] = role


def _is_ours(name: str) -> bool:
    return name == OURS or name.startswith(f"{OURS}.")


def _event(record: logging.LogRecord) -> str:
    """The constant text of our own call; of another package's call only that there was one."""
    if _is_ours(record.name) and isinstance(record.msg, str) and _EVENT.fullmatch(record.msg):
        return record.msg
    return "message without its text"


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, check in FIELDS.items():
        value = record.__dict__.get(name)
        if value is not None and (passed := check(value)) is not None:
            found[name] = passed
    request = record.__dict__.get("request")  # Django's error records carry the whole request: its route is enough
    match = getattr(request, "resolver_match", None)
    if match is not None and (route := _WORD(match.view_name)):
        found["route"] = route
    return found


def _place(record: logging.LogRecord) -> str:
    place = f"{record.module}.{record.funcName}"
    return f"{place}:{record.lineno}" if _PLACE.fullmatch(place) else f"line:{record.lineno}"


def permitted(record: logging.LogRecord) -> dict[str, Any]:
    """All of a record that may be written.

    Args:
        record: of any package's logger. Its text is never put together with its arguments, as that may fail or hold data.
    """
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower() if record.levelno in logging.getLevelNamesMapping().values() else "other",
        "process": _process[0],
        "pid": record.process,
        "logger": record.name if _PLACE.fullmatch(record.name) else "other",
        "event": _event(record),
        **_fields(record),
    }
    if not _is_ours(record.name):
        line["place"] = _place(record)
    if record.exc_info and record.exc_info[1] is not None:
        line["exception"] = _failure(describe(record.exc_info[1]))
    return line


class LineFormatter(logging.Formatter):
    """The formatter that settings.LOGGING names; it takes records of any package."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON, in ASCII, so that no control character of anybody reaches a terminal."""
        return json.dumps(permitted(record))


def settings_for(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error through `LineFormatter`; Django's own handlers (mail too) are taken off.

    Args:
        level: DEBUG, INFO, WARNING or ERROR.

    Raises:
        ValueError: another word.
    """
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("OVERREAD_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR.")
    taken_over = ("django", "django.server", "uvicorn", "uvicorn.error", "uvicorn.access", "allauth")
    # They tell each step of every page or association, in words that our rule does not let through.
    talkative = ("weasyprint", "fontTools", "pynetdicom")
    loggers = {name: {"handlers": [], "level": "NOTSET", "propagate": True} for name in taken_over}
    loggers |= {name: {"handlers": [], "level": "WARNING", "propagate": True} for name in talkative}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "overread.site.logs.LineFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": loggers,
    }


def take_over() -> None:
    """Let nothing reach standard error past LineFormatter: uncaught exceptions, warnings, faults of logging itself."""
    logging.raiseExceptions = False  # a fault in a handler would print the message and its arguments
    logging.captureWarnings(True)
    log = logging.getLogger(OURS)

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log.critical("an exception ended the process", exc_info=(kind, error, trace))

    def in_thread(found: threading.ExceptHookArgs) -> None:
        error = found.exc_value
        if error is not None:
            log.critical("an exception ended a thread", exc_info=(found.exc_type, error, found.exc_traceback))

    def in_cleanup(found: Any) -> None:
        if found.exc_value is not None:
            log.error("an exception in cleaning up", exc_info=(found.exc_type, found.exc_value, found.exc_traceback))

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, in_cleanup
