"""Periodic duties: whose turn it is, and what a failure does."""

from datetime import timedelta

import pytest

from overread.foundation.work import duties, queries
from overread.foundation.work.duties import Duty, do_duty, pause_after, register_duty
from overread.foundation.work.models import Turn

pytestmark = pytest.mark.django_db


def _fail() -> None:
    raise ValueError("secret")


def test_a_duty_for_all_is_done_without_a_turn() -> None:
    """A duty that every worker may do leaves no row behind, so that an idle worker writes nothing."""
    done: list[int] = []
    assert do_duty(Duty("all", 1.0, lambda: done.append(1))) is False
    assert done == [1]
    assert not Turn.objects.exists()


def test_a_duty_done_alone_waits_for_its_next_time() -> None:
    """A duty for one worker at a time is done once per period, whichever worker asks again."""
    done: list[int] = []
    duty = Duty("alone", 3600.0, lambda: done.append(1), alone=True)
    do_duty(duty)
    do_duty(duty)
    assert done == [1]
    Turn.objects.update(next_at=Turn.objects.get().next_at - timedelta(hours=2))
    do_duty(duty)
    assert done == [1, 1]


def test_a_duty_with_more_to_do_comes_again_at_once() -> None:
    """A duty that says that there is more is done again without a pause."""
    duty = Duty("more", 3600.0, lambda: True, alone=True)
    assert do_duty(duty) is True
    assert do_duty(duty) is True


def test_a_turn_that_is_taken_is_left_alone() -> None:
    """While one worker does a duty, another that asks does nothing."""
    inner: list[bool] = []
    duty = Duty("once", 1.0, lambda: inner.append(do_duty(duty)), alone=True)
    do_duty(duty)
    assert inner == [False]


def test_a_dead_workers_turn_passes_on() -> None:
    """The turn of a worker that died in a duty passes to another when its lease has run out."""
    done: list[int] = []
    duty = Duty("passed", 0.001, lambda: done.append(1), alone=True)
    assert duties._take_turn(duty) is not None
    assert do_duty(duty) is False
    Turn.objects.update(lease_until=Turn.objects.get().next_at - timedelta(seconds=1))
    do_duty(duty)
    assert done == [1]


def test_a_failing_duty_is_seen_and_heals() -> None:
    """A duty that fails is named in the health of the work, comes back later, and is forgotten when it succeeds."""
    with pytest.raises(ValueError, match="secret"):
        do_duty(Duty("broken", 10.0, _fail, alone=True))
    row = Turn.objects.get()
    assert (row.failures, queries.health().duties_failing) == (1, ("broken",))
    assert "secret" not in row.last_error
    Turn.objects.update(next_at=row.next_at - timedelta(minutes=1))
    do_duty(Duty("broken", 10.0, lambda: None, alone=True))
    assert queries.health().duties_failing == ()


def test_a_broken_duty_does_not_spin() -> None:
    """The pause of a failing duty grows, up to a minute."""
    duty = Duty("broken", 0.2, _fail)
    pauses = [pause_after(duty, failures) for failures in range(20)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.2, 60.0)


def test_duties_have_a_name_and_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two duties under one name, or one without a pause, are refused when the product starts."""
    monkeypatch.setattr(duties, "_duties", {})
    register_duty("one", 1.0, _fail)
    register_duty("one", 1.0, _fail)
    with pytest.raises(ValueError, match="Two duties"):
        register_duty("one", 1.0, lambda: None)
    with pytest.raises(ValueError, match="pause"):
        register_duty("none", 0.0, _fail)
    assert [duty.name for duty in duties.registered_duties()] == ["one"]
