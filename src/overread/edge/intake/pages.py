"""The page "Send images": begin an upload, take its files one by one, end it with a receipt."""

import zipfile
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from overread.edge.intake.objects import LARGEST_ZIP, Outcome, Taker, TooLarge, spool, take_zip
from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.blobs.journal import Journal
from overread.foundation.clients import queries as clients
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotFound
from overread.journey.reception import actions, queries

RECENT = 10
_journal: list[Callable[[], Journal]] = []


def record_in(journal: Callable[[], Journal]) -> None:
    """Say which journal this process writes; called once by site/wiring.py."""
    _journal[:] = [journal]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _own(request: HttpRequest) -> list[clients.ClientView]:
    allowed = request.person_view.client_ids  # type: ignore[attr-defined]
    return [c for c in clients.clients_active() if c.id in allowed]


@require_GET
@needs("upload.make")
def upload(request: HttpRequest) -> HttpResponse:
    """The page; without script it says what to use instead."""
    own = _own(request)
    begun = sorted((u for c in own for u in queries.uploads(c.id, RECENT)), key=lambda u: u.started_at, reverse=True)
    recent = [_counted(found) for u in begun[:RECENT] if (found := queries.upload(u.id))]
    return render(request, "intake/upload.html", {"clients": own, "recent": recent})


def _counted(found: queries.UploadView) -> tuple[queries.UploadView, int, int]:
    refused = found.count("refused")
    return found, len(found.files) - refused, refused


@require_POST
@needs("upload.make")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an upload; answers its addresses."""
    own = _own(request)
    chosen = request.POST.get("client", "")
    client = own[0] if len(own) == 1 else next((c for c in own if str(c.id) == chosen), None)
    if client is None:
        raise BadInput("Choose the client whose images these are.")
    announced = request.POST.get("announced", "")
    upload_id = actions.begin_upload(
        actor=_actor(request), client_id=client.id, announced=int(announced) if announced.isdigit() else None
    )
    addresses = {name: reverse(f"intake:{name}", args=[upload_id]) for name in ("file", "finish", "receipt")}
    return JsonResponse({"id": str(upload_id), **addresses})


def _taker(request: HttpRequest, upload_id: UUID) -> tuple[Taker, int]:
    found = queries.upload(upload_id)
    if found is None or not _journal:
        raise NotFound
    actor = _actor(request)
    taker = Taker(current(), _journal[0](), str(found.client_id), str(upload_id), str(actor.person_id))
    return taker, max((f.number for f in found.files), default=0) + 1


def _keep(request: HttpRequest, upload_id: UUID, first: int, outcomes: Iterable[Outcome]) -> list[dict[str, str]]:
    said = []
    for number, one in enumerate(outcomes, start=first):
        actions.record_file(
            actor=_actor(request),
            upload_id=upload_id,
            number=number,
            name=one.name,
            outcome=one.outcome,
            reason=one.reason,
            study_uid=one.study_uid,
            sop_uid=one.sop_uid,
            sha256=one.sha256,
            length=one.length,
        )
        said.append({"name": one.name, "outcome": one.outcome, "reason": one.reason})
    return said


@require_POST
@needs("upload.make")
def file(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """One file as the body of the request; a zip is taken apart. The name comes in X-File-Name, percent-encoded."""
    taker, first = _taker(request, upload_id)
    name = PurePosixPath(unquote(request.headers.get("X-File-Name", "")).replace("\\", "/")).name[:200] or "file"
    try:
        with spool(request.read, LARGEST_ZIP) as body:
            packed = body.read(4) == b"PK\x03\x04"
            body.seek(0)
            outcomes = list(take_zip(taker, body)) if packed else [taker.take(name, body)]
    except (TooLarge, zipfile.BadZipFile) as error:
        words = (
            str(error) if isinstance(error, TooLarge) else "This zip is damaged. Make it again and send it once more."
        )
        outcomes = [Outcome(name, "refused", words)]
    return JsonResponse({"files": _keep(request, upload_id, first, outcomes)})


@require_POST
@needs("upload.make")
def finish(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """End the upload and show its receipt."""
    actions.finish_upload(actor=_actor(request), upload_id=upload_id)
    return receipt_part(request, upload_id)


def receipt_part(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The receipt: every file with its outcome, and counts that add up."""
    found = queries.upload(upload_id)
    if found is None:
        raise NotFound
    context = {"receipt": found, "counts": {w: found.count(w) for w in ("stored", "duplicate", "refused")}}
    part = request.headers.get("X-Part") == "true"
    return render(request, "intake/_receipt.html" if part else "intake/receipt.html", context)


@require_GET
@needs("upload.make")
def receipt(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """A receipt, again."""
    return receipt_part(request, upload_id)
