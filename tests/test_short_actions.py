"""Actions are short: what they send to the database in their transaction is counted in every test, and a table is made of it."""

import pytest

from bench.actions import tabled
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.observing import observe
from tests.harness.actions import MOST, Work, counting, too_much

ACTOR = Actor.system("test")


@action("test.inner")
def _inner(*, actor: Actor) -> None:
    note(subject=("test", 1))


@action("test.outer")
def _outer(*, actor: Actor, times: int) -> None:
    for _ in range(times):
        _inner(actor=actor)
    note(subject=("test", 2))


@pytest.mark.django_db
def test_an_action_counts_with_all_that_it_calls() -> None:
    """The outermost action owns every statement of its transaction, here three entries of the ledger; savepoints do not count."""
    found: list[Work] = []
    with open_scope(Scope.provider(), opened_by="test"), observe(counting(found)):
        _outer(actor=ACTOR, times=2)
        with pytest.raises(ZeroDivisionError):
            _broken(actor=ACTOR)
    assert [(work.verb, work.statements) for work in found] == [("test.outer", 3)]
    assert found[0].cpu > 0


@action("test.broken")
def _broken(*, actor: Actor) -> None:
    raise ZeroDivisionError


def test_too_much_is_told_by_name() -> None:
    """An action above its number of statements fails the test that called it, and the words name it."""
    assert too_much([Work("x.y", MOST), Work("allocation.beat", 12), Work("risks.arrange", 900)]) == []
    assert too_much([Work("x.y", MOST + 1)]) == [f"x.y sent {MOST + 1} statements, at most {MOST}"]


def test_the_table_has_the_worst_first() -> None:
    """The command of bench prints each action once, the longest first, and says how many are over 20 ms."""
    lines = tabled(
        [
            {"verb": "a.quick", "statements": 3, "cpu": 0.002, "wall": 0.1},
            {"verb": "a.long", "statements": 90, "cpu": 0.050, "wall": 0.1},
            {"verb": "a.long", "statements": 60, "cpu": 0.030, "wall": 0.1},
        ]
    ).splitlines()
    assert lines[0] == "actions: 2 measured, 1 above 20 ms of processor time in the median"
    assert [line.split()[-1] for line in lines[2:]] == ["a.long", "a.quick"]
    assert lines[2].split()[:2] == ["40.0", "ms"]
