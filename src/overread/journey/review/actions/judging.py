"""Draw, judge, reflect, route."""

import secrets
from datetime import datetime
from uuid import UUID

from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed
from overread.foundation.work.unit import current_unit
from overread.journey.escalation import actions as escalation
from overread.journey.reporting import queries as reports
from overread.journey.review import queries
from overread.journey.review.actions._steps import (
    NO_ALERT,
    _deciding,
    _follow_on,
    _row_of,
    _view_of,
    _write_grade,
)
from overread.journey.review.models import Draw, Reflection, Review
from overread.journey.review.rules import grades, sample, steps
from overread.journey.review.rules.steps import Act


@action("review.draw")
def draw(*, actor: Actor, from_at: datetime, to_at: datetime, seed: str = "") -> UUID:
    """Draw the sample of a period, once; its seed is made only now, when all its reports are signed (REQ-70).

    Needs a scope of every client.

    Args:
        seed: for tests and repetition; made at random unless given.

    Raises:
        BadInput: the period has not ended.
        Conflict: it was drawn already.
    """
    at = current_unit().at
    if not from_at < to_at <= at:
        raise BadInput("A sample is drawn when its period has ended.")
    if queries.is_drawn(from_at, to_at):
        raise Conflict("The sample of this period was drawn already.", code="drawn")
    seed = seed or secrets.token_hex(16)
    percent, least = thresholds.whole("peer_review.percent"), thresholds.whole("peer_review.min_cases")
    share = thresholds.whole("peer_review.external_share")
    held = queries.candidates(from_at, to_at)
    chosen = sample.drawn(seed, held, percent, least)
    row = Draw.objects.create(
        from_at=from_at,
        to_at=to_at,
        seed=seed,
        percent=percent,
        least=least,
        external_percent=share,
        candidates=len(held),
        candidates_sha256=sample.digest(held),
        chosen=len(chosen),
        chosen_sha256=sample.digest(chosen),
        drawn_at=at,
        drawn_by=actor.text,
    )
    note(subject=("draw", row.id), facts={"candidates": len(held), "chosen": len(chosen)})
    out = sample.goes_out(seed, chosen, share) if queries.are_few() else frozenset()
    for one in chosen:
        _begin(actor, row, one, one.report_id in out, at)
    return row.id


def _begin(actor: Actor, row: Draw, one: sample.Candidate, outside: bool, at: datetime) -> None:
    report = reports.report(one.report_id)
    if report is None or Review.objects.filter(report_id=one.report_id).exists():
        return
    made = Review.objects.create(
        client_id=report.client_id,
        draw=row,
        report_id=report.id,
        case_id=report.case_id,
        read_id=report.read_id,
        author_id=one.author_id,
        modality=one.modality,
        outside=outside,
        opened_at=at,
    )
    note(subject=("review", made.id), client_id=made.client_id, case_id=made.case_id, facts={"outside": outside})
    _follow_on(actor, made)


def _alert(actor: Actor, row: Review, act: Act, uk: int, comment: str, wanted: str) -> None:
    if not grades.serious(uk) or row.alert is not None:
        return
    if not wanted and act is not Act.GRADE:
        raise BadInput(
            "Decide about the alert.", errors={"alert": "Raise it now, or say that the client needs no alert."}
        )
    if not wanted or wanted == NO_ALERT:
        return
    row.alert = escalation.raise_alert(
        actor=actor, case_id=row.case_id, category=wanted, finding=comment, report_id=row.report_id
    )
    Review.objects.filter(id=row.id).update(alert=row.alert)


@action("review.judge")
def judge(
    *,
    actor: Actor,
    review_id: UUID,
    act: str,
    uk: int,
    radpeer: str,
    cause: str = "",
    comment: str = "",
    alert: str = "",
) -> None:
    """Judge a report: review it, read it again, or arbitrate; both scales, and words where they differ (REQ-72, REQ-73).

    Args:
        act: grade, reread or arbitrate.
        alert: for a serious grade, the category of an alert to the client, or "none"; may wait until it is read again.

    Raises:
        NotFound: no such review in scope.
        NotAllowed: this step is not this person's: their own report, another's turn, or done already.
        BadInput: the grades contradict each other, or a difference has no words.
    """
    row = _row_of(review_id)
    view = _view_of(review_id)
    person_id = actor.person_id
    step = next((s for s in queries.steps_of(view) if s.act == act and s.act in steps.JUDGED), None)
    if person_id is None or step is None or not queries.may_judge(view, step, person_id):
        raise NotAllowed("This judgement is not yours to give now.")
    faults = grades.grade_faults(uk, radpeer, cause, comment)
    if faults:
        raise BadInput("The judgement is not whole.", errors=faults)
    _write_grade(row, step.act, person_id, uk, radpeer, cause, comment)
    _alert(actor, row, step.act, uk, comment, alert)
    _follow_on(actor, row)


@action("review.reflect")
def reflect(*, actor: Actor, review_id: UUID, accepts: bool, text: str) -> None:
    """What the author of a report says to a serious difference; who does not accept it goes to arbitration.

    Raises:
        NotAllowed: the report is somebody else's, or there is nothing to answer.
        BadInput: nothing is said.
    """
    row = _row_of(review_id)
    found = queries.steps_of(_view_of(review_id))
    if actor.person_id != row.author_id or not any(s.act is Act.REFLECT for s in found):
        raise NotAllowed("There is nothing here that waits for your answer.")
    if not text.strip():
        raise BadInput(
            "A reflection has words.", errors={"text": "Say what you take from it, or what you see otherwise."}
        )
    Reflection.objects.create(
        client_id=row.client_id,
        review=row,
        author_id=row.author_id,
        accepts=accepts,
        text=text.strip(),
        at=current_unit().at,
    )
    note(
        subject=("review", row.id),
        client_id=row.client_id,
        case_id=row.case_id,
        words="reflected",
        facts={"accepts": accepts},
    )
    _follow_on(actor, row)


@action("review.route")
def route(*, actor: Actor, review_id: UUID, outside: bool, why: str) -> None:
    """Let a review that nobody has graded be done outside, or inside, with a reason.

    Raises:
        NotAllowed: the actor may not decide, or it is their own report.
        Conflict: it is graded.
        BadInput: there is no reason.
    """
    row = _row_of(review_id)
    if _deciding(actor) == row.author_id:
        raise NotAllowed("Nobody decides who reviews their own report.")
    if _view_of(review_id).grades:
        raise Conflict("This review is graded already.")
    if not why.strip():
        raise BadInput("This needs its reason.", errors={"why": "Say in a few words why."})
    row.outside = outside
    Review.objects.filter(id=row.id).update(outside=outside)
    facts = {"outside": outside}
    note(subject=("review", row.id), client_id=row.client_id, case_id=row.case_id, words="routed", facts=facts)
    _follow_on(actor, row)


@action("review.follow")
def follow(*, actor: Actor, review_id: UUID) -> None:
    """Look again who must do what: people come and go, reports are corrected, appointments end."""
    row = _row_of(review_id)
    note(subject=("review", row.id), client_id=row.client_id, case_id=row.case_id, words="followed")
    if row.closed_at is None:
        _follow_on(actor, row)
