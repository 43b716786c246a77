"""What the verbs of peer review share: who must do what next, kept as duties and bundles."""

import secrets
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.incidents import actions as incidents
from overread.journey.case import queries as cases
from overread.journey.review import queries
from overread.journey.review.events import AskedToday, BundleAsked
from overread.journey.review.models import Bundle, Grade, Review
from overread.journey.review.queries import LIVE, ReviewView
from overread.journey.review.rules import grades, sample, steps
from overread.journey.review.rules.steps import Act, Step

NO_ALERT = "none"
TODAY = frozenset({Act.REREAD, Act.CORRECT})
DUTY = "review."
RELEASE, OUTSIDE = "review.release", "review.outside"
PACKER = Actor.system("bundle-packer")


def _row_of(review_id: UUID) -> Review:
    row = Review.objects.select_for_update().filter(id=review_id).first()
    if row is None:
        raise NotFound
    return row


def _view_of(review_id: UUID) -> ReviewView:
    view = queries.review(review_id)
    if view is None:
        raise NotFound
    return view


def _deciding(actor: Actor) -> UUID:
    person = accounts.person(actor.person_id) if actor.person_id else None
    if person is None or not person.may("governance.approve"):
        raise NotAllowed("Only the registered manager, a director or the clinical lead decides this.")
    return person.id


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
        changed = clock.keep_duties(actor=actor, kind=DUTY + act, wanted=wanted, subject_ids=[row.id])
        if changed and act in TODAY:
            _ask_today(row, act, wanted)


def _ask_today(row: Review, act: Act, wanted: list[WantedDuty]) -> None:
    """A duty of today has no day before on which to remind of it: who has it is told in this moment."""
    for duty in wanted:
        publish(
            AskedToday(
                client_id=row.client_id, case_id=row.case_id, review_id=row.id, act=str(act), owner_id=duty.owner_id
            )
        )


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
    """A serious difference stands: an incident is written; the correction is a duty of today."""
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
        category="missed_finding"
        if last.cause == "perception"
        else "communication"
        if last.cause == "communication"
        else "other",
        harm="none",
        case_number=case.number if case else "",
        involved=row.author_id,
    )
    row.incident = key
    Review.objects.filter(id=row.id).update(incident=key)


def _follow_on(actor: Actor, row: Review) -> None:
    view = _view_of(row.id)
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


def _write_grade(
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
