"""What an external reviewer gets and gives."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.review import queries
from overread.journey.review.actions._steps import (
    _bundle_duties,
    _deciding,
    _follow_on,
    _row_of,
    _write_grade,
)
from overread.journey.review.events import BundleAnswered
from overread.journey.review.models import Bundle, Grade, Review
from overread.journey.review.rules import grades
from overread.journey.review.rules.steps import Act


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
def answer_bundle(*, actor: Actor, bundle_id: UUID, uk: int, radpeer: str, cause: str = "", comment: str = "") -> None:
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


@action("review.fetch_bundle")
def fetch_bundle(*, actor: Actor, bundle_id: UUID) -> None:
    """An external reviewer fetches the images of a bundle: written before the first byte leaves.

    Raises:
        NotFound: it is not theirs to see now.
    """
    if actor.person_id is None or queries.released_bundle(bundle_id, actor.person_id) is None:
        raise NotFound
    note(subject=("bundle", bundle_id), words="bundle-fetched")


@action("review.take_answer")
def take_answer(*, actor: Actor, bundle_id: UUID) -> None:
    """The judgement of an external reviewer becomes that of the review; done twice, it changes nothing."""
    one = queries.bundle(bundle_id)
    if one is None or one["state"] != "answered":
        raise NotFound
    row = _row_of(one["review_id"])
    note(subject=("bundle", bundle_id), client_id=row.client_id, case_id=row.case_id, words="answer-taken")
    if Grade.objects.filter(review_id=row.id, act=one["act"]).exists():
        return
    words = (one["uk"], one["radpeer"], one["cause"], one["comment"])
    _write_grade(row, Act(one["act"]), one["reviewer_id"], *words, bundle=bundle_id)
    _follow_on(actor, row)
