"""The page of everything that is due, by person and date, and the calendar that a person's own program reads."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts.doors import anyone, needs
from overread.foundation.clock import actions
from overread.foundation.clock import queries as clock
from overread.foundation.clock.calendar_feed import calendar
from overread.foundation.ui.tables import Column, csv_export
from overread.foundation.work.refusals import Conflict, NotFound
from overread.site.registers import page_of

COLUMNS = (
    Column(key="due", title="Due", value=lambda d: timezone.localtime(d.due_at).date()),
    Column(key="title", title="Duty", value=lambda d: d.title),
    Column(key="words", title="What is to be done", value=lambda d: d.words),
    Column(key="owner", title="Person", value=lambda d: d.owner_name),
    Column(key="told", title="Times told", value=lambda d: d.told),
)


def _shown(request: HttpRequest) -> tuple[str, list[clock.DutyView]]:
    """Whose duties: one's own; everybody's, or one person's, for those who may see the registers."""
    person = request.person_view  # type: ignore[attr-defined]
    whose = request.GET.get("of", "mine")
    if whose == "mine" or not person.may("governance.see"):
        return "mine", clock.duties(owner_id=person.id)
    every = clock.duties()
    return whose, [d for d in every if whose in ("all", str(d.owner_id))]


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    person = request.person_view  # type: ignore[attr-defined]
    whose, found = _shown(request)
    at = timezone.now()
    everybody = person.may("governance.see")
    owners = sorted({(str(d.owner_id), d.owner_name) for d in clock.duties() if d.owner_id}, key=lambda o: o[1])
    late = [(d, page_of(d)) for d in found if d.due_at < at]
    coming = [(d, page_of(d)) for d in found if d.due_at >= at]
    context = {
        "whose": whose,
        "everybody": everybody,
        "owners": owners if everybody else [],
        "groups": [("Overdue", late), ("To come", coming)],
        "late": len(late),
        "coming": len(coming),
        "feed_made_at": clock.feed_made_at(person.id),
        **more,
    }
    return render(request, "site/duties.html", context)


@require_GET
@needs("duty.see")
def duties(request: HttpRequest) -> HttpResponseBase:
    """GET /duties/?of=mine, all or a person's id; export=csv gives the same rows as a file."""
    if request.GET.get("export") == "csv":
        return csv_export(_shown(request)[1], COLUMNS, "duties")
    return _page(request)


@require_http_methods(["POST"])
@needs("duty.see")
def feed(request: HttpRequest) -> HttpResponse:
    """POST do=make shows a new secret address once; do=end makes the present one useless."""
    person = request.person_view  # type: ignore[attr-defined]
    actor = request.actor  # type: ignore[attr-defined]
    if request.POST.get("do") == "end":
        actions.end_feed(actor=actor, person_id=person.id)
        return _page(request, ended=True)
    token = actions.make_feed(actor=actor, person_id=person.id)
    return _page(request, address=f"{settings.OVERREAD_URL}/duties/calendar/{token}.ics")


@require_POST
@needs("governance.manage")
def chase(request: HttpRequest, duty_id: UUID) -> HttpResponse:
    """POST /duties/ID/chase/: have the owner told again now, and go back to where the button was."""
    try:
        actions.chase_duty(actor=request.actor, duty_id=duty_id)  # type: ignore[attr-defined]
    except Conflict as refused:
        messages.warning(request, refused.message)
    else:
        messages.success(request, "They are told by mail within minutes.")
    return redirect("shell:home")


@require_GET
@anyone
def calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a secret address; an unknown one and one that was ended are the same."""
    owner_id = clock.feed_owner(token)
    if owner_id is None:
        raise NotFound
    own = clock.duties(owner_id=owner_id)
    links = {d.id: f"{settings.OVERREAD_URL}{page_of(d)}" for d in own}
    answer = HttpResponse(calendar(own, links, timezone.now()), content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


app_name = "duties"
urlpatterns = [
    path("duties/", duties, name="list"),
    path("duties/<uuid:duty_id>/chase/", chase, name="chase"),
    path("duties/calendar/", feed, name="feed"),
    path("duties/calendar/<str:token>.ics", calendar_file, name="calendar"),
]
