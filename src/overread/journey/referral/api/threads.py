"""Operations on questions: which wait for the client, what was said, and the answer of a named person."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status
from ninja.params.functions import Header, Query

from overread.foundation.interface.door import Token, actor_of, caller_of
from overread.foundation.interface.once import once
from overread.foundation.interface.paging import before_of, page
from overread.foundation.interface.values import HOW_MANY, LIMIT, MOST, Taken, problems
from overread.foundation.work.opened import opened
from overread.foundation.work.refusals import NotFound
from overread.journey.agreement.queries import terms_for
from overread.journey.case import queries as cases
from overread.journey.referral import actions, queries

router = Router(tags=["Questions"])
KEY = "A key of your own for this answer, 8 to 100 characters"


class QuestionLine(Schema):
    """A question in a list."""

    id: UUID
    number: int = Field(..., description="Number within its case")
    case_id: UUID
    case_number: str
    referral_id: UUID | None
    subject: str
    state: str = Field(..., description="open or closed")
    waits_for: str = Field(..., description="Whose turn it is: client or provider")
    clock_stands: str = Field(
        ..., description="For which agreed reason the clock stands until the answer; empty: it runs"
    )
    asked_at: datetime
    turned_at: datetime = Field(..., description="Since when it is their turn")


class QuestionPage(Schema):
    """Open questions, newest first."""

    questions: list[QuestionLine]
    next: str = Field(..., description="Send it as `cursor` for the next page; empty behind the last")


class MessageOut(Schema):
    """One message."""

    side: str = Field(..., description="client or provider")
    by: str
    at: datetime
    text: str


class QuestionOut(QuestionLine):
    """A question with all that was said."""

    messages: list[MessageOut]


class AnswerIn(Taken):
    """An answer, and who gives it: your system vouches for the person that it names."""

    text: str = Field(..., max_length=4000, examples=["Contrast was given: 100 ml at 14:05."])
    name: str = Field(..., max_length=100, description="Full name of the person who answers", examples=["Ida Marsh"])
    role: str = Field(..., max_length=60, examples=["Radiographer"])


class AnswerTaken(Schema):
    """The answer is in the thread; it is the provider's turn."""

    question_id: UUID
    case_id: UUID


def _line(one: queries.QueryView, case: cases.CaseView | None, codes: dict[str, str]) -> dict[str, Any]:
    copied = ("id", "number", "case_id", "subject", "state", "waits_for", "asked_at", "turned_at")
    return {
        **{name: getattr(one, name) for name in copied},
        "case_number": case.number if case else "",
        "referral_id": case.referral_id if case else None,
        "clock_stands": codes.get(one.reason, one.reason) if one.waits_for_client else "",
    }


@router.get(
    "/questions",
    auth=Token("order"),
    response={200: QuestionPage, **problems(422)},
    operation_id="questions",
    url_name="questions",
    summary="Open questions, newest first",
)
def listing(
    request: HttpRequest,
    waits_for: Literal["", "client", "provider"] = Query("client", description="Whose turn it is; empty for both"),
    cursor: str = Query("", max_length=60, description="`next` of the page before"),
    limit: int = Query(LIMIT, ge=1, le=MOST, description=HOW_MANY),
) -> Any:
    """What somebody waits for. While a question with an agreed reason waits for the client, the clock stands."""
    rows = queries.query_page(waits_for=waits_for, before=before_of(cursor), limit=limit)
    shown, after = page(rows, limit, lambda q: (q.asked_at, q.id))
    known = cases.cases({q.case_id for q in shown})
    codes = terms_for(caller_of(request).client_id).pause_codes
    return {"questions": [_line(q, known.get(q.case_id), codes) for q in shown], "next": after}


def _found(query_id: UUID) -> queries.QueryView:
    found = queries.query(query_id)
    if found is None:
        raise NotFound
    return found


@router.get(
    "/questions/{uuid:question_id}",
    auth=Token("order"),
    response={200: QuestionOut, **problems(404)},
    operation_id="question",
    url_name="question",
    summary="One question with all that was said",
)
def one(request: HttpRequest, question_id: UUID) -> Any:
    """The thread, oldest message first. That it was read is recorded first."""
    found = _found(question_id)
    opened(
        actor=actor_of(request),
        kind="query",
        subject_id=question_id,
        client_id=found.client_id,
        case_id=found.case_id,
    )
    codes = terms_for(found.client_id).pause_codes
    said = [{"side": m.side, "by": m.by_words, "at": m.at, "text": m.text} for m in found.messages]
    return {**_line(found, cases.case(found.case_id), codes), "messages": said}


@router.post(
    "/questions/{uuid:question_id}/answers",
    auth=Token("order"),
    response={201: AnswerTaken, **problems(400, 404, 409, 413, 415, 422, 503)},
    operation_id="answerQuestion",
    url_name="question-answer",
    summary="Answer a question",
)
def answer(
    request: HttpRequest,
    response: HttpResponse,
    question_id: UUID,
    sent: AnswerIn,
    key: str = Header(..., alias="Idempotency-Key", description=KEY),
) -> Any:
    """Put an answer into the thread, in the name of a person whom your system knows; the clock runs on."""
    found, caller = _found(question_id), caller_of(request)

    def do() -> dict[str, str]:
        actions.answer_from_system(
            actor=actor_of(request),
            query_id=question_id,
            system=caller.name or f"the system of {caller.client_name}",
            **sent.model_dump(),
        )
        return {"query": str(question_id)}

    asked = {**sent.model_dump(), "question": str(question_id)}
    _, again = once(request, key, "query.answer", asked, do)
    if again:
        response.headers["Idempotent-Replayed"] = "true"
    return Status(201, {"question_id": question_id, "case_id": found.case_id})
