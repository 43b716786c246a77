"""Pages of escalation: the list, one alert, raising one from the reading page, the one-time link."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts.doors import anyone, needs
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import BadInput, NotAllowed, NotFound, Refused
from overread.journey.case import queries as cases
from overread.journey.escalation import actions, queries
from overread.journey.escalation.forms import AcknowledgeForm, CallForm, LinkForm, OverrideForm, RaiseForm
from overread.journey.escalation.rules import Category, link_is_dead

LINK_HOLDER = Actor.system("one-time-link")


def _alert(alert_id: UUID) -> queries.AlertView:
    found = queries.alert(alert_id)
    if found is None:
        raise NotFound
    return found


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


@require_GET
@needs("case.see")
def listing(request: HttpRequest) -> HttpResponse:
    """All alerts: open ones by when they must be taken, then those that were."""
    alerts = queries.recent_alerts()
    banners = {a.case_id: cases.banner(a.case_id) for a in alerts}
    rows = [(a, banners[a.case_id]) for a in alerts]
    context = {"open": [r for r in rows if r[0].is_open], "closed": [r for r in rows if not r[0].is_open]}
    return render(request, "escalation/list.html", {**context, "calls": queries.calls_due()})


def _page(request: HttpRequest, alert: queries.AlertView, **forms: Any) -> HttpResponse:
    attempts = queries.attempts_of(alert.id)
    told = {a.rung: a for a in reversed(attempts) if a.round == alert.round}
    ladder = [(i + 1, rung, told.get(i + 1)) for i, rung in enumerate(queries.ladder_of(alert.client_id))]
    context = {
        "alert": alert,
        "words": queries.category_words()[Category(alert.category)],
        "case": cases.case(alert.case_id),
        "banner": cases.banner(alert.case_id),
        "attempts": attempts,
        "ladder": ladder,
        "calls": [a for a in attempts if a.channel == "phone" and not a.result],
        "staff": request.person_view.may("case.see"),  # type: ignore[attr-defined]
        "mine": alert.raised_by == _actor(request).person_id,
        "form": forms.get("form") or AcknowledgeForm(initial=_initial(request)),
        "call_form": forms.get("call_form") or CallForm(),
        "override_form": forms.get("override_form") or OverrideForm(),
    }
    template = "escalation/alert.html" if context["staff"] else "escalation/alert_client.html"
    return render(request, template, context, status=forms.get("status", 200))


def _initial(request: HttpRequest) -> dict[str, str]:
    person = request.person_view  # type: ignore[attr-defined]
    return {} if person.may("case.see") else {"name": person.full_name}


@require_GET
@needs("case.see")
def detail(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """One alert: the time left, the ladder, every attempt, the six facts."""
    alert = _alert(alert_id)
    _record_opening(request, alert)
    return _page(request, alert)


@require_GET
@needs("portal.see")
def portal(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """The same for the client: what was found, and a form to take it."""
    alert = _alert(alert_id)
    _record_opening(request, alert)
    return _page(request, alert)


def _record_opening(request: HttpRequest, alert: queries.AlertView) -> None:
    opened(
        actor=_actor(request),
        kind="alert",
        subject_id=alert.id,
        client_id=alert.client_id,
        case_id=alert.case_id,
    )


@require_POST
@needs("alert.acknowledge")
def acknowledge(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Take the alert (client), or record who took it by voice (provider)."""
    return _acknowledge(request, alert_id)


@require_POST
@needs("alert.raise")
def acknowledge_told(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """A reader records who took it on the telephone."""
    return _acknowledge(request, alert_id)


def _acknowledge(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    alert = _alert(alert_id)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return _page(request, alert, form=form, status=422)
    staff = request.person_view.may("case.see")  # type: ignore[attr-defined]
    try:
        actions.acknowledge(
            actor=_actor(request), alert_id=alert_id, how="told" if staff else "portal", **form.cleaned_data
        )
    except BadInput as refusal:
        form.add_refusal(refusal)
        return _page(request, alert, form=form, status=422)
    return redirect("escalation:detail" if staff else "escalation:portal", alert_id=alert_id)


@require_POST
@needs("case.see")
def call(request: HttpRequest, alert_id: UUID, attempt_id: UUID) -> HttpResponse:
    """Record what came of a telephone call; no answer sends the ladder on at once."""
    alert = _alert(alert_id)
    form = CallForm(request.POST)
    if not form.is_valid():
        return _page(request, alert, call_form=form, status=422)
    actions.record_result(actor=_actor(request), attempt_id=attempt_id, **form.cleaned_data)
    return redirect("escalation:detail", alert_id=alert_id)


@require_POST
@needs("case.see")
def climb(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Go to the next rung now instead of waiting."""
    alert = _alert(alert_id)
    actions.hasten(actor=_actor(request), alert_id=alert.id)
    return redirect("escalation:detail", alert_id=alert_id)


@require_POST
@needs("alert.acknowledge")
def override(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """A second person closes an alert without an acknowledgement, with a reason."""
    alert = _alert(alert_id)
    person = request.person_view  # type: ignore[attr-defined]
    if not person.may("case.see"):
        raise NotAllowed("Only the provider closes an alert without an acknowledgement.")
    form = OverrideForm(request.POST)
    if not form.is_valid():
        return _page(request, alert, override_form=form, status=422)
    try:
        actions.override(
            actor=_actor(request),
            alert_id=alert_id,
            name=person.full_name,
            role="; ".join(sorted(str(role).replace("_", " ") for role in person.roles)),
            reason=form.cleaned_data["reason"],
        )
    except BadInput as refusal:
        form.add_refusal(refusal)
        return _page(request, alert, override_form=form, status=422)
    return redirect("escalation:detail", alert_id=alert_id)


@require_http_methods(["GET", "POST"])
@needs("alert.raise")
def raise_from_read(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """The alert panel of the reading page: Alt A, then 1 to 4, and the ladder runs."""
    read = cases.read(read_id)
    if read is None:
        raise NotFound
    form = RaiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.raise_alert(actor=_actor(request), case_id=read.case_id, read_id=read_id, **form.cleaned_data)
        if request.headers.get("HX-Request") != "true":
            return redirect(reverse("reading:room", args=[read_id]))
        form = RaiseForm()
    context = {
        "read": read,
        "form": form,
        "alerts": queries.alerts_of_case(read.case_id),
        "categories": list(enumerate(queries.category_words().items(), start=1)),
    }
    return render(request, "escalation/_raise.html", context, status=422 if form.errors else 200)


@require_GET
@needs("case.see")
def case_panel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The alerts of a case, for its page."""
    if cases.case(case_id) is None:
        raise NotFound
    return render(request, "escalation/_case.html", {"alerts": queries.alerts_of_case(case_id)})


@require_http_methods(["GET", "POST"])
@anyone
def one_time(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link: nothing about the patient is shown until the code that was told by voice is given."""
    with open_scope(Scope.everything(), opened_by="one-time-link"):
        link = queries.link_by_token(token)
    if link is None:
        raise NotFound("This link is not known here. Telephone the number in the e-mail.")
    with open_scope(Scope.client(link.client_id), opened_by="one-time-link"):
        response = _one_time(request, link)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _one_time(request: HttpRequest, link: queries.LinkView) -> HttpResponse:
    actions.open_link(actor=LINK_HOLDER, link_id=link.id)
    alert = _alert(link.alert_id)
    context: dict[str, Any] = {"link": link, "alert": alert, "open": alert.is_open, "dead": _dead(link)}
    context["most"] = thresholds.whole("escalation.wrong_codes")
    form = LinkForm(request.POST or None, initial={"name": link.contact_name, "role": link.contact_role})
    if request.method == "POST" and form.is_valid() and not context["dead"]:
        try:
            actions.acknowledge_by_link(actor=LINK_HOLDER, link_id=link.id, **form.cleaned_data)
            return _taken(request, link)
        except Refused as refusal:
            form.add_refusal(refusal)
            if refusal.code == "wrong-code":
                context["left"] = actions.count_wrong_code(actor=LINK_HOLDER, link_id=link.id)
    status = 422 if request.method == "POST" else 200
    return render(request, "escalation/one_time.html", {**context, "form": form}, status=status)


def _dead(link: queries.LinkView) -> bool:
    most = thresholds.whole("escalation.wrong_codes")
    return link_is_dead(used=link.used, wrong_codes=link.wrong_codes, most_wrong_codes=most)


def _taken(request: HttpRequest, link: queries.LinkView) -> HttpResponse:
    alert = _alert(link.alert_id)
    context = {"alert": alert, "banner": cases.banner(alert.case_id), "case": cases.case(alert.case_id)}
    return render(request, "escalation/taken.html", context)
