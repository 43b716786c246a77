"""The pytest plugin that every run loads, wherever its tests lie (`-p tests.harness.plugin` in pyproject.toml).

- The database: SQLite in a file with a write-ahead log, or, with OVERREAD_TEST_DB=postgres, a PostgreSQL cluster that
  the run starts and stops itself. It must be known before Django's settings are read, hence a plugin, no conftest.
- Names: the first paragraph of a test's docstring is a sentence that says what is proven. OVERREAD_TEST_REPORT=FILE writes
  these sentences with their results, as Markdown (FILE.md), and the counts (FILE.json).
- NOT RUN: a test that needs an absent tool says so through `not_run` or `program`; the end of the run counts them.
"""

import atexit
import inspect
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from build_tools.system_packages import postgres_bin
from tests.harness.cluster import Cluster

NOT_RUN = "NOT RUN: "
WANTS_POSTGRES = os.environ.get("OVERREAD_TEST_DB", "sqlite") == "postgres"
ONLY = os.environ.get("OVERREAD_TEST_ONLY", "")  # "database", or "no-database" for a quick look
REPORT = os.environ.get("OVERREAD_TEST_REPORT")
_run: dict[str, Cluster | Path] = {}


# --- the database -------------------------------------------------------------------------------------------------


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def _start_postgres() -> None:
    binaries = postgres_bin()
    if binaries is None:
        raise pytest.UsageError("OVERREAD_TEST_DB=postgres, but PostgreSQL is not installed; see `make test`")
    cluster = Cluster(binaries)
    _run["cluster"] = cluster
    os.environ["DATABASE_URL"] = cluster.url


def _make_folder() -> None:
    """One folder for the run's files; in memory where Linux offers that, so that syncing to it is quick."""
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="overread-tests-", dir=in_memory))
    (folder / "static").mkdir()
    _run["folder"] = folder
    os.environ["OVERREAD_TEST_FOLDER"] = str(folder)


def _forget_installation() -> None:
    """Whoever has an installation of their own in the environment must not find the tests in it."""
    for name in ("OVERREAD_DATA", "DATABASE_URL", "BLOBS_URL", "OVERREAD_DEMO", "OVERREAD_SMTP"):
        os.environ.pop(name, None)


def _stop() -> None:
    """Stop what this run started; may be called twice."""
    cluster, folder = _run.pop("cluster", None), _run.pop("folder", None)
    if isinstance(cluster, Cluster):
        cluster.stop()
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)


if not _is_worker():  # workers inherit the environment of the process that started them
    atexit.register(_stop)
    _forget_installation()
    _make_folder()
    if WANTS_POSTGRES:
        _start_postgres()


def pytest_configure() -> None:
    """Put SQLite's test database into a file, as one in memory has no write-ahead log, and make passwords cheap."""
    import hypothesis
    from django.conf import settings
    from django.db.backends.postgresql import creation

    from tests.harness.flush import set_triggers_aside_when_emptying

    set_triggers_aside_when_emptying()
    # A busy machine is slow; that says nothing about the code.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("overread", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("overread")
    folder = Path(os.environ["OVERREAD_TEST_FOLDER"])
    settings.STATIC_ROOT = folder / "static"
    settings.PASSWORD_HASHERS = ["tests.harness.hashers.QuickArgon2"]
    if WANTS_POSTGRES:
        # The cluster goes as a whole; dropping one database would fail on connections that a served page still holds.
        creation.DatabaseCreation._destroy_test_db = lambda *_: None  # type: ignore[method-assign]
    else:
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(folder / "tests.sqlite3")


def pytest_unconfigure() -> None:
    """End the database with the run."""
    _stop()


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("postgres")
    return bool(marked) or not fixtures.isdisjoint({"db", "transactional_db", "live_server", "django_db_setup"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests of PostgreSQL to the run on PostgreSQL, and on request choose by whether a test needs one."""
    for item in items:
        item.user_properties.append(("sentence", _sentence(item)))
    out = [
        item
        for item in items
        if (item.get_closest_marker("postgres") and not WANTS_POSTGRES)
        or (ONLY == "database" and not _touches_database(item))
        or (ONLY == "no-database" and _touches_database(item))
    ]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]
    # Playwright keeps an event loop in its thread, and no asyncio.run() would work behind it: so browsers come last.
    items.sort(key=lambda item: "playwright_driver" in getattr(item, "fixturenames", ()))


# --- tests are sentences ------------------------------------------------------------------------------------------


def _sentence(item: pytest.Item) -> str:
    """The first paragraph of the test's docstring; its name when it has none; parameters behind it."""
    text = inspect.getdoc(getattr(item, "function", None)) or item.name.split("[")[0].replace("_", " ")
    parameters = item.name.partition("[")[2].rstrip("]")
    return " ".join(text.partition("\n\n")[0].split()) + (f" [{parameters}]" if parameters else "")


_results: dict[str, tuple[str, str, str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst phase of each test, in the process that hears of all of them."""
    if _is_worker() or (report.when != "call" and report.passed):
        return
    sentence = dict(report.user_properties).get("sentence", report.nodeid)
    reason = ""
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
    _results[report.nodeid] = (report.outcome, str(sentence), reason)


def _write_report(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    words = {"passed": "proven", "failed": "**FAILED**", "skipped": "not run"}
    lines, last = ["# What the tests prove", ""], ""
    for nodeid, (outcome, sentence, reason) in sorted(_results.items()):
        file = nodeid.partition("::")[0]
        if file != last:
            lines += ["", f"## {file}", ""]
            last = file
        lines.append(f"- {words[outcome]}: {sentence}" + (f" ({reason})" if reason else ""))
    target.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    counts = Counter(outcome for outcome, _, _ in _results.values())
    reasons = Counter(reason for _, _, reason in _results.values() if reason)
    target.with_suffix(".json").write_text(json.dumps({"counts": counts, "not_run": reasons}), encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what did not run, with the reasons."""
    reasons = Counter(reason for _, _, reason in _results.values() if reason.startswith(NOT_RUN))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{reason} ({count} tests)")
    if REPORT and not _is_worker():
        _write_report(Path(REPORT))


# --- actions are short --------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Count what each action does in its transaction; one that does too much fails the test that called it."""
    from overread.foundation.work.observing import observe
    from tests.harness import actions

    found: list[actions.Work] = []
    with observe(actions.counting(found)):
        result = yield
    actions.write(found)
    if too_much := actions.too_much(found):
        pytest.fail("an action does too much in its transaction (tests/harness/actions.py): " + "; ".join(too_much))
    return result


# --- fixtures -----------------------------------------------------------------------------------------------------


@pytest.fixture
def not_run() -> Callable[[str], NoReturn]:
    """Call it with a reason when something outside the project is absent; the test is counted as NOT RUN."""

    def say(reason: str) -> NoReturn:
        pytest.skip(NOT_RUN + reason)

    return say


@pytest.fixture
def program(not_run: Callable[[str], NoReturn]) -> Callable[..., str]:
    """The path of an installed program, by the first of its names found; NOT RUN when it is absent."""

    def find(*names: str) -> str:
        return next((path for path in map(shutil.which, names) if path), None) or not_run(f"{names[0]} is absent")

    return find
