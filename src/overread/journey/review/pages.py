"""Pages of peer review: what waits for me, one review, draws, bundles, an external reviewer's desk, a reader's profile."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.doors import needs
from overread.foundation.blobs.current import current
from overread.foundation.registers.pages import person_of
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.register import Register
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.actor import Actor
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound, Refused
from overread.journey.case import queries as cases
from overread.journey.reporting import queries as reports
from overread.journey.reporting.rules import LABELS, SECTIONS
from overread.journey.review import actions, queries
from overread.journey.review.forms import GradeForm, JudgeForm, ReflectForm, ReleaseForm, RouteForm
from overread.journey.review.queries import ReviewView
from overread.journey.review.rules import appointment
from overread.journey.review.rules.steps import ACT_WORDS, JUDGED, Act, Step

REFUSED = 422
FEW = (
    "One writes, one reviews, and nobody is left to arbitrate. So {} % of the sample and every arbitration go to an external "
    "reviewer, who sees them without identity; who is too often paired with the same author cannot be avoided either."
)


def _actor(request: HttpRequest) -> Actor:
    return Actor.person(person_of(request).id)


def _decides(request: HttpRequest) -> bool:
    return person_of(request).may("governance.approve")


def _line(view: ReviewView, step: Step) -> dict[str, Any]:
    words = ACT_WORDS[step.act] if not step.outside else f"{ACT_WORDS[step.act]}, outside"
    return {"view": view, "step": step, "words": words, "due": queries.due_on(view, step)}


@require_GET
@needs("worklist.read")
def listing(request: HttpRequest) -> HttpResponseBase:
    """GET /reviews/: what waits for this person; for those who decide, all open reviews, draws and bundles as well."""
    person = person_of(request)
    found = [(view, queries.steps_of(view)) for view in queries.open_reviews()]
    mine = [_line(v, s) for v, all_steps in found for s in all_steps if queries.may_judge(v, s, person.id)]
    decides = _decides(request)
    everything = [
        _line(v, s) for v, all_steps in found for s in all_steps if v.author_id != person.id or s.act is Act.REFLECT
    ]
    context = {
        "mine": sorted(mine, key=lambda line: line["due"]),
        "everything": sorted(everything, key=lambda line: line["due"]) if decides else [],
        "decides": decides,
        "draws": queries.draws()[:12] if decides else [],
        "bundles": queries.bundles_to_check() if decides else [],
        "few": queries.are_few(),
        "few_text": FEW.format(thresholds.whole("peer_review.external_share")),
        "share": thresholds.whole("peer_review.external_share"),
        "percent": thresholds.whole("peer_review.percent"),
        "least": thresholds.whole("peer_review.min_cases"),
        "outsiders": len(queries.outsiders()),
        "reads": person.may("report.sign"),
    }
    return render(request, "review/list.html", context)


def _found(request: HttpRequest, review_id: UUID) -> ReviewView:
    """The review, if this person has to do with it: as judge, as author once it is graded, or as one who decides."""
    view = queries.review(review_id)
    if view is None:
        raise NotFound
    person = person_of(request)
    author = view.author_id == person.id
    judged = any(g.grader_id == person.id for g in view.grades)
    may = bool(queries.steps_for(view, person.id)) or judged or (_decides(request) and not author)
    if not may and not (author and view.grades):
        raise NotFound
    return view


def _page(request: HttpRequest, view: ReviewView, status: int = 200, **forms: Any) -> HttpResponse:
    person = person_of(request)
    mine = queries.steps_for(view, person.id)
    judging = next((s for s in mine if s.act in JUDGED), None)
    author = view.author_id == person.id
    report, case = reports.report(view.report_id), cases.case(view.case_id)
    opened(
        actor=_actor(request), kind="report", subject_id=view.report_id, client_id=view.client_id, case_id=view.case_id
    )
    blind = judging is not None and judging.act is Act.GRADE
    context = {
        "view": view,
        "sections": [(LABELS[n], report.sections[n]) for n in SECTIONS if report and report.sections.get(n)],
        "question": case.question if case else "",
        "judging": judging,
        "judging_words": ACT_WORDS[judging.act] if judging else "",
        "grades": [] if blind else view.grades,
        "act_words": {str(a): ACT_WORDS[a] for a in Act},
        "open": [_line(view, s) for s in queries.steps_of(view)],
        "reflecting": any(s.act is Act.REFLECT for s in mine),
        "correcting": any(s.act is Act.CORRECT for s in mine),
        "author": author,
        "decides": _decides(request) and not author,
        "few": queries.are_few(),
        "grade_form": forms.get("grade_form") or JudgeForm(),
        "reflect_form": forms.get("reflect_form") or ReflectForm(),
        "route_form": forms.get("route_form") or RouteForm(),
    }
    return render(request, "review/one.html", context, status=status)


@require_GET
@needs("worklist.read")
def one(request: HttpRequest, review_id: UUID) -> HttpResponseBase:
    """GET /reviews/<id>/: the report without its author, its images, and the step that waits."""
    return _page(request, _found(request, review_id))


def _back(request: HttpRequest, words: str, name: str = "review:list", *args: Any) -> HttpResponseRedirect:
    messages.success(request, words)
    return HttpResponseRedirect(reverse(name, args=args))


@require_POST
@needs("read.claim")
def judge(request: HttpRequest, review_id: UUID) -> HttpResponseBase:
    """POST a judgement of the step that waits for this person."""
    view = _found(request, review_id)
    form = JudgeForm(request.POST)
    step = next((s for s in queries.steps_for(view, person_of(request).id) if s.act in JUDGED), None)
    if form.is_valid():
        try:
            act = step.act if step else ""
            actions.judge(actor=_actor(request), review_id=review_id, act=act, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _back(request, "The judgement is written.")
    return _page(request, view, REFUSED, grade_form=form)


@require_POST
@needs("report.sign")
def reflect(request: HttpRequest, review_id: UUID) -> HttpResponseBase:
    """POST the author's answer."""
    view = _found(request, review_id)
    form = ReflectForm(request.POST)
    if form.is_valid():
        try:
            actions.reflect(actor=_actor(request), review_id=review_id, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _back(request, "Thank you. Your answer is written.", "review:one", review_id)
    return _page(request, view, REFUSED, reflect_form=form)


@require_POST
@needs("governance.approve")
def route(request: HttpRequest, review_id: UUID) -> HttpResponseBase:
    """POST where a review is done."""
    view = _found(request, review_id)
    form = RouteForm(request.POST)
    if form.is_valid():
        try:
            why = form.cleaned_data["why"]
            actions.route(actor=_actor(request), review_id=review_id, outside=not view.outside, why=why)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _back(request, "It is done elsewhere now.", "review:one", review_id)
    return _page(request, view, REFUSED, route_form=form)


@require_GET
@needs("governance.approve")
def draw(request: HttpRequest, draw_id: UUID) -> HttpResponseBase:
    """GET /reviews/draws/<id>/: the seed, and whether drawing again gives the same."""
    found = queries.draw(draw_id)
    if found is None:
        raise NotFound
    same_candidates, same_sample = queries.drawn_again(found)
    context = {"draw": found, "same_candidates": same_candidates, "same_sample": same_sample}
    return render(request, "review/draw.html", context)


@require_GET
@needs("worklist.read")
def profile(request: HttpRequest, person_id: UUID) -> HttpResponseBase:
    """GET /reviews/profile/<person>/: one's own; anybody's for those who decide."""
    person = person_of(request)
    if person.id != person_id and not _decides(request):
        raise NotFound
    found = queries.reviews_of(person_id)
    context = {
        "name": accounts.person_name(person_id),
        "own": person.id == person_id,
        "shares": queries.profile(person_id),
        "reviews": [v for v in found if v.grade is not None],
    }
    return render(request, "review/profile.html", context)


# --- bundles, for those who decide --------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@needs("governance.approve")
def bundle(request: HttpRequest, bundle_id: UUID) -> HttpResponseBase:
    """GET and POST /reviews/bundles/<id>/: look at the words of a bundle and let it leave."""
    found = queries.bundle(bundle_id)
    view = queries.review(found["review_id"]) if found else None
    if found is None or view is None or view.author_id == person_of(request).id:
        raise NotFound
    first = {name: found[name] for name in ("question", "text", "earlier")}
    form = ReleaseForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            words = {name: form.cleaned_data[name] for name in first}
            actions.release_bundle(actor=_actor(request), bundle_id=bundle_id, **words)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _back(request, f"{found['code']} has left for the external reviewer.")
    status = REFUSED if form.errors else 200
    return render(request, "review/bundle.html", {"bundle": found, "form": form}, status=status)


# --- the desk of an external reviewer -----------------------------------------------------------------------------


@require_GET
@needs("review.external")
def outside(request: HttpRequest) -> HttpResponseBase:
    """GET /external/: the bundles that wait for this external reviewer."""
    person_id = person_of(request).id
    context = {"bundles": queries.released_to(person_id), "appointed": person_id in queries.outsiders()}
    return render(request, "review/outside.html", context)


def _mine(request: HttpRequest, bundle_id: UUID) -> dict[str, Any]:
    found = queries.released_bundle(bundle_id, person_of(request).id)
    if found is None:
        raise NotFound
    return found


@require_http_methods(["GET", "POST"])
@needs("review.external")
def outside_one(request: HttpRequest, bundle_id: UUID) -> HttpResponseBase:
    """GET and POST /external/<bundle>/: the report without names, the images, and the judgement."""
    found = _mine(request, bundle_id)
    form = GradeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_bundle(actor=_actor(request), bundle_id=bundle_id, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _back(request, "Thank you. Your judgement is written.", "review:outside")
    status = REFUSED if form.errors else 200
    return render(request, "review/outside_one.html", {"bundle": found, "form": form}, status=status)


@require_GET
@needs("review.external")
def outside_images(request: HttpRequest, bundle_id: UUID) -> HttpResponseBase:
    """GET /external/<bundle>/images.zip: the images without identity, as DICOM files."""
    found = _mine(request, bundle_id)
    actions.fetch_bundle(actor=_actor(request), bundle_id=bundle_id)
    stream = current().open(found["key"])
    return FileResponse(stream, as_attachment=True, filename=f"{found['code']}.zip", content_type="application/zip")


# --- appointments -------------------------------------------------------------------------------------------------


def _head(entries: Sequence[Entry], at: datetime) -> tuple[str, str]:
    here = sum(appointment.holds(e.values, at.date()) for e in entries)
    rule = "With fewer than three reviewers here, a share of the sample and every arbitration go outside."
    return (
        f"{here} external reviewer{'s' if here != 1 else ''} appointed now" if here else "Nobody is appointed",
        rule,
    )


def _mark(entry: Entry, at: datetime) -> tuple[str, str] | None:
    return ("ok", "in its time") if appointment.holds(entry.values, at.date()) else ("idle", "not now")


def _label(entry: Entry) -> str:
    return accounts.person_name(entry["person"])


def _preset(_request: HttpRequest) -> Mapping[str, Any]:
    return {"body": "GMC"}


APPOINTMENTS = Register(
    name="appointments",
    one="appointment",
    several="appointments of external reviewers",
    prefix="E",
    fields=appointment.FIELDS,
    read=queries.appointments,
    versions=queries.appointment_versions,
    record=actions.appoint,
    end=actions.end_appointment,
    end_words="End it at once",
    see="governance.see",
    manage="governance.approve",
    label=_label,
    due=lambda e: e["ends_on"],
    due_title="Ends",
    mark=_mark,
    head=_head,
    good=(
        "No external reviewer is appointed",
        "Good looks like one or two, registered and checked, each for at most a year, with a signed agreement. Two readers "
        "cannot arbitrate their own differences.",
    ),
    icon="person-badge",
    preset=_preset,
)
