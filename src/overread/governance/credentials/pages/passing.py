"""Overrides: what the registered manager let pass, why, until when, and what it opened."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.accounts.rules import Role
from overread.foundation.ui.tables import Column, csv_export
from overread.foundation.work.refusals import NotFound, Refused
from overread.governance.credentials import actions, queries
from overread.governance.credentials.forms import OverrideForm
from overread.governance.credentials.pages.readers import actor_of, asker, person_page, reader
from overread.governance.credentials.rules import GATE_WORDS

COLUMNS = (
    Column(key="person", title="Reader", value=lambda o: o.person_name),
    Column(key="gate", title="Gate", value=lambda o: o.heading),
    Column(key="why", title="Reason", value=lambda o: o.why),
    Column(key="by", title="Let pass by", value=lambda o: o.by_name),
    Column(key="since", title="From", value=lambda o: timezone.localtime(o.since)),
    Column(key="until", title="Until", value=lambda o: timezone.localtime(o.until)),
)


@require_GET
@needs("governance.see")
def overrides(request: HttpRequest) -> HttpResponseBase:
    """GET /credentials/overrides/: every override there was, those that run first; also as CSV."""
    found = queries.overrides()
    if request.GET.get("export") == "csv":
        return csv_export(found, COLUMNS, "overrides")
    at = timezone.now()
    context = {
        "running": [o for o in found if o.runs(at)],
        "past": [o for o in found if not o.runs(at)],
        "manager": Role.REGISTERED_MANAGER in asker(request).roles,
        "manages": asker(request).may("governance.manage"),
    }
    return render(request, "credentials/overrides.html", context)


@require_POST
@needs("people.manage")
def override(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """POST /credentials/people/ID/override/: let a reader pass a soft gate for some hours, with a written reason."""
    reader(person_id)
    form = OverrideForm(request.POST, gates=GATE_WORDS.items())
    if form.is_valid():
        values = form.cleaned_data
        until = timezone.now() + timedelta(hours=values["hours"])
        try:
            actions.override(
                actor=actor_of(request), person_id=person_id, gate=values["gate"], why=values["why"], until=until
            )
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("credentials:person", person_id=person_id)
    return person_page(request, person_id, 422, sent={"override": form})


@require_POST
@needs("people.manage")
def withdraw(request: HttpRequest, key: UUID) -> HttpResponse:
    """POST /credentials/overrides/KEY/withdraw/: end an override before its time."""
    found = queries.override_by_key(key)
    if found is None or not found.runs(timezone.now()):
        raise NotFound
    actions.withdraw_override(actor=actor_of(request), key=key)
    return redirect("credentials:overrides")
