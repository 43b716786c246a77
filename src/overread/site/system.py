"""The System page: what runs, what failed for good, which deadlines are stuck, and the buttons that try again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.clock import actions as clock_actions
from overread.foundation.clock import queries as clock
from overread.foundation.work import actions as work_actions
from overread.foundation.work import queries as work
from overread.foundation.work.moment import moment
from overread.foundation.work.refusals import BadInput
from overread.site import beating, config
from overread.site.doctor import examine
from overread.site.supervisor import Status, read_status

STATE_BADGES = {"running": "ok", "waiting": "warn", "stopped": "idle"}
REASONS = {
    "done-otherwise": "Done in another way",
    "not-needed": "Not needed any more",
    "cannot-be-done": "Cannot be done",
}


def _processes() -> tuple[Status | None, list[tuple[str, Any]]]:
    """The supervisor's children with the colour of each, when one runs on this machine."""
    folder = config.data_dir()
    status = read_status(folder) if folder else None
    children = status.children if status and status.alive else ()
    return status, [(STATE_BADGES[child.state], child) for child in children]


@require_GET
@needs("system.see")
def system(request: HttpRequest) -> HttpResponse:
    """GET /system/: the state of the installation, first what needs somebody."""
    at = moment()
    failed, stuck = work.failed_jobs(), clock.stuck()
    folder = config.data_dir()
    findings = [finding for finding in examine(folder) if not finding.well] if folder else []
    status, processes = _processes()
    return render(
        request,
        "site/system.html",
        {
            "failed": [(job, job.last_error.partition("\n")[0]) for job in failed],
            "troubled": [(job, job.last_error.partition("\n")[0]) for job in work.troubled_jobs()],
            "stuck": [(deadline, deadline.last_error.partition("\n")[0]) for deadline in stuck],
            "findings": findings,
            "todo": len(failed) + len(stuck) + len(findings),
            "work": work.health(),
            "clock": clock.health(),
            "lateness": clock.lateness(at - timedelta(hours=24)),
            "status": status,
            "processes": processes,
            "reasons": REASONS,
            "watch": beating.watch(at),
            "outside": beating.outside(at),
        },
    )


def _back(request: HttpRequest, words: str) -> HttpResponseRedirect:
    messages.success(request, words)
    return redirect("health:system")


@require_POST
@needs("system.see")
def retry_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """POST: try a failed job again."""
    work_actions.retry_job(actor=request.actor, job_id=job_id)  # type: ignore[attr-defined]
    return _back(request, "The job waits for a worker, with all its attempts.")


@require_POST
@needs("system.see")
def set_aside_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """POST reason: take a failed job off the list."""
    reason = request.POST.get("reason", "")
    if reason not in REASONS:
        raise BadInput("Choose why the job is set aside.", errors={"reason": "Choose one of the reasons."})
    work_actions.set_aside_job(actor=request.actor, job_id=job_id, reason=reason)  # type: ignore[attr-defined]
    return _back(request, "The job is off the list. Who set it aside, and why, is in the ledger.")


@require_POST
@needs("system.see")
def retry_deadline(request: HttpRequest, deadline_id: UUID) -> HttpResponse:
    """POST: let a stuck deadline fire again."""
    clock_actions.retry_deadline(actor=request.actor, deadline_id=deadline_id)  # type: ignore[attr-defined]
    return _back(request, "The deadline fires as soon as a worker sees it, dated at its due time.")
