"""Signing: the very text that will be signed, its checks, the alert, and proof that the signer is there."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from overread.foundation.accounts import actions as accounts
from overread.foundation.accounts import queries as people
from overread.foundation.accounts.doors import needs
from overread.foundation.work.refusals import Conflict, Refused
from overread.governance.credentials.rules import shut
from overread.journey.agreement import queries as agreements
from overread.journey.allocation import queries as claims
from overread.journey.case import queries as cases
from overread.journey.reporting import actions, queries
from overread.journey.reporting.forms import SignForm
from overread.journey.reporting.pages._draft import actor_of, checks_context, person_id_of, read_and_case
from overread.journey.reporting.rules import (
    EDITABLE,
    LABELS,
    Kind,
    canonical_text,
    changes,
    report_purpose,
    text_hash,
    title_of,
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
    read, case = read_and_case(read_id)
    draft = queries.draft(read_id, person_id_of(request))
    if draft is None or not claims.holds(read_id, person_id_of(request)):
        raise _not_to_sign(read)
    text = canonical_text(draft.sections)
    parts = [(LABELS[n], draft.sections.get(n, "")) for n in EDITABLE if draft.sections.get(n, "").strip()]
    earlier = queries.latest(read.case_id)
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
        **checks_context(draft, queries.facts_for(read_id, draft.author_id, alert=alert)),
        "draft": draft,
        "title": title_of(case.read_type),
        "earlier": earlier,
        "changes": changes(queries.standing(read.case_id), draft.sections) if earlier else (),
        "may_be_preliminary": _may_be_preliminary(case, earlier),
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
            raise _not_to_sign(read_and_case(read_id)[0]) from refusal
        if refusal.code == "stale-draft":
            return _sign_page(request, read_id, form, 409, stale=True)
        form.add_refusal(refusal)
    except Refused as refusal:
        form.add_refusal(refusal) if refusal.code == "gates" else form.add_error(None, refusal.message)
    else:
        return redirect("reporting:report", report_id=report_id)
    return _sign_page(request, read_id, form, 422)


def _may_be_preliminary(case: cases.CaseView, earlier: queries.ReportView | None) -> bool:
    """Whether a preliminary report may be signed: it is agreed, and no final one stands (REQ-152)."""
    agreed = agreements.terms_for(case.client_id).preliminary
    return agreed and (earlier is None or earlier.kind == Kind.PRELIMINARY)


def alert_of(values: Mapping[str, Any]) -> dict[str, str] | None:
    """The alert that was chosen, or None."""
    if values["category"] in {"", "none"}:
        return None
    return {name: str(values.get(name) or "") for name in ("category", "finding", "side")}


def _sign(request: HttpRequest, read_id: UUID, values: Mapping[str, Any]) -> UUID:
    actor, alert = actor_of(request), alert_of(values)
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
        alert=alert,
        gate_reason=values["gate_reason"],
        preliminary=values["preliminary"],
    )
