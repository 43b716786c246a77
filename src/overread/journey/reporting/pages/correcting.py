"""A correction: write, look at the difference, sign. What was signed before stays as it is (REQ-39)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound, Refused
from overread.governance.credentials.rules import shut
from overread.journey.allocation import queries as claims
from overread.journey.case import queries as cases
from overread.journey.reporting import actions, queries
from overread.journey.reporting.forms import CorrectionForm
from overread.journey.reporting.pages._draft import actor_of, person_id_of
from overread.journey.reporting.pages.signing import alert_of
from overread.journey.reporting.rules import (
    CaseFacts,
    Check,
    Kind,
    canonical_text,
    changes,
    check,
    correction_purpose,
    open_checks,
    template_for,
    text_hash,
)


def _found(report_id: UUID) -> tuple[queries.ReportView, cases.CaseView]:
    found = queries.report(report_id)
    case = cases.case(found.case_id) if found else None
    if found is None or case is None or found.read_id is None or found.kind == Kind.PRELIMINARY:
        raise NotFound
    return found, case


def _names(case: cases.CaseView, standing: dict[str, str]) -> tuple[str, ...]:
    added = ("addendum",) if standing.get("addendum", "").strip() else ()
    return (*template_for(case.read_type, case.modality).sections, *added)


def _facts(request: HttpRequest, found: queries.ReportView, form: CorrectionForm) -> CaseFacts:
    alert = form["category"].value() not in {None, "", "none"}
    assert found.read_id is not None  # noqa: S101  _found refuses it
    return queries.facts_for(found.read_id, person_id_of(request), alert=alert)


def _asked(request: HttpRequest, found: queries.ReportView, form: CorrectionForm) -> list[tuple[Check, str]]:
    """The checks that stand open, each with what was answered."""
    said = {**found.answers, **form.answers()}
    return [(c, said.get(c.code, "")) for c in open_checks(check(form.written(), _facts(request, found, form)), said)]


def _page(request: HttpRequest, report_id: UUID, form: CorrectionForm | None = None, status: int = 200) -> HttpResponse:
    found, case = _found(report_id)
    opened(actor=actor_of(request), kind="report", subject_id=report_id, client_id=found.client_id, case_id=case.id)
    standing, newest = queries.standing(case.id), queries.latest(case.id)
    names = _names(case, standing)
    first = {f"s_{name}": standing.get(name, "") for name in names}
    first |= {"based_on_sha256": found.text_sha256}
    first |= {"category": found.alert_category or "none", "finding": found.alert_finding, "side": found.alert_side}
    looked = form is not None
    form = form or CorrectionForm(names, initial=first)
    different = changes(standing, form.written()) if looked else ()
    context: dict[str, Any] = {
        "report": found,
        "case": case,
        "banner": cases.banner(case.id),
        "form": form,
        "sections": [form[f"s_{name}"] for name in names],
        "newest": newest is not None and newest.id == report_id,
        "looked": looked,
        "changes": different,
        "asked": _asked(request, found, form) if looked else (),
        "seen_sha256": text_hash(canonical_text(form.written())) if looked else "",
        "gates": shut(claims.gates(found.read_id, person_id_of(request))) if found.read_id else (),
    }
    return render(request, "reporting/correct.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs("report.sign")
def correct(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Write the corrected text, look at the difference, sign it; what was not looked at is not signed (H17)."""
    if request.method == "GET":
        return _page(request, report_id)
    found, case = _found(report_id)
    form = CorrectionForm(_names(case, queries.standing(case.id)), request.POST)
    if not form.is_valid() or "sign" not in request.POST:
        return _page(request, report_id, form, 422 if "sign" in request.POST else 200)
    try:
        made = _sign(request, found, form)
    except Refused as refusal:
        form.add_refusal(refusal)
        return _page(request, report_id, form, 422)
    return redirect("reporting:report", report_id=made)


def _sign(request: HttpRequest, found: queries.ReportView, form: CorrectionForm) -> UUID:
    values, actor = form.cleaned_data, actor_of(request)
    purpose = correction_purpose(values["based_on_sha256"], values["seen_sha256"])
    proof = accounts.confirm_presence(actor=actor, method="pin", secret=values["pin"], purpose=purpose)
    made: UUID = actions.correct(
        actor=actor,
        report_id=found.id,
        based_on_sha256=values["based_on_sha256"],
        sections=form.written(),
        seen_sha256=values["seen_sha256"],
        code=values["code"],
        reason=values["reason"],
        presence_token=proof.token,
        answers=form.answers(),
        alert=alert_of(values),
        gate_reason=values["gate_reason"],
    )
    return made
