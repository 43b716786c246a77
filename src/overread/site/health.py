"""`/healthz`: this process answers. `/readyz`: the installation can do its work."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

from overread.site import system


def healthz(request: HttpRequest) -> JsonResponse:
    """The process is alive; nothing else is looked at."""
    return JsonResponse({"ok": True})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database, the store and the queues are well, else 503; names what is not, without details."""
    from overread.site.doctor import examine
    from overread.site.places import folder

    try:
        bad = [f.what for f in examine(folder()) if not f.well]
    except RuntimeError:  # a process without a data folder serves nobody
        bad = ["installation"]
    return JsonResponse({"ok": not bad, "not_well": bad}, status=503 if bad else 200)


app_name = "health"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("system/", system.system, name="system"),
    path("system/jobs/<int:job_id>/retry/", system.retry_job, name="retry-job"),
    path("system/jobs/<int:job_id>/set-aside/", system.set_aside_job, name="set-aside-job"),
    path("system/deadlines/<uuid:deadline_id>/retry/", system.retry_deadline, name="retry-deadline"),
]
