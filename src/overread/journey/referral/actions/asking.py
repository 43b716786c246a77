"""Asking back: a thread between reader, office and client that stops the clock for an agreed reason and lets it run on."""

from datetime import datetime, timedelta
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock import actions as clock
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.agreement.queries import terms_for
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.referral import queries
from overread.journey.referral.events import QueryTurned
from overread.journey.referral.models import Query, QueryMessage
from overread.journey.referral.rules import Party, QueryState, may_resume, must_stand, remind_at

REMIND_KIND = "referral.query"
LONGEST = 4000
WAITS = {
    "routine": "query.remind_routine",
    "urgent": "query.remind_urgent",
    "emergency": "query.remind_emergency",
}


def _wait(case: case_queries.CaseView | None) -> timedelta:
    """How long the client has to answer before it is reminded."""
    return thresholds.duration(WAITS[case.priority if case else "routine"])


def _text(text: str) -> str:
    words = text.strip()
    if len(words) < 5:
        raise BadInput("The message was not sent.", errors={"text": "Write what you want to know or say."})
    return words[:LONGEST]


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotAllowed("Only a person asks or answers.")
    return actor.person_id


def _party(actor: Actor) -> Party:
    person = accounts.person(_person(actor))
    if person is None:
        raise NotAllowed("Only a person asks or answers.")
    return Party.CLIENT if person.is_client_side else Party.PROVIDER


def _locked(query_id: UUID) -> Query:
    row: Query | None = Query.objects.select_for_update().filter(id=query_id).first()
    if row is None:
        raise NotFound
    return row


def _say(actor: Actor, row: Query, side: Party, text: str, by_words: str = "") -> None:
    QueryMessage.objects.create(
        client_id=row.client_id,
        query=row,
        side=side,
        by=actor.text,
        by_words=by_words or accounts.person_name(_person(actor)),
        at=current_unit().at,
        text=text,
    )


def _turn(actor: Actor, row: Query, to: Party) -> None:
    """It is the other side's turn: tell them, remind the client until it answers, and let the clock stand or run."""
    at = current_unit().at
    case = case_queries.case(row.case_id)
    wait = _wait(case)
    due = remind_at(at, wait) if to is Party.CLIENT else None
    Query.objects.filter(id=row.id).update(waits_for=to, turned_at=at, remind_at=due, reminders=0)
    if due is not None:
        clock.set_deadline(
            actor=actor,
            kind=REMIND_KIND,
            subject_id=row.id,
            due_at=due,
            client_id=row.client_id,
            case_id=row.case_id,
        )
    elif row.remind_at is not None:
        clock.cancel_deadline(actor=actor, kind=REMIND_KIND, subject_id=row.id)
    _tell(row, to, 0, at)
    _stand_or_run(actor, row.case_id, row.id)


def _tell(row: Query, to: Party, reminders: int, at: datetime) -> None:
    publish(QueryTurned(client_id=row.client_id, case_id=row.case_id, query_id=row.id, to=str(to), reminders=reminders))


def _stand_or_run(actor: Actor, case_id: UUID, query_id: UUID) -> None:
    """The clock stands while a question with an agreed reason waits for the client, and only then (REQ-51)."""
    case = case_queries.case(case_id)
    facts = queries.query_facts(case_id)
    paused = next((p.from_at for p in case_queries.pauses_of(case_id) if p.to_at is None), None)
    reason = must_stand(facts)
    if reason and paused is None and case is not None and case.due_at and not case.accepted_at:
        cases.pause_clock(actor=actor, case_id=case_id, reason=reason)
        began = next((p.from_at for p in case_queries.pauses_of(case_id) if p.to_at is None), None)
        Query.objects.filter(id=query_id).update(paused_from=began)
    elif may_resume(facts, paused):
        cases.resume_clock(actor=actor, case_id=case_id)


@action("query.ask")
def ask(*, actor: Actor, case_id: UUID, subject: str, text: str, reason: str = "") -> UUID:
    """Ask the other side something about a case: our people ask the client, the client asks us.

    Args:
        actor: who asks.
        case_id: the case.
        subject: what it is about, in a few words.
        text: the question.
        reason: an agreed code for which the clock stands until the client answers; "" and it runs on.

    Raises:
        BadInput: no words, or the reason is not agreed.
        NotFound: there is no such case in scope.
    """
    words, side = _text(text), _party(actor)
    case = case_queries.case(case_id)
    if case is None:
        raise NotFound
    if len(subject.strip()) < 3:
        raise BadInput("The question was not sent.", errors={"subject": "Say in a few words what it is about."})
    if side is Party.CLIENT:
        reason = ""
    if reason and reason not in terms_for(case.client_id).pause_codes:
        raise BadInput("The question was not sent.", errors={"reason": "Choose one of the agreed reasons."})
    at = current_unit().at
    row: Query = Query.objects.create(
        client_id=case.client_id,
        case_id=case_id,
        number=Query.objects.filter(case_id=case_id).count() + 1,
        subject=subject.strip()[:200],
        reason=reason,
        asked_by=actor.text,
        asked_at=at,
        turned_at=at,
    )
    _say(actor, row, side, words)
    facts = {"number": row.number, "from": str(side), "reason": reason}
    note(subject=("query", row.id), client_id=row.client_id, case_id=case_id, facts=facts)
    _turn(actor, row, Party.PROVIDER if side is Party.CLIENT else Party.CLIENT)
    return UUID(str(row.id))


@action("query.answer")
def answer(*, actor: Actor, query_id: UUID, text: str) -> None:
    """Write in an open thread; then it is the other side's turn. The client's answer lets the clock run on.

    Raises:
        BadInput: no words.
        Conflict: the thread is closed.
        NotFound: there is none in scope.
    """
    words, side = _text(text), _party(actor)
    row = _locked(query_id)
    if row.state != QueryState.OPEN:
        raise Conflict("This question is closed. Ask a new one.", code="closed")
    _say(actor, row, side, words)
    facts = {"number": row.number, "from": str(side), "length": len(words)}
    note(subject=("query", row.id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    _turn(actor, row, Party.PROVIDER if side is Party.CLIENT else Party.CLIENT)


@action("query.answer_from_system")
def answer_from_system(*, actor: Actor, query_id: UUID, text: str, name: str, role: str, system: str) -> None:
    """The client's own system hands in what a person of the client answered there; the clock runs on.

    Args:
        actor: the system, by its token; it vouches for the person that it names.
        query_id: which thread.
        text: the answer.
        name: who wrote it, as the system knows them.
        role: in what role.
        system: what the system is called.

    Raises:
        BadInput: no words, or nobody is named.
        Conflict: the thread is closed.
        NotFound: there is none in scope.
    """
    words = _text(text)
    faults = {} if len(name.strip()) >= 3 else {"name": "Name the person who answers: the record must show it."}
    if len(role.strip()) < 2:
        faults["role"] = "Give their role, such as radiographer."
    if faults:
        raise BadInput("The answer was not taken.", errors=faults)
    row = _locked(query_id)
    if row.state != QueryState.OPEN:
        raise Conflict("This question is closed. Nothing more is needed for it.", code="closed")
    _say(actor, row, Party.CLIENT, words, f"{name.strip()}, {role.strip()} (through {system})"[:200])
    facts = {"number": row.number, "from": str(Party.CLIENT), "length": len(words)}
    note(subject=("query", row.id), client_id=row.client_id, case_id=row.case_id, facts=facts)
    _turn(actor, row, Party.PROVIDER)


@action("query.close")
def close(*, actor: Actor, query_id: UUID) -> None:
    """Our side has what it needs: nobody waits any more, and the clock runs on.

    Raises:
        Conflict: it is closed already.
        NotAllowed: the client does not close our questions.
        NotFound: there is none in scope.
    """
    row = _locked(query_id)
    if _party(actor) is Party.CLIENT:
        raise NotAllowed("The provider closes a question when it has the answer.")
    if row.state != QueryState.OPEN:
        raise Conflict("This question is closed already.", code="closed")
    Query.objects.filter(id=row.id).update(state=QueryState.CLOSED, closed_at=current_unit().at, remind_at=None)
    if row.remind_at is not None:
        clock.cancel_deadline(actor=actor, kind=REMIND_KIND, subject_id=row.id)
    note(subject=("query", row.id), client_id=row.client_id, case_id=row.case_id, facts={"number": row.number})
    _stand_or_run(actor, row.case_id, row.id)


@action("query.remind")
def remind(*, actor: Actor, query_id: UUID, at: datetime) -> bool:
    """The time to answer has passed: remind the client if it is still its turn, and again later, until it answers.

    Args:
        actor: the part of the system that watches.
        query_id: which thread.
        at: when the reminder was due; the next one counts from it.

    Returns:
        Whether a reminder was due.
    """
    row = _locked(query_id)
    waits = row.state == QueryState.OPEN and row.waits_for == Party.CLIENT
    facts = {"number": row.number, "reminders": row.reminders + waits}
    words = "" if waits else "no-longer"
    note(subject=("query", row.id), client_id=row.client_id, case_id=row.case_id, words=words, facts=facts)
    if not waits:
        return False
    case = case_queries.case(row.case_id)
    due = remind_at(max(at, current_unit().at), _wait(case))
    Query.objects.filter(id=row.id).update(reminders=row.reminders + 1, remind_at=due)
    clock.set_deadline(
        actor=actor, kind=REMIND_KIND, subject_id=row.id, due_at=due, client_id=row.client_id, case_id=row.case_id
    )
    _tell(row, Party.CLIENT, row.reminders + 1, at)
    return True
