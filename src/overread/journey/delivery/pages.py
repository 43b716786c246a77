"""Pages of delivery: the client's portal, the homes of manager and administrator, and what failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.thresholds import current as thresholds
from overread.foundation.ui.slots import todo_for
from overread.foundation.ui.tables import keep_filter, kept_filter
from overread.foundation.ui.values import State as Shade
from overread.foundation.work.actor import Actor
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound
from overread.journey.case import queries as cases
from overread.journey.case.rules import STATE_WORDS
from overread.journey.case.rules import State as CaseState
from overread.journey.delivery import actions, queries
from overread.journey.delivery.rules import fits_into_day
from overread.journey.escalation import queries as escalation
from overread.journey.reception import queries as reception
from overread.journey.referral import queries as referrals
from overread.journey.reporting import queries as reports
from overread.journey.reporting.rules import LABELS, SECTIONS, Kind


@dataclass(frozen=True)
class Line:
    """One study of a client: whom, what, where it is, and its report."""

    patient: str
    nhs_number: str
    examination: str
    case_number: str
    where: str
    shade: Shade
    due_at: datetime | None
    received_at: datetime | None
    report_id: UUID | None
    opened_at: datetime | None
    alert_id: UUID | None
    url: str


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


# --- what must I do now, and by when ------------------------------------------------------------------------------


@require_GET
@needs("case.see")
def today(request: HttpRequest) -> HttpResponse:
    """The home of administrator, clinical lead and those who look after records and people: one ordered list."""
    items = todo_for(request)
    day = thresholds.whole("office.minutes_a_day")
    fitting = fits_into_day([i.minutes for i in items], day)
    context = {
        "items": items,
        "today": items[:fitting],
        "later": items[fitting:],
        "minutes": sum(i.minutes for i in items[:fitting]),
        "day": day,
        "may_refer": request.user.has_perm("referral.match"),
        "now": timezone.now(),
    }
    return render(request, "delivery/today.html", context)


@require_GET
@needs("people.manage")
def manager(request: HttpRequest) -> HttpResponse:
    """The registered manager's home: patients and duties at risk first."""
    counts = cases.counts_by_state()
    signed = reports.signed_since(timezone.now() - timedelta(days=7))
    states = [(s.value, STATE_WORDS[s], counts[s.value]) for s in CaseState if counts.get(s.value)]
    context = {"items": todo_for(request), "states": states, "signed": len(signed), "now": timezone.now()}
    return render(request, "delivery/manager.html", context)


# --- what failed --------------------------------------------------------------------------------------------------


@require_GET
@needs("delivery.resend")
def failed(request: HttpRequest) -> HttpResponse:
    """Deliveries that need a person, and those being tried again."""
    rows = [(d, cases.case(d.case_id), queries.attempts_of(d.id)) for d in queries.failed()]
    trying = [(d, cases.case(d.case_id)) for d in queries.troubled()]
    return render(request, "delivery/failed.html", {"rows": rows, "trying": trying})


@require_POST
@needs("delivery.resend")
def resend(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send again."""
    actions.resend(actor=_actor(request), delivery_id=delivery_id)
    return redirect("delivery:failed")


@require_POST
@needs("report.sign")
def recall(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Stop a report that has not left."""
    actions.recall(actor=_actor(request), report_id=report_id)
    return redirect("reporting:report", report_id=report_id)


@require_GET
@needs("case.see")
def case_panel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The deliveries of a case: sent, accepted and opened apart."""
    if cases.case(case_id) is None:
        raise NotFound
    return render(request, "delivery/_facts.html", {"deliveries": queries.deliveries_of_case(case_id)})


@require_GET
@needs("case.see")
def report_panel(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The deliveries of a version, with the way to recall it while it has not left."""
    found = queries.deliveries_of_report(report_id)
    report = reports.report(report_id)
    if report is None:
        raise NotFound
    waiting = bool(found) and all(d.state == "waiting" for d in found)
    mine = report.signed_by_id == _actor(request).person_id
    context = {"deliveries": found, "report_id": report_id, "may_recall": waiting and mine}
    return render(request, "delivery/_facts.html", context)


# --- the client's portal ------------------------------------------------------------------------------------------


WHAT = {Kind.PRELIMINARY: "Preliminary report", Kind.CORRECTED: "Corrected report", Kind.ADDENDUM: "Addendum"}


def _where(case: cases.CaseView | None, published: queries.DeliveryView | None, kind: str) -> tuple[str, Shade]:
    if published is not None:
        what = WHAT.get(Kind(kind), "Report")
        if published.opened_at:
            return f"{what} opened {published.opened_at:%d %b}", "info" if kind == Kind.PRELIMINARY else "ok"
        return f"{what} here, not opened", "warn"
    if case is None:
        return "Taken", "idle"
    shade: Shade = "info" if case.state in {CaseState.CLAIMED, CaseState.REPORTED} else "idle"
    if case.state in {CaseState.HELD, CaseState.AWAITING_IMAGES}:
        shade = "hold"
    return STATE_WORDS[CaseState(case.state)], shade


@dataclass(frozen=True)
class _Known:
    """What the lines of the portal are made of, read once for all of them."""

    cases: dict[UUID, cases.CaseView]
    published: dict[UUID, queries.DeliveryView]
    kinds: dict[UUID, str]
    alerts: dict[UUID, UUID]


def _known(found: list[referrals.ReferralView], alerts: list[escalation.AlertView]) -> _Known:
    case_ids = {one.case_id for one in found if one.case_id} | {one.case_id for one in alerts}
    published = queries.newest_published(case_ids)
    return _Known(
        cases=cases.cases(case_ids),
        published=published,
        kinds=reports.kinds_of(one.report_id for one in published.values()),
        alerts={one.case_id: one.id for one in reversed(alerts)},
    )


def _line(referral: referrals.ReferralView, known: _Known) -> Line:
    case = known.cases.get(referral.case_id) if referral.case_id else None
    published = known.published.get(case.id) if case else None
    alert_id = known.alerts.get(case.id) if case else None
    kind = known.kinds.get(published.report_id, "") if published else ""
    words, shade = _where(case, published, kind)
    return Line(
        patient=referral.name,
        nhs_number=referral.nhs_number,
        examination=referral.procedure,
        case_number=case.number if case else referral.number,
        where="Alert: somebody must take it" if alert_id else words,
        shade="crit" if alert_id else shade,
        due_at=case.due_at if case and not case.accepted_at and (not published or kind == Kind.PRELIMINARY) else None,
        received_at=case.received_at if case else None,
        report_id=published.report_id if published else None,
        opened_at=published.opened_at if published else None,
        alert_id=alert_id,
        url=reverse("referral:detail", args=[referral.id]),
    )


@require_http_methods(["GET", "POST"])
@needs("portal.see")
def portal(request: HttpRequest) -> HttpResponse:
    """Where is my study, my report, my alert. A search is posted and kept in the session: no name stands in an address."""
    if request.method == "POST":
        token = keep_filter(request, {"text": request.POST.get("q", "")[:100]})
        return redirect(f"{request.path}?find={token}")
    text = kept_filter(request, request.GET.get("find", "")).get("text", "").strip()
    alerts, found = escalation.open_alerts(), referrals.referrals(text=text)
    known = _known(found, alerts)
    lines = [_line(one, known) for one in found]
    unmatched = [] if text else reception.studies_without_case()
    unopened = [line for line in lines if line.report_id and not line.opened_at]
    asked = referrals.open_queries("client")
    cased = cases.cases({q.case_id for q in asked})
    context = {
        "lines": lines,
        "text": text,
        "alerts": [(one, known.cases[one.case_id]) for one in alerts if one.case_id in known.cases],
        "unopened": unopened,
        "unmatched": unmatched,
        "questions": [(q, cased[q.case_id]) for q in asked if q.case_id in cased and cased[q.case_id].referral_id],
    }
    return render(request, "delivery/portal.html", context)


def _published(report_id: UUID) -> tuple[queries.DeliveryView, reports.ReportView]:
    view, report = queries.published_report(report_id), reports.report(report_id)
    if view is None or report is None:
        raise NotFound
    return view, report


def _newer(report: reports.ReportView) -> reports.ReportView | None:
    """The newest published version that took the place of this one, or adds to it."""
    later = (r for r in reversed(reports.reports_of(report.case_id)) if r.number > report.number)
    return next((r for r in later if queries.published_report(r.id)), None)


def _open(request: HttpRequest, view: queries.DeliveryView) -> None:
    opened(
        actor=_actor(request),
        kind="report",
        subject_id=view.report_id,
        client_id=view.client_id,
        case_id=view.case_id,
    )
    name = request.person_view.full_name  # type: ignore[attr-defined]
    actions.mark_opened(actor=_actor(request), delivery_id=view.id, by=name)


@require_GET
@needs("portal.see")
def portal_report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """A report in the portal; opening it is a fact of its own."""
    view, report = _published(report_id)
    _open(request, view)
    context = {
        "report": report,
        "parts": [(LABELS[n], t) for n in SECTIONS if (t := report.sections.get(n, "")).strip()],
        "before": reports.report(report.adds_to_id) if report.adds_to_id else None,
        "changes": reports.differences(report),
        "newer": _newer(report),
        "banner": cases.banner(report.case_id),
        "case": cases.case(report.case_id),
        "versions": [r for r in reports.reports_of(report.case_id) if queries.published_report(r.id)],
        "alerts": escalation.alerts_of_case(report.case_id),
    }
    return render(request, "delivery/portal_report.html", context)


@require_GET
@needs("portal.see")
def portal_pdf(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """The PDF of a report in the portal."""
    view, report = _published(report_id)
    made = reports.file_of(report_id, "pdf")
    if made is None:
        raise NotFound
    _open(request, view)
    data = current().read_range(made.key, 0, made.length)
    name = f"{report.facts.get('case', 'report')}-v{report.number}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)
