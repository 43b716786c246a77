"""Verbs of peer review: draw, judge, reflect, route, and what an external reviewer gets and gives."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import day_of, end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.registers import writing
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.incidents import actions as incidents
from overread.journey.escalation import actions as escalation
from overread.journey.case import queries as cases
from overread.journey.reporting import queries as reports
from overread.journey.review import queries
from overread.journey.review.events import BundleAnswered, BundleAsked, CorrectionAsked
from overread.journey.review.models import Appointment, Bundle, Draw, Grade, Reflection, Review
from overread.journey.review.queries import LIVE, ReviewView
from overread.journey.review.rules import appointment, grades, sample, steps
from overread.journey.review.rules.steps import Act, Step

NO_ALERT = "none"
DUTY = "review."
RELEASE, OUTSIDE = "review.release", "review.outside"
PACKER = Actor.system("bundle-packer")


def _row(review_id: UUID) -> Review:
    row = Review.objects.select_for_update().filter(id=review_id).first()
    if row is None:
        raise NotFound
    return row


def _view(review_id: UUID) -> ReviewView:
    view = queries.review(review_id)
    if view is None:
        raise NotFound
    return view


def _deciding(actor: Actor) -> UUID:
    person = accounts.person(actor.person_id) if actor.person_id else None
    if person is None or not person.may("governance.approve"):
        raise NotAllowed("Only the registered manager, a director or the clinical lead decides this.")
    return person.id


# --- the sample ---------------------------------------------------------------------------------------------------


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
    _follow(actor, made)


# --- following ----------------------------------------------------------------------------------------------------


def _choose(row: Review, step: Step, seed: str) -> None:
    """Choose the reviewer, or another one when the chosen one has left."""
    if row.reviewer_id in step.by:
        return
    one = sample.Candidate(row.report_id, row.author_id, row.modality)
    limit = thresholds.whole("peer_review.same_pair_percent")
    row.reviewer_id = sample.reviewer_for(seed, one, step.by, queries.pairs(), limit)
    Review.objects.filter(id=row.id).update(reviewer_id=row.reviewer_id)


def _owner(row: Review, step: Step) -> UUID | None:
    if step.act is Act.GRADE and row.reviewer_id in step.by:
        return row.reviewer_id
    return min(step.by, key=lambda p: sample.turn(str(row.id), p), default=None)


def _keep_duties(actor: Actor, row: Review, view: ReviewView, found: tuple[Step, ...]) -> None:
    for act in Act:
        wanted = [
            WantedDuty(
                row.id,
                _owner(row, step),
                f"Peer review {view.short}",
                end_of_day(queries.due_on(view, step)),
                row.client_id,
            )
            for step in found
            if step.act is act and not step.outside
        ]
        clock.keep_duties(actor=actor, kind=DUTY + act, wanted=wanted, subject_ids=[row.id])


def _keep_bundles(actor: Actor, row: Review, view: ReviewView, found: tuple[Step, ...]) -> None:
    """One bundle for each step that is done outside; one whose reviewer may no longer judge is withdrawn."""
    wanted = {step.act: step for step in found if step.outside}
    for live in Bundle.objects.select_for_update().filter(review_id=row.id, state__in=LIVE):
        step = wanted.pop(Act(live.act), None)
        if step is None or live.reviewer_id not in step.by:
            Bundle.objects.filter(id=live.id).update(state="withdrawn")
            _bundle_duties(actor, live.id)
            if step is not None:
                wanted[step.act] = step
    answered = set(Bundle.objects.filter(review_id=row.id, state="answered").values_list("act", flat=True))
    for act, step in wanted.items():
        if act not in answered:
            _ask_bundle(actor, row, view, step)


def _ask_bundle(actor: Actor, row: Review, view: ReviewView, step: Step) -> None:
    made = Bundle.objects.create(
        code=f"B-{secrets.token_hex(4).upper()}",
        review_id=row.id,
        of_client=row.client_id,
        act=step.act,
        reviewer_id=min(step.by, key=lambda p: sample.turn(str(row.id), p)),
        state="preparing",
        secret=secrets.token_hex(32),
        asked_at=current_unit().at,
        due_on=queries.due_on(view, step),
    )
    note(subject=("bundle", made.id), client_id=row.client_id, case_id=row.case_id, words="bundle-asked")
    publish(BundleAsked(client_id=row.client_id, case_id=row.case_id, bundle_id=made.id))


def _bundle_duties(actor: Actor, bundle_id: UUID) -> None:
    one = Bundle.objects.get(id=bundle_id)
    due = end_of_day(one.due_on)
    check = [WantedDuty(one.id, None, f"Bundle {one.code}", due)] if one.state == "check" else []
    outside = [WantedDuty(one.id, one.reviewer_id, f"Bundle {one.code}", due)] if one.state == "released" else []
    clock.keep_duties(actor=actor, kind=RELEASE, wanted=check, subject_ids=[one.id])
    clock.keep_duties(actor=actor, kind=OUTSIDE, wanted=outside, subject_ids=[one.id])


def _confirm(actor: Actor, row: Review, view: ReviewView) -> None:
    """A serious difference stands: an incident is written, and the correction is asked for."""
    if row.incident is not None:
        return
    case = cases.case(row.case_id)
    last = view.grades[-1]
    key = incidents.report(
        actor=actor,
        kind="incident",
        title=f"Serious difference found by peer review {view.short}",
        what="Peer review graded a signed report as a serious difference, and a second reading confirmed it.",
        happened_at=view.opened_at,
        category="missed_finding" if last.cause == "perception" else "communication" if last.cause == "communication" else "other",
        harm="none",
        case_number=case.number if case else "",
        involved=row.author_id,
    )
    row.incident = key
    Review.objects.filter(id=row.id).update(incident=key)
    publish(CorrectionAsked(client_id=row.client_id, case_id=row.case_id, report_id=row.report_id, review_id=row.id))


def _follow(actor: Actor, row: Review) -> None:
    view = _view(row.id)
    found = queries.steps_of(view)
    for step in found:
        if step.act is Act.GRADE and not step.outside:
            _choose(row, step, row.draw.seed)
    if steps.confirmed(view.facts):
        _confirm(actor, row, view)
    _keep_duties(actor, row, view, found)
    _keep_bundles(actor, row, view, found)
    if not found and row.closed_at is None:
        Review.objects.filter(id=row.id).update(closed_at=current_unit().at)
        note(subject=("review", row.id), client_id=row.client_id, case_id=row.case_id, words="review-closed")


@action("review.follow")
def follow(*, actor: Actor, review_id: UUID) -> None:
    """Look again who must do what: people come and go, reports are corrected, appointments end."""
    row = _row(review_id)
    note(subject=("review", row.id), client_id=row.client_id, case_id=row.case_id, words="followed")
    if row.closed_at is None:
        _follow(actor, row)


# --- judging ------------------------------------------------------------------------------------------------------


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
    row = _row(review_id)
    view = _view(review_id)
    person_id = actor.person_id
    step = next((s for s in queries.steps_of(view) if s.act == act and s.act in steps.JUDGED), None)
    if person_id is None or step is None or not queries.may_judge(view, step, person_id):
        raise NotAllowed("This judgement is not yours to give now.")
    faults = grades.grade_faults(uk, radpeer, cause, comment)
    if faults:
        raise BadInput("The judgement is not whole.", errors=faults)
    _grade(row, step.act, person_id, uk, radpeer, cause, comment)
    _alert(actor, row, step.act, uk, comment, alert)
    _follow(actor, row)


def _grade(
    row: Review, act: Act, grader: UUID, uk: int, radpeer: str, cause: str, comment: str, bundle: UUID | None = None
) -> None:
    made = Grade.objects.create(
        client_id=row.client_id,
        review=row,
        act=act,
        grader_id=grader,
        uk=uk,
        radpeer=radpeer,
        cause=cause if uk < grades.AGREES else "",
        comment=comment.strip(),
        at=current_unit().at,
        bundle=bundle,
    )
    facts = {"act": str(act), "uk": uk, "radpeer": radpeer, "grade": str(made.id)}
    note(subject=("review", row.id), client_id=row.client_id, case_id=row.case_id, words="judged", facts=facts)


@action("review.reflect")
def reflect(*, actor: Actor, review_id: UUID, accepts: bool, text: str) -> None:
    """What the author of a report says to a serious difference; who does not accept it goes to arbitration.

    Raises:
        NotAllowed: the report is somebody else's, or there is nothing to answer.
        BadInput: nothing is said.
    """
    row = _row(review_id)
    found = queries.steps_of(_view(review_id))
    if actor.person_id != row.author_id or not any(s.act is Act.REFLECT for s in found):
        raise NotAllowed("There is nothing here that waits for your answer.")
    if not text.strip():
        raise BadInput("A reflection has words.", errors={"text": "Say what you take from it, or what you see otherwise."})
    assert actor.person_id is not None
    Reflection.objects.create(
        client_id=row.client_id,
        review=row,
        author_id=actor.person_id,
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
    _follow(actor, row)


@action("review.route")
def route(*, actor: Actor, review_id: UUID, outside: bool, why: str) -> None:
    """Let a review that nobody has graded be done outside, or inside, with a reason.

    Raises:
        NotAllowed: the actor may not decide, or it is their own report.
        Conflict: it is graded.
        BadInput: there is no reason.
    """
    row = _row(review_id)
    if _deciding(actor) == row.author_id:
        raise NotAllowed("Nobody decides who reviews their own report.")
    if _view(review_id).grades:
        raise Conflict("This review is graded already.")
    if not why.strip():
        raise BadInput("This needs its reason.", errors={"why": "Say in a few words why."})
    row.outside = outside
    Review.objects.filter(id=row.id).update(outside=outside)
    facts = {"outside": outside}
    note(subject=("review", row.id), client_id=row.client_id, case_id=row.case_id, words="routed", facts=facts)
    _follow(actor, row)


# --- bundles ------------------------------------------------------------------------------------------------------


def _bundle(bundle_id: UUID, state: str) -> Bundle:
    row = Bundle.objects.select_for_update().filter(id=bundle_id).first()
    if row is None:
        raise NotFound
    if row.state != state:
        raise Conflict("Somebody was faster; look at the bundle again.")
    return row


@action("review.keep_bundle")
def keep_bundle(
    *,
    actor: Actor,
    bundle_id: UUID,
    key: str,
    length: int,
    images: int,
    left_out: Mapping[str, int],
    texts: Mapping[str, str],
) -> None:
    """A bundle has been made; a person must look at it before it leaves.

    Args:
        texts: question, text and earlier, with known names removed.
    """
    row = _bundle(bundle_id, "preparing")
    made: dict[str, Any] = {"key": key, "length": length, "images": images, "left_out": dict(left_out)}
    Bundle.objects.filter(id=row.id).update(state="check", **made, **texts)
    note(subject=("bundle", row.id), words="bundle-made", facts={"images": images})
    _bundle_duties(actor, row.id)


@action("review.release_bundle")
def release_bundle(*, actor: Actor, bundle_id: UUID, question: str, text: str, earlier: str) -> None:
    """A person has read the words of a bundle, taken out what still names anybody, and lets it leave.

    Raises:
        NotAllowed: the actor may not decide, or wrote the report.
    """
    row = _bundle(bundle_id, "check")
    person_id = _deciding(actor)
    review = Review.objects.filter(id=row.review_id).first()
    if review is None:
        raise NotFound
    if review.author_id == person_id:
        raise NotAllowed("Nobody prepares the review of their own report.")
    Bundle.objects.filter(id=row.id).update(
        state="released",
        question=question,
        text=text,
        earlier=earlier,
        checked_by_id=person_id,
        released_at=current_unit().at,
    )
    note(subject=("bundle", row.id), client_id=review.client_id, case_id=review.case_id, words="bundle-released")
    _bundle_duties(actor, row.id)


@action("review.answer_bundle")
def answer_bundle(
    *, actor: Actor, bundle_id: UUID, uk: int, radpeer: str, cause: str = "", comment: str = ""
) -> None:
    """An external reviewer judges a bundle, in the time of their appointment.

    Raises:
        NotFound: it is not theirs to see now.
        BadInput: the judgement is not whole.
    """
    if actor.person_id is None or queries.released_bundle(bundle_id, actor.person_id) is None:
        raise NotFound
    row = _bundle(bundle_id, "released")
    faults = grades.grade_faults(uk, radpeer, cause, comment)
    if faults:
        raise BadInput("The judgement is not whole.", errors=faults)
    Bundle.objects.filter(id=row.id).update(
        state="answered", uk=uk, radpeer=radpeer, cause=cause, comment=comment.strip(), answered_at=current_unit().at
    )
    note(subject=("bundle", row.id), words="bundle-answered", facts={"uk": uk})
    _bundle_duties(actor, row.id)
    publish(BundleAnswered(client_id=row.of_client, bundle_id=row.id))


@action("review.take_answer")
def take_answer(*, actor: Actor, bundle_id: UUID) -> None:
    """The judgement of an external reviewer becomes that of the review; done twice, it changes nothing."""
    one = queries.bundle(bundle_id)
    if one is None or one["state"] != "answered":
        raise NotFound
    row = _row(one["review_id"])
    note(subject=("bundle", bundle_id), client_id=row.client_id, case_id=row.case_id, words="answer-taken")
    if Grade.objects.filter(review_id=row.id, act=one["act"]).exists():
        return
    words = (one["uk"], one["radpeer"], one["cause"], one["comment"])
    _grade(row, Act(one["act"]), one["reviewer_id"], *words, bundle=bundle_id)
    _follow(actor, row)


# --- appointments -------------------------------------------------------------------------------------------------


@action("review.appoint")
def appoint(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write the appointment of an external reviewer, or a version of one; its end is a duty before it comes.

    Raises:
        BadInput: the person does not hold the role, or the time is too long.
    """
    taken = writing.taken(appointment.FIELDS, values)
    faults = appointment.faults(taken, thresholds.whole("peer_review.appointment"))
    person = accounts.person(taken["person"])
    if person is None or "external_reviewer" not in person.roles:
        faults["person"] = "Give this person the role External reviewer first, on the page of people."
    if faults:
        raise BadInput("This appointment cannot stand like this.", errors=faults)
    entry = writing.add_version(
        Appointment,
        appointment.FIELDS,
        actor=actor,
        values=values,
        key=key,
        why=why,
        valid_from=valid_from,
        seen=seen,
    )
    over = day_of(current_unit().at) > entry["ends_on"]
    title = f"Appointment E-{entry.number}"
    wanted = [] if over else [WantedDuty(entry.key, None, title, end_of_day(entry["ends_on"]))]
    clock.keep_duties(actor=actor, kind="review.appointment", wanted=wanted, subject_ids=[entry.key])
    return entry.key


@action("review.end_appointment")
def end_appointment(*, actor: Actor, key: UUID, why: str) -> None:
    """End an appointment at once: from now on this person sees nothing."""
    writing.end_entry(Appointment, appointment.FIELDS, actor=actor, key=key, why=why)
    clock.keep_duties(actor=actor, kind="review.appointment", wanted=[], subject_ids=[key])
