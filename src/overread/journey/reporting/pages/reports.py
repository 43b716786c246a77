"""A signed version: shown, printed, added to."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound, Refused
from overread.governance.credentials import queries as credentials
from overread.journey.case import queries as cases
from overread.journey.reporting import actions, queries
from overread.journey.reporting.forms import AddendumForm
from overread.journey.reporting.pages._draft import actor_of
from overread.journey.reporting.pages.signing import alert_of
from overread.journey.reporting.rules import LABELS, SECTIONS, Kind, addendum_purpose


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
    opened(
        actor=actor_of(request), kind="report", subject_id=report_id, client_id=found.client_id, case_id=found.case_id
    )
    newest = queries.latest(found.case_id)
    context = {
        "report": found,
        "parts": [(LABELS[n], t) for n in SECTIONS if (t := found.sections.get(n, "")).strip()],
        "before": queries.report(found.adds_to_id) if found.adds_to_id else None,
        "changes": queries.differences(found),
        "case": cases.case(found.case_id),
        "banner": cases.banner(found.case_id),
        "versions": queries.reports_of(found.case_id),
        "newest": newest is not None and newest.id == report_id,
        "may_change": found.kind != Kind.PRELIMINARY,
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
    actions.see_gate_mark(actor=actor_of(request), report_id=report_id)
    return redirect("reporting:report", report_id=report_id)


@require_POST
@needs("report.sign")
def addend(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Sign an addendum."""
    form = AddendumForm(request.POST)
    if not form.is_valid():
        return _report_page(request, report_id, form, 422)
    values, actor = form.cleaned_data, actor_of(request)
    try:
        purpose = addendum_purpose(values["based_on_sha256"], values["text"])
        proof = accounts.confirm_presence(actor=actor, method="pin", secret=values["pin"], purpose=purpose)
        added = actions.addend(
            actor=actor,
            report_id=report_id,
            based_on_sha256=values["based_on_sha256"],
            text=values["text"],
            presence_token=proof.token,
            alert=alert_of(values),
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
    opened(
        actor=actor_of(request), kind="report", subject_id=report_id, client_id=found.client_id, case_id=found.case_id
    )
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
