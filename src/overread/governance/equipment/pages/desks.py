"""Pages of equipment: the register, a workstation, where one sits, and the daily look at the test pattern."""

import secrets
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.accounts.rules import Role
from overread.foundation.registers.sheet_pages import files_of
from overread.foundation.ui.tables import Column, csv_export
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotFound, Refused
from overread.governance.equipment import actions, queries
from overread.governance.equipment.formats import pattern
from overread.governance.equipment.forms import DisplayForm, MeasureForm, SeatForm, WorkstationForm
from overread.governance.equipment.pages.sheets import SHEETS
from overread.governance.equipment.queries import DisplayView, WorkstationView
from overread.governance.equipment.rules import QUESTIONS, DisplayAnswers, Readings, digits_for

TURN_LIFE = 3600  # seconds in which a pattern that was shown may be answered
TURN_SALT = "equipment.turn"
CHOSEN = "workstation"  # the session's key for a workstation that was chosen
COOKIE_DAYS = 400


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _person_id(request: HttpRequest) -> UUID:
    return request.person_view.id  # type: ignore[attr-defined]


def _may(request: HttpRequest, permission: str) -> bool:
    return bool(request.person_view.may(permission))  # type: ignore[attr-defined]


# --- the register -------------------------------------------------------------------------------------------------


COLUMNS = (
    Column(key="workstation", title="Workstation", value=lambda r: r[0].name),
    Column(key="place", title="Place", value=lambda r: r[0].place),
    Column(key="owner", title="Who reads there", value=lambda r: r[0].owner_name or "every reader"),
    Column(key="display", title="Display", value=lambda r: r[1].name if r[1] else ""),
    Column(key="size", title="Pixels", value=lambda r: f"{r[1].width_px} x {r[1].height_px}" if r[1] else ""),
    Column(key="last", title="Last test", value=lambda r: r[1].last.tested_on if r[1] and r[1].last else ""),
    Column(key="result", title="Result", value=lambda r: r[1].last.result if r[1] and r[1].last else ""),
    Column(key="due", title="Next test by", value=lambda r: r[1].next_due or "" if r[1] else ""),
    Column(key="faults", title="What speaks against it", value=lambda r: _faults_of(r[1]) if r[1] else ""),
)


def _faults_of(display: DisplayView) -> str:
    return "; ".join(fault.words for fault in display.faults)


def _readers() -> list[tuple[str, str]]:
    return [(str(p.id), p.full_name) for p in accounts.people_with_role(Role.RADIOLOGIST) if p.active]


@require_http_methods(["GET", "POST"])
@needs("governance.see")
def register(request: HttpRequest) -> HttpResponseBase:
    """GET /equipment/: workstations and displays with their state, also as CSV. POST registers a workstation."""
    desks = queries.workstations()
    if request.GET.get("export") == "csv":
        rows = [(desk, display) for desk in desks for display in desk.displays or (None,)]
        return csv_export(rows, COLUMNS, "equipment")
    form, status = WorkstationForm(readers=_readers()), 200
    if request.method == "POST":
        _demand(request)
        form = WorkstationForm(request.POST, readers=_readers())
        made = _record_workstation(request, form, None) if form.is_valid() else None
        if made is not None:
            return redirect("equipment:workstation", workstation_id=made)
        status = 422
    bad = [desk for desk in desks if desk.faults]
    manages = _may(request, "governance.manage")
    files = files_of(request, SHEETS.values())
    context = {"desks": desks, "bad": len(bad), "form": form, "manages": manages, "files": files, "imports": manages}
    return render(request, "equipment/register.html", context, status=status)


def _demand(request: HttpRequest) -> None:
    if not _may(request, "governance.manage"):
        raise NotFound


def _record_workstation(request: HttpRequest, form: WorkstationForm, key: UUID | None) -> UUID | None:
    values = form.cleaned_data
    try:
        owner = UUID(values["owner"]) if values["owner"] else None
        made: UUID = actions.record_workstation(
            actor=_actor(request), name=values["name"], place=values["place"], owner_id=owner, key=key
        )
    except BadInput as refusal:
        form.add_refusal(refusal)
        return None
    return made


def _desk(workstation_id: UUID) -> WorkstationView:
    found = queries.workstation(workstation_id)
    if found is None:
        raise NotFound
    return found


def _desk_page(
    request: HttpRequest, workstation_id: UUID, status: int = 200, **forms: WorkstationForm | DisplayForm
) -> HttpResponse:
    desk = _desk(workstation_id)
    first = {"name": desk.name, "place": desk.place, "owner": str(desk.owner_id or "")}
    context = {
        "desk": desk,
        "checks": queries.checks_of(workstation_id, 20),
        "devices": queries.devices_of(workstation_id),
        "manages": _may(request, "governance.manage"),
        "own": desk.owner_id == _person_id(request),
        "today": timezone.localdate(),
        "display_form": DisplayForm(),
        "desk_form": WorkstationForm(initial=first, readers=_readers()),
        **forms,
    }
    return render(request, "equipment/workstation.html", context, status=status)


@require_GET
@needs("governance.see")
def workstation(request: HttpRequest, workstation_id: UUID) -> HttpResponse:
    """GET /equipment/ID/: its displays and their tests, the looks of the last days, its browsers."""
    return _desk_page(request, workstation_id)


@require_POST
@needs("governance.manage")
def change(request: HttpRequest, workstation_id: UUID) -> HttpResponse:
    """POST do=change, add-display, end, end-display or end-device."""
    desk, do = _desk(workstation_id), request.POST.get("do", "")
    if do == "change":
        form = WorkstationForm(request.POST, readers=_readers())
        if not form.is_valid() or _record_workstation(request, form, desk.id) is None:
            return _desk_page(request, workstation_id, 422, desk_form=form)
    elif do == "add-display":
        added = DisplayForm(request.POST)
        if not added.is_valid() or not _add_display(request, desk.id, added):
            return _desk_page(request, workstation_id, 422, display_form=added)
    elif do == "end":
        actions.end_workstation(actor=_actor(request), key=desk.id)
        return redirect("equipment:register")
    else:
        _end_part(request, desk, do)
    return redirect("equipment:workstation", workstation_id=workstation_id)


def _add_display(request: HttpRequest, workstation_id: UUID, form: DisplayForm) -> bool:
    try:
        actions.record_display(actor=_actor(request), workstation_id=workstation_id, **form.cleaned_data)
    except BadInput as refusal:
        form.add_refusal(refusal)
        return False
    return True


def _end_part(request: HttpRequest, desk: WorkstationView, do: str) -> None:
    key = request.POST.get("key", "")
    if do == "end-display" and key in {str(d.id) for d in desk.displays}:
        actions.end_display(actor=_actor(request), key=UUID(key))
    elif do == "end-device" and key in {str(d.id) for d in queries.devices_of(desk.id)}:
        actions.end_device(actor=_actor(request), device_id=UUID(key))
    else:
        raise NotFound


@require_http_methods(["GET", "POST"])
@needs("governance.see")
def display(request: HttpRequest, display_id: UUID) -> HttpResponse:
    """GET /equipment/displays/ID/: every test of a display. POST records one."""
    found = queries.display(display_id)
    if found is None:
        raise NotFound
    form, status = MeasureForm(initial={"tested_on": timezone.localdate()}), 200
    if request.method == "POST":
        _demand(request)
        form = MeasureForm(request.POST)
        if form.is_valid() and _record_test(request, display_id, form):
            return redirect("equipment:display", display_id=display_id)
        status = 422
    desk = _desk(found.workstation_id)
    own = desk.owner_id == _person_id(request)
    context = {
        "display": found,
        "desk": desk,
        "form": form,
        "tests": queries.tests_of(display_id),
        "limits": queries.limits(),
        "own": own,
        "manages": _may(request, "governance.manage") and not own,
        "today": timezone.localdate(),
    }
    return render(request, "equipment/display.html", context, status=status)


def _record_test(request: HttpRequest, display_id: UUID, form: MeasureForm) -> bool:
    values = dict(form.cleaned_data)
    readings = Readings(*(values.pop(n) for n in ("lmax", "lmin", "gsdf_error", "uniformity", "ambient_lux")))
    try:
        actions.record_test(actor=_actor(request), display_id=display_id, readings=readings, **values)
    except Refused as refusal:
        form.add_refusal(refusal)
        return False
    return True


# --- where one sits, and the look of the day ----------------------------------------------------------------------


def cookie_name() -> str:
    """The name of the cookie that says which workstation a browser is."""
    return "__Host-overread-desk" if settings.SESSION_COOKIE_SECURE else "overread-desk"


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()) else ""


@require_http_methods(["GET", "POST"])
@needs("read.claim")
def sit(request: HttpRequest) -> HttpResponse:
    """GET /equipment/sit/: which workstation is this? POST says it, for this session or for this browser."""
    desks = queries.workstations_for(_person_id(request))
    choices = [(str(d.id), f"{d.name}, {d.place}" if d.place else d.name) for d in desks]
    seat = queries.seat_of(_person_id(request))
    form = SeatForm(request.POST or None, desks=choices, initial={"workstation": str(seat and seat.workstation_id)})
    if request.method == "POST" and form.is_valid():
        return _take(request, UUID(form.cleaned_data["workstation"]), remember=form.cleaned_data["remember"])
    context = {"form": form, "desks": desks, "next": _next(request), "manages": _may(request, "governance.manage")}
    return render(request, "equipment/sit.html", context, status=422 if request.method == "POST" else 200)


def _take(request: HttpRequest, workstation_id: UUID, *, remember: bool) -> HttpResponse:
    actor = _actor(request)
    actions.take_seat(actor=actor, workstation_id=workstation_id, how="chosen")
    request.session[CHOSEN] = str(workstation_id)
    answer = HttpResponseRedirect(_next(request) or "/equipment/check/")
    answer.delete_cookie(cookie_name())
    if remember:
        words = request.headers.get("User-Agent", "A browser")
        secret = actions.remember_device(actor=actor, workstation_id=workstation_id, words=words)
        answer.set_cookie(
            cookie_name(),
            secret,
            max_age=COOKIE_DAYS * 86_400,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer


def _secret() -> bytes:
    return settings.SECRET_KEY.encode()


def _turn(request: HttpRequest, signed: str) -> str:
    """The number of the page that showed the patterns, if it was made for this person within the hour."""
    try:
        person, turn = signing.loads(signed, salt=TURN_SALT, max_age=TURN_LIFE)
    except (signing.BadSignature, ValueError) as error:
        raise BadInput("The pattern is too old. Load the page again and look once more.") from error
    if person != str(_person_id(request)):
        raise BadInput("The pattern was shown to somebody else. Load the page again.")
    return str(turn)


def _seated(request: HttpRequest) -> WorkstationView | None:
    seat = queries.seat_of(_person_id(request))
    return queries.workstation(seat.workstation_id) if seat and seat.workstation_id else None


@require_http_methods(["GET", "POST"])
@needs("read.claim")
def check(request: HttpRequest) -> HttpResponse:
    """GET /equipment/check/: the test pattern of each display, with what to look for. POST keeps the answers."""
    desk = _seated(request)
    if desk is None:
        return redirect("equipment:sit")
    if request.method == "POST":
        try:
            passed = _record_look(request, desk)
        except BadInput as refusal:
            return _check_page(request, desk, refusal.message)
        return redirect(_next(request) or "allocation:worklist") if passed else redirect("equipment:check")
    return _check_page(request, desk)


def _check_page(request: HttpRequest, desk: WorkstationView, refused: str = "") -> HttpResponse:
    signed = signing.dumps([str(_person_id(request)), secrets.token_hex(8)], salt=TURN_SALT)
    last = next((c for c in queries.checks_of(desk.id, 20) if c.person_id == _person_id(request)), None)
    today = last is not None and timezone.localdate(last.at) == timezone.localdate()
    context = {
        "desk": desk,
        "turn": signed,
        "questions": QUESTIONS.items(),
        "last": last if today else None,
        "refused": refused,
        "next": _next(request),
    }
    return render(request, "equipment/check.html", context, status=422 if refused else 200)


def _record_look(request: HttpRequest, desk: WorkstationView) -> bool:
    turn = _turn(request, request.POST.get("turn", ""))
    given = [
        DisplayAnswers(
            name=d.name,
            digits=request.POST.get(f"digits-{d.id}", ""),
            yes=frozenset(key for key in QUESTIONS if request.POST.get(f"{key}-{d.id}") == "yes"),
        )
        for d in desk.reading
    ]
    passed: bool = actions.record_look(
        actor=_actor(request),
        workstation_id=desk.id,
        answers=given,
        expected={d.name: digits_for(_secret(), str(d.id), turn) for d in desk.reading},
        dim=request.POST.get("dim") == "yes",
        words=request.POST.get("words", ""),
    )
    return passed


@require_GET
@needs("read.claim")
def picture(request: HttpRequest, display_id: UUID) -> HttpResponse:
    """GET /equipment/displays/ID/pattern.png?turn=…: the pattern with the digits that this page asks for."""
    turn = _turn(request, request.GET.get("turn", ""))
    if queries.display(display_id) is None:
        raise NotFound
    data = pattern(digits_for(_secret(), str(display_id), turn))
    return HttpResponse(data, content_type="image/png", headers={"Cache-Control": "no-store"})
