"""The engine behind Django's tasks API."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django_tasks import TaskResultStatus, task
from django_tasks.base import TaskContext
from django_tasks.exceptions import TaskResultDoesNotExist

from overread.foundation.tenancy import scope
from overread.foundation.tenancy.scope import Scope, current_scope
from overread.foundation.work.moment import moment
from overread.foundation.work.running import drain

pytestmark = pytest.mark.django_db
_scopes: list[Scope] = []


@task
def _add(a: int, b: int) -> int:
    return a + b


@task
def _see(client_id: str) -> None:
    _scopes.append(current_scope())


@task(takes_context=True)
def _attempt(context: TaskContext) -> int:
    return context.attempt


@task
def _fail() -> None:
    raise ValueError("secret")


@pytest.fixture(autouse=True)
def _worker_may_open_scopes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "OPENERS", {*scope.OPENERS, "worker"})


def test_a_task_runs_and_its_result_is_kept() -> None:
    """A task put in through Django's API waits, runs, and gives back what it returned."""
    result = _add.enqueue(2, b=3)
    assert result.status is TaskResultStatus.READY
    drain()
    result.refresh()
    assert (result.status, result.return_value, result.attempts) == (TaskResultStatus.SUCCESSFUL, 5, 1)


def test_a_task_of_an_undone_transaction_never_runs() -> None:
    """A task put in by a transaction that is undone never was."""

    @transaction.atomic
    def put_and_fail() -> None:
        _add.enqueue(1, 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put_and_fail()
    assert drain() == 0


def test_a_deferred_task_waits() -> None:
    """A task with a time does not run before it."""
    _add.using(run_after=moment() + timedelta(hours=1)).enqueue(1, 1)
    assert drain() == 0
    assert drain(at=moment() + timedelta(hours=2)) == 1


def test_a_task_about_a_client_runs_under_its_scope() -> None:
    """A task that is given a client's id sees that client's rows and no other's."""
    client = uuid4()
    _see.enqueue(client_id=str(client))
    drain()
    assert _scopes.pop() == Scope.client(UUID(str(client)))


def test_a_task_knows_its_attempt() -> None:
    """A task that asks for its context learns which attempt this is."""
    result = _attempt.enqueue()
    drain()
    result.refresh()
    assert result.return_value == 1


def test_a_failing_task_is_tried_again_without_its_message() -> None:
    """A task that fails waits for another try; what is kept of the error holds no data."""
    result = _fail.enqueue()
    drain(raising=False)
    result.refresh()
    assert result.status is TaskResultStatus.READY
    assert "secret" not in result.errors[0].traceback


@pytest.mark.parametrize("wrong", ["0", "nonsense", "-1"])
def test_an_unknown_result_is_said_to_be_unknown(wrong: str) -> None:
    """Asking for a result that does not exist raises what Django's API documents."""
    with pytest.raises(TaskResultDoesNotExist):
        _add.get_result(wrong)


def test_only_tasks_are_run_by_path() -> None:
    """A row that names some other function is not run: only functions declared as tasks are."""
    from overread.foundation.work import backend

    payload: dict[str, Any] = {"task": "os.getcwd", "args": [], "kwargs": {}}
    with pytest.raises(LookupError):
        backend.run_task(payload)
