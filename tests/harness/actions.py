"""How much database work each action does inside its transaction, counted while tests run.

Statements are counted, not seconds: a count is the same on a busy machine. With OVERREAD_ACTION_TIMES=FILE each action is
also timed, and one JSON line for each call is added to the file; `python -m bench.actions` makes its table of them.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db import connection

# Statements that an action may send in its transaction. On this program's machines a statement costs about 0.2 ms with the
# objects made of it, so 80 are about 16 of the 20 ms that an action has (DESIGN 3).
MOST: Final = 80
# Fewer for what people wait for all day, so that it does not grow unseen; more for one, which says why.
OTHERWISE: Final[dict[str, int]] = {
    "allocation.claim": 45,
    "allocation.beat": 12,
    "report.save_draft": 12,
    "accounts.confirm_presence": 8,
    "accounts.start_session": 12,
    "escalation.raise_alert": 25,
    "escalation.acknowledge": 25,
    "reception.take_batch": 40,
    "delivery.open": 30,
    # What the checks look at, gates, report, read, case, claim, deadlines, delivery and alert in one transaction (contract).
    "report.sign": 125,
    "report.correct": 125,
    # A step of a review sets the duties of all that follow from it, with alert and incident: rare, and never while reading.
    "review.judge": 200,
    "review.reflect": 150,
    "review.route": 130,
    "review.take_answer": 150,
    "review.follow": 130,
}
# What frames the work on one database and not on the other: not counted, so that both count the same.
FRAME: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "SELECT set_config", "SET LOCAL", "SELECT clock_timestamp")
# Once for each person or thing of the provider, in the worker: these grow with it.
BY_NUMBER: Final = ("arrange", "fire_deadline", "simulate", "draw")


@dataclass
class Work:
    """One outermost action; the actions that it calls count as its own, because they hold the same transaction.

    Attributes:
        statements: sent to the database between the transaction's begin and its end.
        cpu, wall: seconds, the transaction's end included.
    """

    verb: str
    statements: int = 0
    cpu: float = 0.0
    wall: float = 0.0


def counting(found: list[Work]) -> Callable[[str], Any]:
    """An observer that adds each outermost action to a list."""
    outer: ContextVar[Work | None] = ContextVar("outer", default=None)

    @contextmanager
    def observer(verb: str) -> Iterator[None]:
        if outer.get() is not None:
            yield
            return
        work = Work(verb)

        def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            work.statements += not sql.startswith(FRAME)
            return execute(sql, params, many, context)

        token = outer.set(work)
        cpu, wall = time.thread_time(), time.perf_counter()
        try:
            with connection.execute_wrapper(count):
                yield
        finally:
            work.cpu, work.wall = time.thread_time() - cpu, time.perf_counter() - wall
            outer.reset(token)
        found.append(work)  # an action that refused has done nothing that counts

    return observer


def too_much(found: list[Work]) -> list[str]:
    """The actions that sent more statements than they may, in words."""
    said = set()
    for work in found:
        most = OTHERWISE.get(work.verb, MOST)
        if work.statements > most and work.verb.partition(".")[2] not in BY_NUMBER:
            said.add(f"{work.verb} sent {work.statements} statements, at most {most}")
    return sorted(said)


def write(found: list[Work]) -> None:
    """Add what was measured to the file that OVERREAD_ACTION_TIMES names, if it names one."""
    if target := os.environ.get("OVERREAD_ACTION_TIMES"):
        with open(target, "a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(work)) + "\n" for work in found)
