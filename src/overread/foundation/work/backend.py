"""The engine as a backend of Django's tasks API, so that another engine can be put in its place by a setting.

In settings: TASKS = {"default": {"BACKEND": "overread.foundation.work.backend.LeaseBackend"}}. A task runs at least
once, under the scope of the provider, or of the client whose id is its keyword argument `client_id`.
"""

from typing import Any
from uuid import UUID

from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskContext, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.utils import normalize_json

from overread.foundation.work import engine
from overread.foundation.work.models import Job
from overread.foundation.work.rules import JobState
from overread.foundation.work.running import current_job

NAME = "task"
STATUS = {
    JobState.READY: TaskResultStatus.READY,
    JobState.RUNNING: TaskResultStatus.RUNNING,
    JobState.DONE: TaskResultStatus.SUCCESSFUL,
    JobState.FAILED: TaskResultStatus.FAILED,
    JobState.SET_ASIDE: TaskResultStatus.FAILED,
}


def _task(path: str) -> Task[Any, Any]:
    found = import_string(path)
    if not isinstance(found, Task):
        raise LookupError(f"{path} is not a task.")
    return found


def _result(job: Job, alias: str) -> TaskResult[Any]:
    payload = job.payload
    errors = []
    if job.last_error:
        errors.append(TaskError(exception_class_path="builtins.Exception", traceback=job.last_error))
    result: TaskResult[Any] = TaskResult(
        task=_task(payload["task"]),
        id=str(job.pk),
        status=STATUS[JobState(job.state)],
        enqueued_at=job.created_at,
        started_at=job.started_at,
        last_attempted_at=job.started_at,
        finished_at=job.finished_at,
        args=payload["args"],
        kwargs=payload["kwargs"],
        backend=alias,
        errors=errors,
        worker_ids=[job.worker] * job.attempts,
    )
    object.__setattr__(result, "_return_value", job.result)
    return result


class LeaseBackend(BaseTaskBackend):
    """Tasks as job rows, in the caller's transaction."""

    supports_defer = True
    supports_get_result = True
    supports_async_task = True

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Put a task in, within the caller's transaction."""
        self.validate_task(task)
        client_id = kwargs.get("client_id")
        job_id = engine.enqueue(
            name=NAME,
            payload={"task": task.module_path, "args": normalize_json(args), "kwargs": normalize_json(kwargs)},
            client_id=UUID(str(client_id)) if client_id else None,
            run_after=task.run_after,
        )
        return self.get_result(str(job_id))

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """The task's present state.

        Raises:
            TaskResultDoesNotExist: there is no such row (rows of finished tasks are kept for some days).
        """
        job = Job.objects.filter(pk=int(result_id), name=NAME).first() if result_id.isdigit() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return _result(job, self.alias)


def run_task(payload: dict[str, Any]) -> Any:
    """The engine's handler of tasks."""
    task = _task(payload["task"])
    job = current_job()
    if not task.takes_context or job is None:
        return normalize_json(task.call(*payload["args"], **payload["kwargs"]))
    context = TaskContext(task_result=_result(Job.objects.get(pk=job.id), task.backend))
    return normalize_json(task.call(context, *payload["args"], **payload["kwargs"]))


engine.register_handler(NAME, run_task)
