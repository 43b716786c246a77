"""How long each action holds its transaction, worst first (DESIGN 3: under 20 ms). Run alone: `python -m bench.actions`.

The tests of the journey, of governance and of the foundation are run with an observer round every action
(`tests/harness/actions.py`). Times are processor time of the acting thread; the database is SQLite in memory-backed
files, so waiting for a disk is not in them. Statements are the same on every machine, and the tests hold them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
LIMIT_MS = 20.0
PLACES = ("tests/journeys", "src/overread/journey", "src/overread/governance", "src/overread/foundation")
LEFT_OUT = "not browser and not slow and not postgres"


def _measured(places: tuple[str, ...]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "actions.jsonl"
        command = [sys.executable, "-m", "pytest", "-q", "-m", LEFT_OUT, *places]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "OVERREAD_ACTION_TIMES": str(file)}, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout.decode()[-2000:])
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def tabled(found: list[dict[str, Any]]) -> str:
    """The table: for each action its calls, statements, and milliseconds of processor time; worst median first."""
    by_verb: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        by_verb[one["verb"]].append(one)
    rows = []
    for verb, ones in by_verb.items():
        cpu = sorted(1000 * one["cpu"] for one in ones)
        most = max(one["statements"] for one in ones)
        rows.append((median(cpu), cpu[round(0.95 * (len(cpu) - 1))], most, len(ones), verb))
    rows.sort(reverse=True)
    over = sum(row[0] > LIMIT_MS for row in rows)
    lines = [f"actions: {len(rows)} measured, {over} above {LIMIT_MS:.0f} ms of processor time in the median"]
    lines.append("   median     p95  statements  calls  action")
    lines += [f"{p50:6.1f} ms {p95:6.1f}  {most:10}  {count:5}  {verb}" for p50, p95, most, count, verb in rows]
    return "\n".join(lines)


def measure() -> str:
    """Run the tests with the observer and make the table.

    Raises:
        RuntimeError: a test failed; its end is the message.
    """
    return tabled(_measured(PLACES))


if __name__ == "__main__":
    print(tabled(_measured(tuple(sys.argv[1:]) or PLACES)))
