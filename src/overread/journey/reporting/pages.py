"""Pages of reporting: the editor beside the images, signing, a signed report, an addendum, the PDF."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts import queries as people
from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.work.actor import Actor
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import BadInput, Conflict, NotFound, Refused
from overread.governance.credentials import queries as credentials
from overread.governance.credentials.rules import shut
from overread.journey.allocation import queries as claims
from overread.journey.case import queries as cases
from overread.journey.case.rules import Role
from overread.journey.reading import queries as reading
from overread.journey.reporting import actions, queries
from overread.journey.reporting.forms import AddendumForm, SignForm
from overread.journey.reporting.rules import (
    EDITABLE,
    LABELS,
    REQUIRED,
    CaseFacts,
    Level,
    addendum_purpose,
    canonical_text,
    check,
    open_checks,
    report_purpose,
    text_hash,
)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _person_id(request: HttpRequest) -> UUID:
    return request.person_view.id  # type: ignore[attr-defined]


def _read_and_case(read_id: UUID) -> tuple[cases.ReadView, cases.CaseView]:
    read = cases.read(read_id)
    case = cases.case(read.case_id) if read else None
    if read is None or case is None:
        raise NotFound
    return read, case


def facts_for(read_id: UUID, person_id: UUID, *, alert: bool = False) -> CaseFacts:
    """What is known besides the text, for the checks."""
    read, case = _read_and_case(read_id)
    shown = reading.coverage(read_id, person_id)
    return CaseFacts(
        referral_side=case.laterality,
        dicom_side=queries.dicom_side(read.case_id),
        incomplete=case.incomplete,
        images=sum(s.images for s in shown),
        images_shown=sum(s.shown for s in shown),
        has_alert=alert or queries.is_alerted(read.case_id),
    )


def first_sections(read_id: UUID) -> dict[str, str]:
    """What a draft begins with: the question asked, the technique and comparison that the images tell."""
    read, case = _read_and_case(read_id)
    studies = cases.studies_of(read.case_id)
    now = [s for s in studies if s.role == Role.CURRENT]
    priors = [s for s in studies if s.role == Role.PRIOR]
    technique = "; ".join(f"{s.description or s.modalities}, {s.image_count} images" for s in now)
    compared = "; ".join(f"{s.description or s.modalities}, {s.study_date:%d %b %Y}" for s in priors if s.study_date)
    return {
        "indication": case.question,
        "technique": technique,
        "comparison": compared or "No earlier images were available.",
        "limitations": "None.",
    }


def _checks_context(draft: queries.DraftView, facts: CaseFacts) -> dict[str, Any]:
    checks = check(draft.sections, facts)
    left = open_checks(checks, draft.answers)
    rows = [(c, draft.answers.get(c.code, ""), c in left) for c in checks]
    blocks = [c for c in left if c.level is Level.BLOCK]
    return {"checks": rows, "blocks": len(blocks), "asks": len(left) - len(blocks), "ready": not left}


@require_GET
@needs("read.claim")
def editor(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """The report beside the images; begun with what is known already."""
    read, _ = _read_and_case(read_id)
    person_id = _person_id(request)
    draft = queries.draft(read_id, person_id)
    resumed = draft is not None and draft.version > 1
    if not claims.holds(read_id, person_id):
        signed = [r for r in queries.reports_of(read.case_id) if r.read_id == read_id]
        return render(request, "reporting/_closed.html", {"reports": signed, "draft": draft})
    if draft is None:
        actions.begin(actor=_actor(request), read_id=read_id, sections=first_sections(read_id))
        draft = queries.draft(read_id, person_id)
    if draft is None:
        raise NotFound
    sections = [(name, LABELS[name], draft.sections.get(name, ""), name in REQUIRED) for name in EDITABLE]
    context = {"draft": draft, "read_id": read_id, "sections": sections, "resumed": resumed}
    return render(
        request, "reporting/_editor.html", {**context, **_checks_context(draft, facts_for(read_id, person_id))}
    )


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    try:
        found = json.loads(request.body or b"{}")
    except ValueError as error:
        raise BadInput("The page sent something that is not JSON.") from error
    if not isinstance(found, dict) or not isinstance(found.get("version"), int):
        raise BadInput("The page sent a draft without its version.")
    return found


@require_POST
@needs("read.claim")
def save(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """Keep what was typed; answers the new version and the checks, or 409 with what to do."""
    sent = _sent(request)
    try:
        actions.save_draft(
            actor=_actor(request),
            read_id=read_id,
            version=sent["version"],
            sections=sent.get("sections") or {},
            answers=sent.get("answers") or {},
        )
    except Conflict as refusal:
        return JsonResponse({"message": refusal.message, "code": refusal.code}, status=409)
    draft = queries.draft(read_id, _person_id(request))
    if draft is None:
        raise NotFound
    context = _checks_context(draft, facts_for(read_id, draft.author_id))
    html = render_to_string("reporting/_checks.html", {**context, "draft": draft, "read_id": read_id}, request=request)
    return JsonResponse(
        {"version": draft.version, "saved_at": draft.saved_at.isoformat(), "checks": html, "ready": context["ready"]}
    )


def _not_to_sign(read: cases.ReadView) -> Conflict:
    """Why a read that the person does not hold cannot be signed: it is signed already, or it is somebody else's."""
    signed = [r for r in queries.reports_of(read.case_id) if r.read_id == read.id]
    if signed:
        at = timezone.localtime(signed[-1].signed_at)
        return Conflict(
            f"This read was signed already, at {at:%H:%M} by {signed[-1].signed_by_words}, perhaps in another window. "
            "Nothing was signed again. To change what it says, sign an addendum.",
            code="lease-lost",
        )
    return Conflict("This read is not yours any more, so it cannot be signed. Your draft is kept.", code="lease-lost")


def _again(form: SignForm, draft: queries.DraftView, sha256: str) -> SignForm:
    """The form of a stale page with what was chosen in it, for the text as it is now; the proof is asked anew."""
    kept = {name: form.cleaned_data.get(name, "") for name in ("category", "finding", "side")}
    return SignForm(initial={**kept, "version": draft.version, "seen_sha256": sha256})


def _sign_page(
    request: HttpRequest, read_id: UUID, form: SignForm | None = None, status: int = 200, *, stale: bool = False
) -> HttpResponse:
    read, case = _read_and_case(read_id)
    draft = queries.draft(read_id, _person_id(request))
    if draft is None or not claims.holds(read_id, _person_id(request)):
        raise _not_to_sign(read)
    text = canonical_text(draft.sections)
    parts = [(LABELS[n], draft.sections.get(n, "")) for n in EDITABLE if draft.sections.get(n, "").strip()]
    sha256 = text_hash(text)
    if stale and form:
        form = _again(form, draft, sha256)
    chosen = form["category"].value() if form else ""
    alert = bool(chosen) and chosen != "none"
    context = {
        "read_id": read_id,
        "case": case,
        "banner": cases.banner(read.case_id),
        "parts": parts,
        "sha256": sha256,
        "purpose": report_purpose(sha256),
        "alerted": queries.is_alerted(read.case_id),
        "stale": stale,
        "passkey": any(f.kind == "webauthn" for f in people.factors_of(draft.author_id)),
        "form": form or SignForm(initial={"version": draft.version, "seen_sha256": sha256}),
        **_checks_context(draft, facts_for(read_id, draft.author_id, alert=alert)),
        "draft": draft,
        "gates": shut(claims.gates(read_id, draft.author_id)),
    }
    return render(request, "reporting/sign.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs("report.sign")
def sign(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """Show the very text that will be signed, and sign it."""
    if request.method == "GET":
        return _sign_page(request, read_id)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, read_id, form, 422)
    try:
        report_id = _sign(request, read_id, form.cleaned_data)
    except Conflict as refusal:
        if refusal.code == "lease-lost":
            raise _not_to_sign(_read_and_case(read_id)[0]) from refusal
        if refusal.code == "stale-draft":
            return _sign_page(request, read_id, form, 409, stale=True)
        form.add_refusal(refusal)
    except Refused as refusal:
        form.add_refusal(refusal) if refusal.code == "gates" else form.add_error(None, refusal.message)
    else:
        return redirect("reporting:report", report_id=report_id)
    return _sign_page(request, read_id, form, 422)


def _alert_of(values: Mapping[str, Any]) -> dict[str, str] | None:
    if values["category"] in {"", "none"}:
        return None
    return {name: str(values.get(name) or "") for name in ("category", "finding", "side")}


def _sign(request: HttpRequest, read_id: UUID, values: Mapping[str, Any]) -> UUID:
    actor, alert = _actor(request), _alert_of(values)
    facts = facts_for(read_id, _person_id(request), alert=alert is not None)
    method, secret = ("passkey", values["passkey"]) if values.get("passkey") else ("pin", values["pin"])
    proof = accounts.confirm_presence(
        actor=actor, method=method, secret=secret, purpose=report_purpose(values["seen_sha256"])
    )
    return actions.sign(
        actor=actor,
        read_id=read_id,
        version=values["version"],
        seen_sha256=values["seen_sha256"],
        presence_token=proof.token,
        facts=facts,
        alert=alert,
        gate_reason=values["gate_reason"],
    )


@require_GET
@needs("case.see")
def report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """A signed version, with what came of it."""
    return _report_page(request, report_id)


def _report_page(
    request: HttpRequest, report_id: UUID, form: AddendumForm | None = None, status: int = 200
) -> HttpResponse:
    found = queries.report(report_id)
    if found is None:
        raise NotFound
    opened(actor=_actor(request), kind="report", subject_id=report_id, client_id=found.client_id, case_id=found.case_id)
    newest = queries.latest(found.case_id)
    context = {
        "report": found,
        "parts": [(LABELS[n], t) for n, t in found.sections.items() if n in LABELS and t.strip()],
        "case": cases.case(found.case_id),
        "banner": cases.banner(found.case_id),
        "versions": queries.reports_of(found.case_id),
        "newest": newest is not None and newest.id == report_id,
        "may_sign": request.person_view.may("report.sign"),  # type: ignore[attr-defined]
        "has_pdf": queries.file_of(report_id, "pdf") is not None,
        "form": form or AddendumForm(initial={"based_on_sha256": found.text_sha256}),
        "mark": queries.gate_mark(report_id),
        "may_see_mark": _may_see_mark(request, found),
    }
    return render(request, "reporting/report.html", context, status=status)


def _may_see_mark(request: HttpRequest, found: queries.ReportView) -> bool:
    person = request.person_view  # type: ignore[attr-defined]
    return person.may("people.manage") and person.id != found.signed_by_id


@require_POST
@needs("people.manage")
def see_mark(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The manager has seen that a report was signed through a soft gate."""
    actions.see_gate_mark(actor=_actor(request), report_id=report_id)
    return redirect("reporting:report", report_id=report_id)


@require_POST
@needs("report.sign")
def addend(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Sign an addendum."""
    form = AddendumForm(request.POST)
    if not form.is_valid():
        return _report_page(request, report_id, form, 422)
    values, actor = form.cleaned_data, _actor(request)
    try:
        purpose = addendum_purpose(values["based_on_sha256"], values["text"])
        proof = accounts.confirm_presence(actor=actor, method="pin", secret=values["pin"], purpose=purpose)
        added = actions.addend(
            actor=actor,
            report_id=report_id,
            based_on_sha256=values["based_on_sha256"],
            text=values["text"],
            presence_token=proof.token,
            alert=_alert_of(values),
            gate_reason=values["gate_reason"],
        )
    except Refused as refusal:
        form.add_refusal(refusal)
        return _report_page(request, report_id, form, 422)
    return redirect(reverse("reporting:report", args=[added]))


@require_GET
@needs("case.see")
def pdf(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The PDF of a signed version, for the provider's people."""
    found, made = queries.report(report_id), queries.file_of(report_id, "pdf")
    if found is None or made is None:
        raise NotFound
    opened(actor=_actor(request), kind="report", subject_id=report_id, client_id=found.client_id, case_id=found.case_id)
    data = current().read_range(made.key, 0, made.length)
    name = f"{found.facts.get('case', 'report')}-v{found.number}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


@require_GET
@needs("governance.manage")
def under_override(request: HttpRequest, key: UUID) -> HttpResponse:
    """What an override opened: the reports that were signed under it, for the page of overrides."""
    found = credentials.override_by_key(key)
    if found is None:
        raise NotFound
    reports = queries.signed_under(found.person_id, found.gate, found.since, found.until)
    cased = cases.cases(r.case_id for r in reports)
    rows = [(r, cased[r.case_id].number) for r in reports if r.case_id in cased]
    context = {"rows": rows, "may_open": request.person_view.may("case.see")}  # type: ignore[attr-defined]
    return render(request, "reporting/_under_override.html", context)


@require_GET
@needs("case.see")
def case_panel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The signed versions of a case, for its page."""
    if cases.case(case_id) is None:
        raise NotFound
    return render(request, "reporting/_case.html", {"reports": queries.reports_of(case_id)})
