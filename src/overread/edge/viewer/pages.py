"""The viewer's page at `/read/{read}/viewer/`, its configuration, and the second-monitor window (the same page).

Whether a person may open a read, and what belongs to it, is `journey/reading`'s answer.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from overread.edge.viewer import document
from overread.foundation.accounts.doors import needs
from overread.foundation.work.refusals import NotFound
from overread.journey.reading import queries as reading


def find_read(read_id: UUID, person_id: UUID) -> document.ViewerRead | None:
    """What to hang for a person who opens a read, or None if it is not theirs to open; a scope must be open."""
    access = reading.access(read_id, person_id)
    if access is None:
        return None
    studies = tuple(
        document.ViewerStudy(study.uid, study.role, study.modalities, study.description, study.words)
        for study in access.studies
    )
    return document.ViewerRead(str(access.read_id), str(access.client_id), studies)


def _read(request: HttpRequest, read_id: UUID) -> document.ViewerRead:
    read = find_read(read_id, request.person_view.id)  # type: ignore[attr-defined]
    if read is None:
        raise NotFound
    return read


@require_safe
@needs("read.claim")
def viewer(request: HttpRequest, read_id: UUID) -> HttpResponseBase:
    """The page. It names no patient and no study; both come through addresses that check again."""
    read = _read(request, read_id)
    try:
        content = document.page(read.read_id)
    except document.NotBuilt as missing:
        return HttpResponse(str(missing), status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse(content, headers=document.headers())


@require_safe
@needs("read.claim")
def app_config(request: HttpRequest, read_id: UUID) -> HttpResponseBase:
    """The page's own script: what to hang."""
    content = document.config_script(_read(request, read_id))
    return HttpResponse(content, content_type="text/javascript; charset=utf-8", headers=_private())


@require_safe
@needs("read.claim")
def config(request: HttpRequest, read_id: UUID) -> HttpResponseBase:
    """The same as JSON, for a viewer that is alive and goes to the next case."""
    return JsonResponse(document.config(_read(request, read_id)), headers=_private())


def _private() -> dict[str, str]:
    return {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
