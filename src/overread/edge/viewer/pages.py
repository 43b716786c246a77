"""The viewer's page at `/read/{read}/viewer/`, its configuration, and the second-monitor window (the same page).

Whether a person may open a read is `journey/reading`'s answer, joined by `site/wiring.py` through `serve_reads`.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from overread.edge.viewer import document
from overread.foundation.accounts.doors import needs
from overread.foundation.work.refusals import NotFound

# `(read_id, person_id) -> what to hang, or None if the read is not theirs to open`; called inside the person's scope.
FindRead = Callable[[UUID, UUID], document.ViewerRead | None]
_find: list[FindRead] = []


def serve_reads(find: FindRead) -> None:
    """Say how a read is found; called once by `site/wiring.py`."""
    _find[:] = [find]


def _read(request: HttpRequest, read_id: UUID) -> document.ViewerRead:
    person = request.person_view  # type: ignore[attr-defined]
    read = _find[0](read_id, person.id) if _find else None
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
