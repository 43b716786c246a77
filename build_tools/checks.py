"""Run the project's checks one after another and say at the end what passed, what failed and what did NOT RUN.

`python -m build_tools.checks quick` is `make check` (format, lint, contracts, types, the tests that are fast
and need no database; under a minute);
`python -m build_tools.checks all` is `make test` (everything, on both databases, then the demo; under 20 minutes).
A failure does not stop the checks behind it. Exit code 0 only when every check passed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from build_tools.install import BIN, PYTHON, ROOT, say
from build_tools.newest_python import FAST, VERSION, find
from build_tools.system_packages import postgres_bin

REPORTS = ROOT / "build" / "reports"
WORKERS = os.environ.get("WORKERS", "2")


@dataclass
class Check:
    """One command: its title, its words, what it adds to the environment, and why it cannot run here if so."""

    title: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    cannot: Callable[[], str] = lambda: ""
    again: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    title: str
    state: str  # passed, FAILED or NOT RUN
    seconds: float
    reason: str = ""


def _tool(name: str, *arguments: str) -> list[str]:
    return [str(BIN / name), *arguments]


def _tests(database: str, *arguments: str, **environment: str) -> Check:
    report = REPORTS / f"tests-{database}"
    report.with_suffix(".json").unlink(missing_ok=True)
    kept = ["-o", f"cache_dir={REPORTS / f'cache-{database}'}"]
    return Check(
        f"tests on {'PostgreSQL' if database == 'postgres' else 'SQLite'}",
        _tool("pytest", "-q", "-n", WORKERS, *kept, f"--junitxml={report}.xml", *arguments),
        {"OVERREAD_TEST_DB": database, "OVERREAD_TEST_REPORT": str(report), **environment},
        lambda: "PostgreSQL is not installed" if database == "postgres" and postgres_bin() is None else "",
        # Browsers, kills and hostile peers share two cores here. What fails among the others is run once more alone;
        # if it passes then, the summary says so and names how many: UNSTABLE is a thing to mend, not a pass unseen.
        _tool("pytest", "-q", *kept, "--last-failed", "--last-failed-no-failures=none", *arguments),
    )


def _static() -> list[Check]:
    return [
        Check("format", _tool("ruff", "format", "--check", "-q", ".")),
        Check("lint", _tool("ruff", "check", "-q", ".")),
        Check("import contracts", _tool("lint-imports", "--config", "importlinter.ini", "--no-cache")),
        Check("types", _tool("mypy", "--no-error-summary")),
    ]


def _quick() -> list[Check]:
    return [*_static(), _tests("sqlite", "-m", FAST, OVERREAD_TEST_ONLY="no-database")]


def _all() -> list[Check]:
    demo = Check("demo, from a scan to an accepted report", ["make", "--no-print-directory", "demo", "CHECK=1"])
    newest = Check(
        f"fast tests on Python {VERSION}",
        [str(PYTHON), "-m", "build_tools.newest_python"],
        cannot=lambda: "" if find() else f"Python {VERSION} is not installed",
    )
    return [_tests("sqlite"), _tests("postgres", OVERREAD_TEST_ONLY="database"), newest, *_static(), demo]


def _run(check: Check) -> Outcome:
    reason = check.cannot()
    if reason:
        return Outcome(check.title, "NOT RUN", 0, reason)
    say(f"\n=== {check.title}")
    begun = time.monotonic()
    done = subprocess.run(check.command, cwd=ROOT, env={**os.environ, **check.environment}, check=False)
    reason = ""
    if done.returncode == 1 and check.again:
        say(f"\n=== {check.title}: what failed, once more alone")
        environment = {**os.environ, **check.environment, "OVERREAD_TEST_REPORT": str(REPORTS / "again")}
        done = subprocess.run(check.again, cwd=ROOT, env=environment, check=False)
        reason = "UNSTABLE: some tests failed among the others and passed alone, see above"
    state = "passed" if done.returncode == 0 else "FAILED"
    return Outcome(check.title, state, time.monotonic() - begun, reason if state == "passed" else "")


def _tests_not_run(reports: Path) -> Counter[str]:
    """The reasons that single tests gave for not running, with the number of tests."""
    reasons: Counter[str] = Counter()
    for report in sorted(reports.glob("tests-*.json")):
        reasons.update(json.loads(report.read_text(encoding="utf-8"))["not_run"])
    return reasons


def _summary(outcomes: list[Outcome], reasons: Counter[str]) -> None:
    say("\n=== summary")
    for outcome in outcomes:
        say(f"{outcome.state:8} {outcome.seconds:7.1f} s  {outcome.title}  {outcome.reason}".rstrip())
    for reason, count in sorted(reasons.items()):
        say(f"{count:4} x {reason if reason.startswith('NOT RUN') else 'NOT RUN: ' + reason}")
    left_out = sum(outcome.state == "NOT RUN" for outcome in outcomes)
    say(f"NOT RUN: {left_out} checks, {reasons.total()} tests")


def main() -> int:
    """Run the chosen checks and print the summary."""
    parser = argparse.ArgumentParser(description="Run the project's checks.")
    parser.add_argument("which", choices=["quick", "all"])
    which = parser.parse_args().which
    REPORTS.mkdir(parents=True, exist_ok=True)
    for old in REPORTS.glob("tests-*.json"):
        old.unlink()
    if which == "all":
        subprocess.run([PYTHON, "-m", "build_tools.system_packages", "test"], cwd=ROOT, check=False)
    begun = time.monotonic()
    outcomes = [_run(check) for check in (_quick() if which == "quick" else _all())]
    _summary(outcomes, _tests_not_run(REPORTS))
    failed = [outcome.title for outcome in outcomes if outcome.state == "FAILED"]
    say(f"{'FAILED: ' + ', '.join(failed) if failed else 'all passed'} in {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
