"""Pages of cases: the list with its search, and the page that tells one case's whole story."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts.doors import in_chunks, needs
from overread.foundation.accounts.queries import names
from overread.foundation.clients import queries as clients
from overread.foundation.thresholds import current as thresholds
from overread.foundation.ui.tables import Column, ListState, csv_export, keep_filter, kept_filter, list_state
from overread.foundation.ui.values import PatientBanner
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound, Refused
from overread.journey.agreement.queries import terms_for
from overread.journey.case import actions, queries, rules
from overread.journey.case.forms import PauseForm, PriorityForm, ReasonForm
from overread.journey.case.queries import CaseSearch, CaseView
from overread.journey.case.rules import Interval, Move, State
from overread.journey.patient.queries import patient as patient_of
from overread.journey.patient.rules import SEX_WORDS, PatientView, age_words

PAGE = 50
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": ("Open", tuple(s.value for s in rules.State if s in rules.UNFINISHED)),
    "waiting": ("Waiting", ("awaiting_images", "awaiting_referral", "held")),
    "reading": ("To read", ("ready", "claimed")),
    "done": ("Delivered", ("delivered", "closed")),
    "all": ("All", ()),
}
STATE_LOOKS = {
    "awaiting_images": ("hold", "hourglass-split"),
    "awaiting_referral": ("hold", "hourglass-split"),
    "ready": ("idle", "circle"),
    "claimed": ("info", "lock"),
    "reported": ("info", "pencil"),
    "delivering": ("info", "send"),
    "delivered": ("ok", "check2-all"),
    "closed": ("ok", "check2-all"),
    "held": ("hold", "pause-circle"),
    "cancelled": ("idle", "x-circle"),
}
SIDE_WORDS = {"L": "Left", "R": "Right", "B": "Both sides"}
PRIORITY_LOOKS = {"routine": "idle", "urgent": "urg", "emergency": "crit"}
LEVELS = {"story": ("story",), "reads": ("story", "reads"), "rows": ("story", "reads", "rows")}


@dataclass(frozen=True)
class StateBadge:
    """A state of a case in word, colour and icon."""

    state: str
    word: str
    icon: str


@dataclass(frozen=True)
class ClockShown:
    """One clock as the page draws it: how much of how much, in words and percent."""

    title: str
    used: str
    allowed: str
    percent: int
    state: str
    detail: str


def state_badge(state: str) -> StateBadge:
    """How a state of a case looks."""
    look, icon = STATE_LOOKS[state]
    return StateBadge(look, rules.STATE_WORDS[State(state)], icon)


def _person(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _client_choices(request: HttpRequest) -> list[clients.ClientView]:
    return [c for c in clients.clients_active() if c.id in request.person_view.client_ids]  # type: ignore[attr-defined]


def _wanted(request: HttpRequest) -> tuple[CaseSearch, str, ListState]:
    """What the address asks for: which cases, in words, and in which order; anything unknown is left out."""
    show = request.GET.get("show", "open")
    state = listed(show)
    label, states = state if state else GROUPS["open"]
    sort = "due" if show in ("open", "reading") else "-opened"
    state_of_list = list_state(request, queries.SORTS, ("priority", "client", "modality"), sort)
    chosen = next((c.id for c in _client_choices(request) if str(c.id) == request.GET.get("client")), None)
    priority = request.GET.get("priority", "")
    wanted = CaseSearch(
        text=kept_filter(request, request.GET.get("find", "")).get("text", ""),
        states=states,
        priority=priority if priority in PRIORITY_LOOKS else "",
        client_id=chosen,
        modality=request.GET.get("modality", "")[:16],
        order=f"-{state_of_list.sort}" if state_of_list.descending else state_of_list.sort,
    )
    return wanted, label, state_of_list


def listed(show: str) -> tuple[str, tuple[str, ...]] | None:
    """A part of the list by its name in the address, as (words, states): a group, or one state of a case."""
    if show in GROUPS:
        return GROUPS[show]
    return (rules.STATE_WORDS[State(show)], (show,)) if show in set(State) else None


@needs("case.see")
@require_http_methods(["GET", "POST"])
def case_list(request: HttpRequest) -> HttpResponse:
    """The list of cases. A search is posted and kept in the session, so that no name stands in an address."""
    if request.method == "POST":
        token = keep_filter(request, {"text": request.POST.get("q", "")[:100]})
        return redirect(f"{request.path}?show=all&find={token}")
    wanted, label, state_of_list = _wanted(request)
    show = request.GET.get("show", "open")
    start = int(request.GET["from"]) if request.GET.get("from", "").isdecimal() else 0
    rows, more = queries.search(wanted, limit=PAGE, offset=start)
    late = sum(1 for r in rows if r.case.due_at and not r.case.accepted_at and r.case.due_at < timezone.now())
    context = {
        "rows": [(r, state_badge(r.case.state), PRIORITY_LOOKS[r.case.priority]) for r in rows],
        "text": wanted.text,
        "wanted": wanted,
        "show": show,
        "label": label,
        "groups": [(key, words) for key, (words, _) in GROUPS.items()],
        "clients": _client_choices(request),
        "modalities": queries.modalities_in_use(),
        "priorities": list(PRIORITY_LOOKS),
        "narrowed": bool(wanted.priority or wanted.client_id or wanted.modality),
        "late": late,
        "next_from": start + PAGE if more else None,
        "start": start,
        "find": request.GET.get("find", ""),
        "list_state": state_of_list,
    }
    return render(request, "case/list.html", context)


def _minute(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(" ", "minutes") if moment else ""


EXPORTED = (
    Column(key="number", title="Case", value=lambda r: r.case.number),
    Column(key="state", title="State", value=lambda r: rules.STATE_WORDS[State(r.case.state)]),
    Column(key="priority", title="Priority", value=lambda r: r.case.priority),
    Column(key="client", title="Client", value=lambda r: r.client_name),
    Column(key="patient", title="Patient", value=lambda r: r.patient.name if r.patient else ""),
    Column(key="nhs", title="NHS number", value=lambda r: r.patient.nhs_number if r.patient else ""),
    Column(key="born", title="Born", value=lambda r: r.patient.birth_date if r.patient else None),
    Column(key="examination", title="Examination", value=lambda r: r.case.procedure or r.case.modality),
    Column(key="side", title="Side", value=lambda r: SIDE_WORDS.get(r.case.laterality, "")),
    Column(key="accession", title="Accession", value=lambda r: r.case.accession),
    Column(key="referral", title="Referral", value=lambda r: r.case.referral_number),
    Column(key="opened", title="Opened", value=lambda r: _minute(r.case.opened_at)),
    Column(key="due", title="Due", value=lambda r: _minute(r.case.due_at)),
    Column(key="accepted", title="Report accepted", value=lambda r: _minute(r.case.accepted_at)),
)


@needs("case.see")
@require_GET
def case_export(request: HttpRequest) -> HttpResponseBase:
    """The list as it is filtered and sorted, as a file for a spreadsheet; who takes it is in the ledger first."""
    wanted, _, _ = _wanted(request)
    found = queries.found_ids(wanted)
    actions.record_export(actor=_person(request), found=found)
    ids = [case_id for case_id, _ in found]
    return csv_export(in_chunks(request.person_view.id, ids, queries.rows_in_order), EXPORTED, "cases")  # type: ignore[attr-defined]


def banner_of(case: CaseView, patient: PatientView | None, client_name: str, on: Any = None) -> PatientBanner:
    """The patient's line on top of a page about this case."""
    return PatientBanner(
        family=patient.family if patient else "",
        given=patient.given if patient else "",
        sex=SEX_WORDS.get(patient.sex, "") if patient else "",
        age=age_words(patient.birth_date, on or timezone.localdate()) if patient and patient.birth_date else "",
        born=f"{patient.birth_date:%d %b %Y}" if patient and patient.birth_date else "",
        nhs_number=patient.nhs_number if patient else "",
        identifier=patient.identifier if patient else "",
        examination=case.procedure or case.modality,
        side=SIDE_WORDS.get(case.laterality, ""),
        accession=case.accession,
        client_name=client_name,
    )


def _clock(title: str, used: timedelta, allowed: timedelta, *, stopped: bool, detail: str) -> ClockShown:
    share = used / allowed if allowed else 0.0
    warn = thresholds.value("turnaround.warn_share") / 100
    state = (
        ("ok" if share <= 1 else "crit") if stopped else ("crit" if share > 1 else "urg" if share > warn else "info")
    )
    return ClockShown(
        title, rules.span_words(used), rules.span_words(allowed), round(100 * min(share, 1)), state, detail
    )


def _clocks(case: CaseView, now: datetime) -> list[ClockShown]:
    pauses = queries.pauses_of(case.id)
    spans = [Interval(p.from_at, p.to_at) for p in pauses]
    found = []
    for clock in queries.clocks_of(case.id):
        end = clock.accepted_at or now
        used = rules.elapsed(clock.received_at, spans, end)
        title = "Last image and referral to accepted" if clock.number == 1 else "Late images to accepted"
        detail = f"Agreed for {case.priority}. " + (f"Paused {len(pauses)} times." if pauses else "No pauses.")
        allowed = timedelta(minutes=clock.allowance_minutes)
        found.append(_clock(title, used, allowed, stopped=clock.accepted_at is not None, detail=detail))
    if case.acquired_at and case.acquired_at < now:
        end = case.accepted_at or now
        used = max(timedelta(), end - case.acquired_at)
        stopped = case.accepted_at is not None
        ceiling = thresholds.duration("turnaround.ceiling")
        found.append(_clock("Scan to accepted", used, ceiling, stopped=stopped, detail="National ceiling."))
    return found


def _shares(case: CaseView, now: datetime) -> tuple[rules.Share, ...]:
    if case.received_at is None:
        return ()
    clocks = queries.clocks_of(case.id)
    reads = [r for r in queries.reads_of(case.id) if r.kind == "first"]
    claimed = reads[0].claimed_at if reads else None
    signed = reads[0].signed_at if reads else None
    return rules.shares(clocks[0].received_at, claimed, signed, clocks[0].accepted_at, now) if clocks else ()


def _days(lines: list[queries.Line]) -> list[tuple[Any, list[queries.Line]]]:
    """Lines by day, so that each day is named once."""
    days: list[tuple[Any, list[queries.Line]]] = []
    for line in lines:
        day = timezone.localtime(line.at).date()
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(line)
    return days


def _found(case_id: UUID) -> CaseView:
    case = queries.case(case_id)
    if case is None:
        raise NotFound
    return case


def _moves(request: HttpRequest, case: CaseView) -> dict[str, Any]:
    """The forms that this person may use on the case now."""
    if not request.user.has_perm("hold.resolve"):
        return {}
    state = State(case.state)
    forms: dict[str, Any] = {}
    if rules.next_state(state, Move.HOLD):
        forms["hold"] = ReasonForm(auto_id="hold_%s")
    if state is State.HELD:
        forms["release"] = True
    if rules.next_state(state, Move.CANCEL):
        forms["cancel"] = ReasonForm(auto_id="cancel_%s")
    if case.due_at and not case.accepted_at:
        if any(p.to_at is None for p in queries.pauses_of(case.id)):
            forms["resume"] = True
        else:
            forms["pause"] = PauseForm(codes=terms_for(case.client_id).pause_codes, auto_id="pause_%s")
    if state in rules.UNFINISHED and state not in rules.SIGNED:
        forms["priority"] = PriorityForm(initial={"priority": case.priority}, auto_id="priority_%s")
    return forms


@needs("case.see")
@require_GET
def case_detail(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One page that tells a case's whole story: what happened, clocks, images, reads, and panels of later stages."""
    case = _found(case_id)
    opened(actor=_person(request), kind="case", subject_id=case.id, client_id=case.client_id, case_id=case.id)
    now = timezone.now()
    level = request.GET.get("view", "story")
    lines = queries.story(case_id)
    studies = queries.studies_of(case_id)
    reads = queries.reads_of(case_id)
    client = clients.client(case.client_id)
    patient = patient_of(case.patient_id) if case.patient_id else None
    on = next((s.study_date for s in studies if s.study_date), None)
    pauses = queries.pauses_of(case_id)
    context = {
        "case": case,
        "badge": state_badge(case.state),
        "patient_name": patient.name if patient else "Patient not known",
        "priority_look": PRIORITY_LOOKS[case.priority],
        "banner": banner_of(case, patient, client.name if client else "", on),
        "days": _days([line for line in lines if line.level in LEVELS.get(level, LEVELS["story"])]),
        "view": level if level in LEVELS else "story",
        "counts": {key: sum(line.level in kinds for line in lines) for key, kinds in LEVELS.items()},
        "clocks": _clocks(case, now),
        "shares": [(s.words, rules.span_words(s.time), s.percent) for s in _shares(case, now)],
        "studies": studies,
        "reads": [(r, rules.ReadState(r.state)) for r in reads],
        "readers": names({r.reader_id for r in reads if r.reader_id}),
        "paused": next((p for p in pauses if p.to_at is None), None),
        "clock_runs": case.due_at is not None and case.accepted_at is None,
        "forms": _moves(request, case),
        "entries": len(lines),
    }
    return render(request, "case/detail.html", context)


def _hold(request: HttpRequest, case: CaseView) -> str:
    actions.hold_case(actor=_person(request), case_id=case.id, reason=request.POST.get("reason", ""))
    return "The case is held. Nobody can read it until it is released."


def _release(request: HttpRequest, case: CaseView) -> str:
    actions.release_case(actor=_person(request), case_id=case.id)
    return "The case is released."


def _cancel(request: HttpRequest, case: CaseView) -> str:
    actions.cancel_case(actor=_person(request), case_id=case.id, reason=request.POST.get("reason", ""))
    return "The case is cancelled. Its images and its story stay."


def _pause(request: HttpRequest, case: CaseView) -> str:
    actions.pause_clock(actor=_person(request), case_id=case.id, reason=request.POST.get("reason", ""))
    return "The clock stands still. It runs on when you say so."


def _resume(request: HttpRequest, case: CaseView) -> str:
    actions.resume_clock(actor=_person(request), case_id=case.id)
    return "The clock runs again; the due time has moved by the length of the pause."


def _priority(request: HttpRequest, case: CaseView) -> str:
    given = {name: request.POST.get(name, "") for name in ("priority", "reason")}
    actions.set_priority(actor=_person(request), case_id=case.id, **given)
    return "The priority is changed, and the due time with it."


VERBS: dict[str, Callable[[HttpRequest, CaseView], str]] = {
    "hold": _hold,
    "release": _release,
    "cancel": _cancel,
    "pause": _pause,
    "resume": _resume,
    "priority": _priority,
}


@needs("hold.resolve")
@require_POST
def case_do(request: HttpRequest, case_id: UUID, verb: str) -> HttpResponse:
    """Hold, release or cancel a case, pause or resume its clock, change its priority."""
    case = _found(case_id)
    if verb not in VERBS:
        raise NotFound
    try:
        messages.success(request, VERBS[verb](request, case))
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("case:detail", case_id=case.id)


@require_GET
@needs("case.see")
def turnaround_panel(request: HttpRequest) -> HttpResponse:
    """How each client's clocks stand now, for the manager's home (REQ-21)."""
    at = timezone.now()
    rows = [(row, known.name) for known in clients.clients_active() for row in [queries.turnaround_now(known.id, at)]]
    context = {"rows": [(row, name) for row, name in rows if row.weeks or row.open], "at": at}
    return render(request, "case/_turnaround.html", context)
