"""Pages of referrals: the client's form, the list, matching with the evidence side by side."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.clients import queries as clients
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import BadInput, NotFound, Refused
from overread.journey.agreement.queries import terms_for
from overread.journey.agreement.rules import READ_TYPE_WORDS, ReadType
from overread.journey.case import queries as cases
from overread.journey.referral import actions, queries
from overread.journey.referral.forms import ReferralForm, UnmatchForm, form_for
from overread.journey.referral.pages.threads import client_thread_context
from overread.journey.referral.rules import ATTACHMENT, OUTSIDE_REPORT, NewDocument, document_fault

GROUPS = (
    ("What is asked", ("question", "history", "modality", "procedure", "laterality", "body_part", "priority")),
    ("The patient", ("family", "given", "birth_date", "sex", "nhs_number", "identifier", "issuer")),
    (
        "The volume",
        (
            "purpose",
            "region",
            "teeth",
            "deciduous_retained",
            "field_diameter",
            "field_height",
            "voxel",
            "scanner",
            "dose",
        ),
    ),
    (
        "The report in question",
        (
            "review_purpose",
            "outside_report",
            "original_words",
            "original_author",
            "original_organisation",
            "original_date",
            "original_case",
        ),
    ),
    (
        "Images and referrer",
        (
            "accession",
            "images_expected",
            "referrer_name",
            "referrer_contact",
            "referrer_number",
            "entitled",
            "documents",
        ),
    ),
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
    uploads = [("documents", ATTACHMENT, each) for each in form.cleaned_data.get("documents") or []]
    if report := form.cleaned_data.get("outside_report"):
        uploads.append(("outside_report", OUTSIDE_REPORT, report))
    kept: list[NewDocument] = []
    faults: dict[str, str] = {}
    for field, kind, upload in uploads:
        data = upload.read()
        fault = document_fault(
            upload.content_type or "", data[:16], len(data), most_megabytes=thresholds.whole("referral.document")
        )
        if fault:
            faults[field] = f"{faults.get(field, '')} {upload.name}: {fault}".strip()
            continue
        ref = current().put(data)
        kept.append(NewDocument(upload.name[:200], upload.content_type, ref.key, ref.sha256, ref.length, kind))
    if faults:
        raise BadInput("A file could not be attached.", errors=faults)
    return kept


def _kind(request: HttpRequest) -> tuple[bool, str]:
    """Whether a dental volume is referred, and which kind of work is asked; the address says it, else the agreement."""
    own = _own_clients(request)
    only_dental = len(own) == 1 and set(terms_for(own[0].id).modalities) == {"CBCT"}
    dental = request.GET.get("for", "dental" if only_dental else "") == "dental"
    read_type = request.GET.get("type", ReadType.PRIMARY.value)
    return dental, read_type if read_type in set(ReadType) else ReadType.PRIMARY.value


def _choices(request: HttpRequest, dental: bool, read_type: str) -> list[tuple[str, str, bool]]:
    """The forms to choose between: address, words, and whether it is the one shown. Only what is agreed is offered."""
    agreed = [terms_for(c.id) for c in _own_clients(request)]
    kinds = [t for t in ReadType if any(t in terms.read_types for terms in agreed)]
    places = [("CT or MRI", False)] if any(set(t.modalities) - {"CBCT"} for t in agreed) else []
    places += [("dental", True)] if any("CBCT" in t.modalities for t in agreed) else []
    return [
        (
            f"?for={'dental' if is_dental else 'imaging'}&type={kind}",
            f"{READ_TYPE_WORDS[kind]}, {words}",
            is_dental is dental and kind == read_type,
        )
        for kind in kinds
        for words, is_dental in places
    ]


@require_http_methods(["GET", "POST"])
@needs("referral.make")
def new(request: HttpRequest) -> HttpResponse:
    """The form of a client user for the kind of work; an administrator fills it for a client."""
    dental, read_type = _kind(request)
    make = form_for(dental=dental, primary=read_type == ReadType.PRIMARY)
    initial = {"modality": "CBCT"} if dental else {}
    form = make(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            referral_id = _make(request, form, read_type)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("referral:detail", referral_id=referral_id)
    own = _own_clients(request)
    groups = [(title, [form[name] for name in names if name in form.fields]) for title, names in GROUPS]
    context = {
        "form": form,
        "groups": [(title, fields) for title, fields in groups if fields],
        "clients": own if len(own) > 1 else [],
        "chosen": request.POST.get("client", ""),
        "choices": _choices(request, dental, read_type),
    }
    return render(request, "referral/new.html", context, status=422 if form.errors else 200)


def _make(request: HttpRequest, form: ReferralForm, read_type: str) -> UUID:
    values = form.cleaned_data
    texts = {k: str(v) for k, v in values.items() if isinstance(v, str)} | {"read_type": read_type}
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
        "dental": queries.dental_of(referral_id),
        "original": queries.original_of(referral_id),
        "case": cases.case(found.case_id) if found.case_id else None,
        "staff": person.may("case.see"),
        "may_match": person.may("referral.match"),
        "form": UnmatchForm(),
        **client_thread_context(found),
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
    context = {
        "referral": found,
        "documents": queries.documents_of(found.id),
        "dental": queries.dental_of(found.id),
        "original": queries.original_of(found.id),
        "at": timezone.now(),
    }
    return render(request, "referral/_panel.html", context)
