"""Logs: one JSON object a line, and nothing of a patient in any of them, whichever way it tries to get there."""

import ast
import io
import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils.log import log_response
from hypothesis import given
from hypothesis import strategies as st

from overread.site import logs

SOURCE = Path(__file__).resolve().parents[2]
# A name, an NHS number, a UID, words of a report, an address with a query, the token of a link.
SECRETS = (
    *("Quillfeather", "9434765919", "1.2.826.0.1.3680043.9.7.5", "subdural haematoma", "PatientName", "s3cr3t-t0ken"),
    *("943 476 5919", "osric@example.org"),
)
ALL = " ".join(SECRETS)


class Lines:
    """What a handler with our formatter wrote."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(logs.LineFormatter())

    def read(self) -> list[dict[str, Any]]:
        """Every line as the JSON object it must be."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """A handler with our formatter at the root, at the most talkative level."""
    found, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(found.handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(found.handler)
    root.setLevel(before)


def _raise() -> None:
    raise ValueError(ALL)


def _with_trace(name: str) -> None:
    try:
        _raise()
    except ValueError:
        logging.getLogger(name).exception("a batch could not be indexed")


def _django_error() -> None:
    request = RequestFactory().get(f"/cases/?q={SECRETS[0]}", HTTP_USER_AGENT=ALL, HTTP_COOKIE=f"overread={ALL}")
    response: Any = type("Response", (), {"status_code": 500})()
    try:
        _raise()
    except ValueError as error:
        log_response("%s: %s", ALL, request.get_full_path(), response=response, request=request, exception=error)


def _warned() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        try:
            warnings.warn(ALL, UserWarning, stacklevel=1)
        finally:
            logging.captureWarnings(False)


def _each_field() -> None:
    for one in SECRETS:
        logging.getLogger("overread.site").error("it failed", extra=dict.fromkeys(logs.FIELDS, one))


ACCESS = ("127.0.0.1:5", "GET", f"/dicomweb/NORTH/studies?PatientName={SECRETS[0]}", "1.1", 200)
WAYS: dict[str, Callable[[], None]] = {
    "arguments of our own call": lambda: logging.getLogger("overread.site").error("it failed", {"patient": ALL}),
    "a text put together": lambda: logging.getLogger("overread.site").error(f"it failed for {ALL}"),
    "placeholders": lambda: logging.getLogger("overread.site").error("it failed for %s", ALL),
    "an unknown field": lambda: logging.getLogger("overread.site").error("it failed", extra={"patient": ALL}),
    "known fields": lambda: logging.getLogger("overread.site").error(
        "it failed", extra=dict.fromkeys(logs.FIELDS, ALL)
    ),
    "each field with each secret": _each_field,
    "a whole object as text": lambda: logging.getLogger("overread.site").error({"patient": ALL}),
    "an exception of ours": lambda: _with_trace("overread.site.indexing"),
    "an exception of the listener": lambda: _with_trace("overread.edge.dimse.listener"),
    "Django's error log": _django_error,
    "Django's query log": lambda: logging.getLogger("django.db.backends").debug(
        "(%.3f) %s; args=%s", 0.1, f"SELECT {ALL}", ALL, extra={"sql": ALL, "params": ALL}
    ),
    "Django's security log": lambda: logging.getLogger("django.security.DisallowedHost").error(ALL),
    "uvicorn's access log": lambda: logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', *ACCESS),
    "uvicorn's error log": lambda: _with_trace("uvicorn.error"),
    "allauth": lambda: logging.getLogger("allauth.account").warning("failed for " + ALL),
    "pynetdicom": lambda: logging.getLogger("pynetdicom.events").warning(f"(0010,0010) PN [{ALL}]"),
    "pydicom": lambda: logging.getLogger("pydicom").warning(f"Invalid value {ALL}"),
    "asyncio": lambda: _with_trace("asyncio"),
    "a warning": _warned,
    "a logger named after somebody": lambda: logging.getLogger(f"overread {ALL}").error("it failed"),
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_a_patient_gets_into_a_log(lines: Lines, way: str) -> None:
    """Names, NHS numbers, UIDs, words, addresses and tokens stay out, through every logger that this program has."""
    WAYS[way]()
    written = lines.read()
    assert written, "something was written"
    assert [secret for secret in SECRETS if secret.lower() in lines.stream.getvalue().lower()] == []


@given(st.text(min_size=1), st.text())
def test_no_text_gets_through_a_field(text: str, tail: str) -> None:
    """Whatever text stands in a field: what passes has no space, no capital and no digit, or is an id, a hash or a place."""
    for name in ("job", "kind", "reason", "route", "channel", "state"):
        passed = logs.FIELDS[name](text + tail)
        assert passed is None or not any(c.isdigit() or c.isupper() or c.isspace() for c in passed)
    assert logs.FIELDS["alert"](text) is None
    assert logs.FIELDS["seconds"](text) is None


def test_a_line_says_what_an_operator_needs(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time, level, process, event, the ids that may pass, and of an exception its type and place."""
    monkeypatch.setattr(logs, "_process", ["work"])
    alert = "0d5e2f5e-2c1b-4b52-9a3f-0c9a2b6f4f11"
    try:
        _raise()
    except ValueError:
        logging.getLogger("overread.work").exception("duty failed", extra={"alert": alert, "seconds": 3.5, "count": 2})
    (line,) = lines.read()
    assert line["time"].endswith("+00:00")
    assert {k: line[k] for k in ("level", "process", "event", "alert", "seconds", "count", "pid")} == {
        "level": "error",
        "process": "work",
        "event": "duty failed",
        "alert": alert,
        "seconds": 3.5,
        "count": 2,
        "pid": os.getpid(),
    }
    assert line["exception"][0] == "ValueError"
    assert any("test_logs.py" in place and "_raise" in place for place in line["exception"][1:])


def test_a_message_of_another_package_leaves_its_place(lines: Lines) -> None:
    """Of another package's message only where it was written is kept, so that it can be found in its source."""
    logging.getLogger("uvicorn.error").warning("anything")
    (line,) = lines.read()
    assert line["event"] == "message without its text"
    assert line["place"].startswith("test_logs.")


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCE.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                if owner in {"log", "_log", "logger", "logging"} and node.func.attr in {
                    *("debug", "info", "warning", "error", "critical", "exception", "log"),
                }:
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", node


def _fault(call: ast.Call) -> str:
    """What is wrong with one of our log calls, or ""."""
    words = call.args[1:] if isinstance(call.func, ast.Attribute) and call.func.attr == "log" else call.args
    if len(words) != 1 or not isinstance(words[0], ast.Constant):
        return "the text must be one constant, values go into extra"
    if not logs._EVENT.fullmatch(str(words[0].value)):
        return "the text has a form that is not written"
    for keyword in call.keywords:
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
            names = {ast.literal_eval(key) for key in keyword.value.keys if key is not None}
            if names - set(logs.FIELDS):
                return f"not a field of logs.FIELDS: {sorted(names - set(logs.FIELDS))}"
    return ""


def test_every_log_call_of_ours_is_written_whole() -> None:
    """Each call in the product has one constant text and only fields that pass, so that nothing is left out unseen."""
    found = list(_calls())
    assert len(found) > 30
    assert {place: fault for place, call in found if (fault := _fault(call))} == {}


PROGRAM = """
import sys, threading
import django
django.setup()
from overread.site.logs import take_over
take_over()
class Patient:
    def __del__(self): raise ValueError(sys.argv[1])
Patient()
def fail(): raise ValueError(sys.argv[1])
thread = threading.Thread(target=fail)
thread.start(); thread.join()
fail()
"""


@pytest.mark.slow
def test_uncaught_exceptions_of_a_process_are_lines_too() -> None:
    """An exception that ends a thread or the process, or happens in cleaning up, leaves type and place, not its message."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("OVERREAD_")},
        "DJANGO_SETTINGS_MODULE": "overread.site.settings",
        "PYTHONPATH": str(SOURCE.parent),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ALL], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    written = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in written] == [
        "an exception in cleaning up",
        "an exception ended a thread",
        "an exception ended the process",
    ]
    assert [secret for secret in SECRETS if secret in done.stderr] == []


def test_a_sent_image_leaves_no_line_of_the_library_that_sent_it() -> None:
    """Steps of an association, of which only the place could be written, stay out of the log; warnings stay in it."""
    loggers = logs.settings_for("INFO")["loggers"]
    for name in ("pynetdicom", "weasyprint", "fontTools"):
        assert loggers[name] == {"handlers": [], "level": "WARNING", "propagate": True}


def test_a_level_that_is_none_is_refused() -> None:
    """A wrong word for the level stops the start instead of silencing the log."""
    with pytest.raises(ValueError, match="OVERREAD_LOG_LEVEL"):
        logs.settings_for("LOUD")
