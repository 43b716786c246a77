"""Pages of referral: the client's form, the list, matching with the evidence side by side."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.clients import queries as clients
from overread.foundation.work.actor import Actor
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import BadInput, NotFound, Refused
from overread.journey.case import queries as cases
from overread.journey.referral import actions, queries
from overread.journey.referral.forms import ReferralForm, UnmatchForm
from overread.journey.referral.rules import NewDocument, document_fault

GROUPS = (
    ("What is asked", ("question", "history", "modality", "procedure", "laterality", "body_part", "priority")),
    ("The patient", ("family", "given", "birth_date", "sex", "nhs_number", "identifier")),
    ("Images and referrer", ("accession", "images_expected", "referrer_name", "referrer_contact", "documents")),
)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _own_clients(request: HttpRequest) -> list[clients.ClientView]:
    allowed = request.person_view.client_ids  # type: ignore[attr-defined]
    return [c for c in clients.clients_active() if c.id in allowed]


def _client_of(request: HttpRequest) -> UUID:
    """The client referred for: the person's own, or the one that a member of staff chose."""
    own = _own_clients(request)
    if len(own) == 1:
        return own[0].id
    chosen = request.POST.get("client", "")
    found = next((c.id for c in own if str(c.id) == chosen), None)
    if found is None:
        raise BadInput("Choose the client that refers.", errors={})
    return found


def _documents(form: ReferralForm) -> list[NewDocument]:
    """Check and store what was attached; bytes are durable before the referral is written."""
    kept, faults = [], []
    for upload in form.cleaned_data.get("documents") or []:
        data = upload.read()
        fault = document_fault(upload.content_type or "", data[:16], len(data))
        if fault:
            faults.append(f"{upload.name}: {fault}")
            continue
        ref = current().put(data)
        kept.append(NewDocument(upload.name[:200], upload.content_type, ref.key, ref.sha256, ref.length))
    if faults:
        raise BadInput("A file could not be attached.", errors={"documents": " ".join(faults)})
    return kept


@require_http_methods(["GET", "POST"])
@needs("referral.make")
def new(request: HttpRequest) -> HttpResponse:
    """The form of a client user; an administrator fills it for a client."""
    form = ReferralForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            referral_id = _make(request, form)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("referral:detail", referral_id=referral_id)
    own = _own_clients(request)
    context = {
        "form": form,
        "groups": [(title, [form[name] for name in names]) for title, names in GROUPS],
        "clients": own if len(own) > 1 else [],
        "chosen": request.POST.get("client", ""),
    }
    return render(request, "referral/new.html", context, status=422 if form.errors else 200)


def _make(request: HttpRequest, form: ReferralForm) -> UUID:
    values = form.cleaned_data
    texts = {k: str(v) for k, v in values.items() if isinstance(v, str)}
    return actions.make_referral(
        actor=_actor(request),
        client_id=_client_of(request),
        fields=texts,
        birth_date=values["birth_date"],
        images_expected=values.get("images_expected"),
        documents=_documents(form),
    )


@require_GET
@needs("referral.make")
def detail(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """A referral as it was written, its documents, and where its case stands."""
    found = queries.referral(referral_id)
    if found is None:
        raise NotFound
    opened(
        actor=_actor(request),
        kind="referral",
        subject_id=referral_id,
        client_id=found.client_id,
        case_id=found.case_id,
    )
    person = request.person_view  # type: ignore[attr-defined]
    context = {
        "referral": found,
        "documents": queries.documents_of(referral_id),
        "case": cases.case(found.case_id) if found.case_id else None,
        "staff": person.may("case.see"),
        "may_match": person.may("referral.match"),
        "form": UnmatchForm(),
    }
    return render(request, "referral/detail.html", context)


@require_GET
@needs("referral.make")
def listing(request: HttpRequest) -> HttpResponse:
    """Referrals, newest first."""
    return render(request, "referral/list.html", {"referrals": queries.referrals()})


@require_GET
@needs("referral.make")
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """An attached file; always as a download, never drawn by the browser as a page of ours."""
    return _document(request, document_id)


@require_GET
@needs("read.claim")
def document_for_reader(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The same for a reader."""
    return _document(request, document_id)


def _document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    found = queries.document(document_id)
    if found is None:
        raise NotFound
    opened(actor=_actor(request), kind="document", subject_id=document_id, client_id=found.client_id)
    data = current().read_range(found.key, 0, found.length)
    response = HttpResponse(data, content_type=found.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="document-{found.id}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@require_GET
@needs("referral.match")
def matching(request: HttpRequest) -> HttpResponse:
    """Studies without a referral, and referrals without a study."""
    context = {"unmatched": queries.unmatched(), "waiting": queries.waiting_for_images()}
    return render(request, "referral/matching.html", context)


def _match_context(study_id: UUID, chosen: str) -> dict[str, Any]:
    found = queries.unmatched_study(study_id)
    if found is None:
        raise NotFound("This study has been matched, or it is not yours to match.")
    pair = next((p for p in found.pairs if str(p.referral.id) == chosen), found.pairs[0] if found.pairs else None)
    return {"found": found, "pair": pair}


@require_GET
@needs("referral.match")
def match(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """One study and one referral side by side, line by line."""
    context = _match_context(study_id, request.GET.get("referral", ""))
    study = context["found"].study
    opened(actor=_actor(request), kind="study", subject_id=study_id, client_id=study.client_id)
    return render(request, "referral/match.html", context)


@require_POST
@needs("referral.match")
def do_match(request: HttpRequest, study_id: UUID, referral_id: UUID) -> HttpResponse:
    """Match them."""
    actions.match(actor=_actor(request), referral_id=referral_id, study_id=study_id)
    return redirect("referral:matching")


@require_POST
@needs("referral.match")
def not_this(request: HttpRequest, study_id: UUID, referral_id: UUID) -> HttpResponse:
    """They do not belong together; the next candidate is shown."""
    actions.not_this(actor=_actor(request), referral_id=referral_id, study_id=study_id)
    return redirect("referral:match", study_id=study_id)


@require_POST
@needs("referral.match")
def unmatch(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Undo a match."""
    actions.unmatch(actor=_actor(request), referral_id=referral_id, reason=request.POST.get("reason", ""))
    return redirect("referral:detail", referral_id=referral_id)


@require_GET
@needs("read.claim")
def reading_panel(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """The referral beside the images."""
    read = cases.read(read_id)
    if read is None:
        raise NotFound
    case = cases.case(read.case_id)
    found = queries.referral(case.referral_id) if case and case.referral_id else None
    if found is None:
        return render(request, "referral/_panel.html", {"referral": None})
    opened(
        actor=_actor(request), kind="referral", subject_id=found.id, client_id=found.client_id, case_id=found.case_id
    )
    context = {"referral": found, "documents": queries.documents_of(found.id), "at": timezone.now()}
    return render(request, "referral/_panel.html", context)
