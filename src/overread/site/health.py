"""`/healthz`: this process answers. `/readyz`: the installation can do its work."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path

from overread.site import beating, metrics, system


def healthz(request: HttpRequest) -> JsonResponse:
    """The process is alive; nothing else is looked at."""
    return JsonResponse({"ok": True})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database, the store, the queues and the alert watch are well, else 503; names what is not, no details.

    `alert_watch` says whether alerts are watched ("watched", "silent", "never", or "unknown" without a database), how many
    seconds ago they last were, and whether the outside heartbeat was heard ("heard", "not heard", "none named").
    """
    from overread.site.doctor import examine
    from overread.site.places import folder

    try:
        bad = [f.what for f in examine(folder()) if not f.well]
    except RuntimeError:  # a process without a data folder serves nobody
        bad = ["installation"]
    return JsonResponse({"ok": not bad, "not_well": bad, "alert_watch": _alert_watch()}, status=503 if bad else 200)


def _alert_watch() -> dict[str, Any]:
    try:
        found, out = beating.watch(), beating.outside()
    except DatabaseError:
        return {"state": "unknown", "age_seconds": None, "outside": "unknown"}
    outside = ("heard" if out.heard else "not heard") if out.named else "none named"
    age = None if found.age_seconds is None else round(found.age_seconds, 1)
    return {"state": found.state.value, "age_seconds": age, "outside": outside}


app_name = "health"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("system/", system.system, name="system"),
    path("system/jobs/<int:job_id>/retry/", system.retry_job, name="retry-job"),
    path("system/jobs/<int:job_id>/set-aside/", system.set_aside_job, name="set-aside-job"),
    path("system/deadlines/<uuid:deadline_id>/retry/", system.retry_deadline, name="retry-deadline"),
]
