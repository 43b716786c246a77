"""Questions and answers about a case: panels in the reading room, on the case and for the client (REQ-51)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from overread.foundation.accounts.doors import needs
from overread.foundation.ui.forms import OverreadForm
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.journey.agreement.queries import terms_for
from overread.journey.case import queries as cases
from overread.journey.referral import actions, queries
from overread.journey.referral.forms import AnswerForm, QuestionForm


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def _threads(case_id: UUID, at_fault: UUID | None = None, form: OverreadForm | None = None) -> list[tuple[Any, Any]]:
    """The threads of a case, newest first, each with its form of answer when it is open."""
    found = reversed(queries.queries_of(case_id))
    return [
        (q, (form if q.id == at_fault and form else AnswerForm(prefix=f"q{q.number}")) if q.is_open else None)
        for q in found
    ]


def _panel(
    request: HttpRequest,
    case: cases.CaseView,
    *,
    ask: QuestionForm | None = None,
    answer: AnswerForm | None = None,
    at_fault: UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    codes = terms_for(case.client_id).pause_codes
    context = {
        "case": case,
        "threads": _threads(case.id, at_fault, answer),
        "reasons": codes,
        "ask": ask or QuestionForm(codes),
        "asking": ask is not None,
    }
    return render(request, "referral/_questions.html", context, status=status)


def _case(case_id: UUID | None) -> cases.CaseView:
    found = cases.case(case_id) if case_id else None
    if found is None:
        raise NotFound
    return found


def _query(query_id: UUID) -> queries.QueryView:
    found = queries.query(query_id)
    if found is None:
        raise NotFound
    return found


@require_GET
@needs("read.claim")
def reading_questions(request: HttpRequest, read_id: UUID) -> HttpResponse:
    """The questions about a case beside its images."""
    read = cases.read(read_id)
    return _panel(request, _case(read.case_id if read else None))


@require_GET
@needs("case.see")
def case_questions(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The questions about a case on its page."""
    return _panel(request, _case(case_id))


def _done(request: HttpRequest, case: cases.CaseView) -> HttpResponse:
    """The panel anew inside a living page, else the page of the case."""
    if request.headers.get("HX-Request"):
        return _panel(request, case)
    return redirect("case:detail", case_id=case.id)


@require_POST
@needs("case.see")
def ask(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Our people ask the client; for an agreed reason the clock stands until the answer."""
    case = _case(case_id)
    form = QuestionForm(terms_for(case.client_id).pause_codes, request.POST)
    if form.is_valid():
        try:
            actions.ask(actor=_actor(request), case_id=case_id, **form.cleaned_data)
        except BadInput as refusal:
            form.add_refusal(refusal)
        else:
            return _done(request, case)
    return _panel(request, case, ask=form, status=_faulty(request))


def _faulty(request: HttpRequest) -> int:
    """A page that htmx asks for is drawn with its errors only when it is a success."""
    return 200 if request.headers.get("HX-Request") else 422


@require_POST
@needs("case.see")
def answer(request: HttpRequest, query_id: UUID) -> HttpResponse:
    """Our people write in a thread; then it is the client's turn."""
    found = _query(query_id)
    form = AnswerForm(request.POST, prefix=f"q{found.number}")
    if form.is_valid():
        try:
            actions.answer(actor=_actor(request), query_id=query_id, text=form.cleaned_data["text"])
        except (BadInput, Conflict) as refusal:
            form.add_refusal(refusal)
        else:
            return _done(request, _case(found.case_id))
    return _panel(request, _case(found.case_id), answer=form, at_fault=query_id, status=_faulty(request))


@require_POST
@needs("case.see")
def close(request: HttpRequest, query_id: UUID) -> HttpResponse:
    """Our side has what it needs; the clock runs on."""
    found = _query(query_id)
    actions.close(actor=_actor(request), query_id=query_id)
    return _done(request, _case(found.case_id))


def client_thread_context(found: queries.ReferralView) -> dict[str, Any]:
    """What the client's page of a referral shows of questions."""
    if found.case_id is None:
        return {"threads": (), "ask": None}
    return {"threads": _threads(found.case_id), "ask": QuestionForm({})}


@require_POST
@needs("portal.see")
def ask_as_client(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """The client asks us something about a referral of its own; no clock stands for it."""
    found = queries.referral(referral_id)
    if found is None or found.case_id is None:
        raise NotFound
    form = QuestionForm({}, request.POST)
    form.full_clean()
    text, subject = form.cleaned_data.get("text", ""), form.cleaned_data.get("subject", "")
    actions.ask(actor=_actor(request), case_id=found.case_id, subject=subject, text=text)
    return redirect("referral:detail", referral_id=referral_id)


@require_POST
@needs("portal.see")
def answer_as_client(request: HttpRequest, query_id: UUID) -> HttpResponse:
    """The client answers; the clock runs on."""
    found = _query(query_id)
    text = request.POST.get(f"q{found.number}-text", "")
    actions.answer(actor=_actor(request), query_id=query_id, text=text)
    return redirect("referral:detail", referral_id=_case(found.case_id).referral_id)
