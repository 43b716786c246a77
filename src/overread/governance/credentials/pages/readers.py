"""The register, a reader's page, one's own page, and what is recorded there."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.rules import Role
from overread.foundation.registers.sheet_pages import files_of
from overread.foundation.thresholds import current as thresholds
from overread.foundation.ui.forms import OverreadForm
from overread.foundation.ui.tables import Column, csv_export
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotFound, Refused
from overread.governance.credentials import actions, queries
from overread.governance.credentials.forms import CertificateForm, OverrideForm
from overread.governance.credentials.pages.recording import KINDS, SINGLE, form_for
from overread.governance.credentials.pages.recording import record as record_values
from overread.governance.credentials.pages.sheets import SHEETS
from overread.governance.credentials.rules import OF_THE_DAY, shut

COLUMNS = (
    Column(key="name", title="Reader", value=lambda r: r.name),
    Column(key="numbers", title="Registers", value=lambda r: ", ".join(r.numbers)),
    Column(key="checked", title="Last looked up", value=lambda r: r.checked_on or ""),
    Column(key="shut", title="Shut gates", value=lambda r: "; ".join(g.words for g in r.shut)),
    Column(key="first", title="Runs out first", value=lambda r: r.first.last_day if r.first else ""),
    Column(key="what", title="What", value=lambda r: r.first.title if r.first else ""),
)


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    return request.actor  # type: ignore[attr-defined]


def asker(request: HttpRequest) -> PersonView:
    """Who asks, with their roles."""
    return request.person_view  # type: ignore[attr-defined]


def reader(person_id: UUID) -> PersonView:
    """A reader of this provider, or one who was.

    Raises:
        NotFound: there is nobody like that.
    """
    found = accounts.person(person_id)
    if found is None or found.is_client_side:
        raise NotFound
    return found


@require_GET
@needs("governance.manage")
def register(request: HttpRequest) -> HttpResponseBase:
    """GET /credentials/: every reader, who may read and who not, and what runs out first; also as CSV."""
    lines = queries.readers()
    if request.GET.get("export") == "csv":
        return csv_export(lines, COLUMNS, "readers")
    stopped = [line for line in lines if line.shut]
    context = {
        "lines": lines,
        "stopped": len(stopped),
        "today": timezone.localdate(),
        "files": files_of(request, SHEETS.values()),
        "imports": True,
    }
    return render(request, "credentials/register.html", context)


def person_page(
    request: HttpRequest, person_id: UUID, status: int = 200, *, sent: dict[str, OverreadForm] | None = None
) -> HttpResponse:
    """A reader's page, with the forms that were sent back."""
    found, at = reader(person_id), timezone.now()
    held = queries.holdings(person_id)
    forms = sent or {}
    own = asker(request).id == person_id
    gates = queries.general_gates(queries.facts_of([person_id], at=at)[person_id], at=at)
    passable = [(g.gate, g.heading) for g in shut(gates) if not g.hard]
    parts = [
        {
            "what": what,
            "heading": queries.KINDS[what][0],
            "held": held[what],
            "form": forms.get(what) or form_for(what, held=held[what][0] if held[what] and what in SINGLE else None),
            "open": what in forms,
            "again": [(one, form_for(what, held=one)) for one in held[what]] if what == "registration" else [],
            "endable": what in actions.ENDABLE,
        }
        for what in KINDS
    ]
    context: dict[str, Any] = {
        "reader": found,
        "own": own,
        "gates": gates,
        "stops": [g for g in gates if not g.holds and g.gate not in OF_THE_DAY],
        "parts": parts,
        "versions": queries.versions(person_id),
        "overrides": [o for o in queries.overrides(person_id) if o.runs(at)],
        "certificates": queries.certificates(person_id),
        "today": timezone.localdate(),
        "manager": Role.REGISTERED_MANAGER in asker(request).roles,
        "override_form": forms.get("override") or OverrideForm(gates=passable),
        "passable": passable,
        "longest": thresholds.duration("credential.override").total_seconds() // 3600,
        "audit": next((h for h in held["audit"] if h.values["state"] == "under_way"), None),
    }
    return render(request, "credentials/person.html", context, status=status)


@require_GET
@needs("governance.manage")
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """GET /credentials/people/ID/: every gate and why, what is held until when, every version, and what to record."""
    return person_page(request, person_id)


def _key(request: HttpRequest, person_id: UUID, what: str) -> UUID | None:
    """The thing whose next version is recorded: named by the form, or the only one of its kind."""
    held = {str(h.key): h.key for h in queries.holdings(person_id)[what]}
    named = request.POST.get("key", "")
    if named and named not in held:
        raise NotFound
    if named:
        return held[named]
    return next(iter(held.values()), None) if what in SINGLE else None


@require_POST
@needs("governance.manage")
def record(request: HttpRequest, person_id: UUID, what: str) -> HttpResponse:
    """POST /credentials/people/ID/record/WHAT/: one more version of something on record."""
    if what not in KINDS:
        raise NotFound
    reader(person_id)
    form = form_for(what, data=request.POST)
    if form.is_valid():
        try:
            record_values(what, actor_of(request), person_id, form.cleaned_data, _key(request, person_id, what))
        except NotFound:
            raise
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            return redirect("credentials:person", person_id=person_id)
    return person_page(request, person_id, 422, sent={what: form})


@require_POST
@needs("governance.manage")
def end(request: HttpRequest, person_id: UUID, what: str) -> HttpResponse:
    """POST /credentials/people/ID/end/WHAT/ key: take it off the record from now on."""
    reader(person_id)
    held = {str(h.key) for h in queries.holdings(person_id).get(what, ())}
    key = request.POST.get("key", "")
    if key not in held:
        raise NotFound
    actions.end(actor=actor_of(request), what=what, key=UUID(key))
    return redirect("credentials:person", person_id=person_id)


@require_POST
@needs("governance.approve")
def release(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """POST /credentials/people/ID/release/: let a new reader read, on the ground of the entry audit."""
    reader(person_id)
    held = next((h for h in queries.holdings(person_id)["audit"] if h.values["state"] == "under_way"), None)
    if held is None:
        raise NotFound
    actions.release_reader(actor=actor_of(request), key=held.key)
    return redirect("credentials:person", person_id=person_id)


@require_GET
@needs("read.claim")
def mine(request: HttpRequest) -> HttpResponse:
    """GET /credentials/me/: what I hold, what runs out, whether I may read and why, and where to send a certificate."""
    person_id, at = asker(request).id, timezone.now()
    gates = queries.general_gates(queries.facts_of([person_id], at=at)[person_id], at=at)
    held = queries.holdings(person_id)
    context = {
        "gates": gates,
        "stops": [g for g in gates if not g.holds],
        "parts": [(queries.KINDS[what][0], held[what]) for what in KINDS],
        "certificates": queries.certificates(person_id),
        "overrides": [o for o in queries.overrides(person_id) if o.runs(at)],
        "form": CertificateForm(),
        "today": timezone.localdate(),
    }
    return render(request, "credentials/mine.html", context)


@require_GET
@needs("duty.see")
def thing(request: HttpRequest, key: UUID) -> HttpResponse:
    """GET /credentials/thing/KEY/: to the page where something on record is seen to; duties lead here."""
    person_id = queries.person_of(key)
    if person_id is None:
        raise NotFound
    if person_id == asker(request).id and asker(request).may("read.claim"):
        return redirect("credentials:mine")
    if asker(request).may("governance.manage"):
        return redirect("credentials:person", person_id=person_id)
    raise NotFound
