"""Held studies: let in on the client's word, or returned."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.utils import timezone

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.journey.agreement.queries import terms_for
from overread.journey.archive.queries import study_by_uid
from overread.journey.archive.rules import StoredObject, object_from_json
from overread.journey.patient.rules import age_at
from overread.journey.reception import rules
from overread.journey.reception.actions._taking import _take
from overread.journey.reception.events import StudyReleased, StudyReturned
from overread.journey.reception.models import HeldObject, Hold
from overread.journey.reception.rules import HoldReason, Outcome

BATCH = 200


def _open(hold_id: UUID) -> Hold:
    row: Hold | None = Hold.objects.select_for_update().filter(id=hold_id).first()
    if row is None:
        raise NotFound
    if row.state != "open":
        raise Conflict("Somebody has decided about this study already.", code="decided")
    return row


def _demand(text: str, field: str, words: str) -> str:
    if not text.strip():
        raise BadInput(words, errors={field: words})
    return text.strip()


def _demand_adult(hold: Hold, objects: list[StoredObject], birth_date: date) -> None:
    youngest = terms_for(hold.client_id).adult_age
    on = min(rules.examined_on(o) for o in objects)
    decided = rules.adult(birth_date=None, reference=birth_date, age_text="", on=on, adult_age=youngest, given=True)
    if decided.outcome is Outcome.ACCEPT:
        return
    if decided.reason == HoldReason.UNDER_AGE:
        age = age_at(birth_date, on)
        words = f"The patient was then {age} on the day of the examination; we read from {youngest}. Return the study instead."
        raise BadInput(words, errors={"birth_date": words}, code="under-age")
    words = "This date of birth does not fit the date of the examination."
    raise BadInput(words, errors={"birth_date": words})


def _demand_scope(hold: Hold, objects: list[StoredObject]) -> None:
    terms = terms_for(hold.client_id)
    foreign = sorted(
        {o.modality for o in objects if o.modality not in rules.ACCOMPANYING and not terms.takes(o.modality)}
    )
    if foreign:
        raise BadInput(
            f"The agreement does not cover {', '.join(foreign)}. Widen the agreement first, or return the study.",
            code="out-of-scope",
        )


def _resolve(hold: Hold, actor: Actor, *, state: str, resolution: str, note_text: str, birth_date: date | None) -> None:
    Hold.objects.filter(id=hold.id).update(
        state=state,
        resolved_at=timezone.now(),
        resolved_by=actor.text,
        resolution=resolution,
        note=note_text,
        given_birth_date=birth_date,
    )


@action("reception.release_hold")
def release_hold(*, actor: Actor, hold_id: UUID, evidence: str, birth_date: date | None = None) -> UUID:
    """Let a held study into the archive.

    Args:
        actor: who decides.
        hold_id: the hold.
        evidence: who at the client said so, and how.
        birth_date: the date of birth from the client; needed unless the study was held for another reason.

    Returns:
        The study's id.

    Raises:
        BadInput: no evidence, no date of birth, the person was under age, or the agreement does not cover the study.
        Conflict: it was decided already.
        NotFound: there is no such hold in scope.
    """
    hold = _open(hold_id)
    text = _demand(evidence, "evidence", "Say who at the client confirmed this, and how.")
    objects = [object_from_json(r.facts) for r in HeldObject.objects.filter(hold=hold).order_by("received_at", "id")]
    known = birth_date or (
        hold.birth_date if hold.reason in (HoldReason.OUT_OF_SCOPE, HoldReason.PATIENT_CONFLICT) else None
    )
    if known is None:
        words = "Enter the date of birth that the client gave."
        raise BadInput(words, errors={"birth_date": words})
    _demand_adult(hold, objects, known)
    _demand_scope(hold, objects)
    study_id = None
    let_in = [replace(o, birth_date=known, birth_date_given=birth_date is not None) for o in objects]
    for start in range(0, len(let_in), BATCH):
        done = _take(hold.client_id, let_in[start : start + BATCH], actor=actor)
        study_id = study_id or next(iter(done.study_ids), None)
    _resolve(hold, actor, state="released", resolution=hold.reason, note_text=text, birth_date=birth_date)
    note(
        subject=("hold", hold.id),
        client_id=hold.client_id,
        facts={"reason": hold.reason, "images": len(objects), "birth_date_given": birth_date is not None},
    )
    found = study_id or _study_of(hold)
    publish(StudyReleased(client_id=hold.client_id, hold_id=hold.id, study_id=found))
    return found


def _study_of(hold: Hold) -> UUID:
    """The study of a hold whose objects were all known already."""
    study = study_by_uid(hold.client_id, hold.study_uid)
    if study is None:
        raise Conflict("Nothing of this study could be let in: its objects stand in quarantine.", code="quarantined")
    return study.id


@action("reception.return_hold")
def return_hold(*, actor: Actor, hold_id: UUID, reason: str) -> None:
    """Do not take a held study: its bytes are removed, and what it was stays on record without them.

    Raises:
        BadInput: no reason.
        Conflict: it was decided already.
    """
    hold = _open(hold_id)
    text = _demand(reason, "reason", "Say why the study is returned; the client reads it.")
    _resolve(hold, actor, state="returned", resolution="returned", note_text=text, birth_date=None)
    note(
        subject=("hold", hold.id),
        client_id=hold.client_id,
        facts={"reason": hold.reason, "images": hold.image_count},
    )
    publish(StudyReturned(client_id=hold.client_id, hold_id=hold.id))


@action("reception.record_purged")
def record_purged(*, actor: Actor, hold_id: UUID, removed: int, kept: int) -> None:
    """The bytes of a returned study are gone, except those that another study holds too.

    Args:
        actor: who removed them.
        hold_id: the hold.
        removed: how many objects were removed from the store.
        kept: how many stay because the same bytes belong to something else.
    """
    hold = Hold.objects.select_for_update().filter(id=hold_id, state="returned").first()
    if hold is None:
        raise NotFound
    HeldObject.objects.filter(hold=hold).delete()
    Hold.objects.filter(id=hold.id).update(purged_at=timezone.now(), patient_name="", identifier="", birth_date=None)
    note(subject=("hold", hold.id), client_id=hold.client_id, facts={"removed": removed, "kept": kept})
