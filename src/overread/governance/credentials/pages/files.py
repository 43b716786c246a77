"""Certificates: sent by a reader or kept by the office, looked at by the office."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.refusals import BadInput, NotFound
from overread.governance.credentials import actions, queries
from overread.governance.credentials.forms import CertificateForm
from overread.governance.credentials.pages.readers import actor_of, asker, reader
from overread.governance.credentials.rules import certificate_fault


@require_POST
@needs("duty.see")
def send(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """POST /credentials/people/ID/certificates/: a reader's own, or kept by the office. Bytes are durable before the row."""
    own = asker(request).id == person_id
    if not own and not asker(request).may("governance.manage"):
        raise NotFound
    reader(person_id)
    form = CertificateForm(request.POST, request.FILES)
    if not form.is_valid():
        raise BadInput("Choose what it is, and a file.")
    upload = form.cleaned_data["file"]
    data = upload.read()
    most = thresholds.whole("credential.certificate")
    fault = certificate_fault(upload.content_type or "", data[:16], len(data), most_megabytes=most)
    if fault:
        raise BadInput(f"{upload.name}: {fault} Nothing was kept.")
    ref = current().put(data)
    actions.add_evidence(
        actor=actor_of(request),
        person_id=person_id,
        what=form.cleaned_data["what"],
        name=upload.name,
        media_type=upload.content_type,
        key=ref.key,
        sha256=ref.sha256,
        length=ref.length,
    )
    return redirect("credentials:mine") if own else redirect("credentials:person", person_id=person_id)


def _found(request: HttpRequest, certificate_id: UUID) -> queries.CertificateView:
    """A certificate that is one's own, or that one may see for the office."""
    found = queries.certificate(certificate_id)
    allowed = found is not None and (asker(request).id == found.person_id or asker(request).may("governance.manage"))
    if found is None or not allowed:
        raise NotFound
    return found


@require_GET
@needs("duty.see")
def certificate(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """GET /credentials/certificates/ID/: the file."""
    found = _found(request, certificate_id)
    data = current().read_range(found.key, 0, found.length)
    kind = {"application/pdf": "pdf", "image/png": "png"}.get(found.media_type, "jpg")
    headers = {"Content-Disposition": f'attachment; filename="certificate.{kind}"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type=found.media_type, headers=headers)


@require_POST
@needs("governance.manage")
def see_certificate(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """POST /credentials/certificates/ID/seen/: it was looked at, and what it says is on record."""
    found = _found(request, certificate_id)
    actions.see_evidence(actor=actor_of(request), certificate_id=certificate_id)
    return redirect("credentials:person", person_id=found.person_id)
