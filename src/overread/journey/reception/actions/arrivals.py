"""Completeness of studies: what is expected, declared, quiet, or said by a person to be whole."""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.journey.agreement.queries import terms_for
from overread.journey.archive import queries as archive_queries
from overread.journey.case import queries as case_queries
from overread.journey.patient.rules import age_at
from overread.journey.reception.actions._taking import _complete, _settle
from overread.journey.reception.actions.holds import release_hold
from overread.journey.reception.models import Arrival, Expected, Hold
from overread.journey.reception.rules import HoldReason


def _arrival(study_id: UUID) -> tuple[Arrival, int]:
    row = Arrival.objects.select_for_update().filter(study_id=study_id).first()
    study = archive_queries.study(study_id)
    if row is None or study is None:
        raise NotFound
    return row, study.image_count


@action("reception.check_quiet")
def check_quiet(*, actor: Actor, study_id: UUID, at: datetime | None = None) -> None:
    """The quiet time may be over: complete the study, or watch on when images came meanwhile.

    Args:
        actor: the clock.
        study_id: the study.
        at: the present; None for now.
    """
    row, images = _arrival(study_id)
    note(subject=("study", study_id), client_id=row.client_id, facts={"images": images})
    if row.state == "receiving":
        _settle(row, images, actor=actor, at=at or timezone.now())


@action("reception.declare_images")
def declare_images(*, actor: Actor, study_id: UUID, number: int, by: str) -> None:
    """Somebody says how many images a study has; with all of them there it is complete at once.

    Args:
        actor: who passes it on.
        study_id: the study.
        number: how many images.
        by: sender, referral or person.

    Raises:
        BadInput: the number is not positive.
        NotFound: there is no such study in scope.
    """
    if number < 1:
        raise BadInput("A study has at least one image.", errors={"number": "Give a number above zero."})
    row, images = _arrival(study_id)
    row.declared_images, row.declared_by = number, by[:20]
    row.save(update_fields=["declared_images", "declared_by"])
    note(subject=("study", study_id), client_id=row.client_id, facts={"images": number, "by": by})
    if row.state == "receiving":
        _settle(row, images, actor=actor)


@action("reception.complete_study")
def complete_study(*, actor: Actor, study_id: UUID, reason: str) -> None:
    """A person says that a study is whole, although fewer images came than were declared, or the quiet time runs.

    Raises:
        BadInput: no reason.
        Conflict: it is complete already.
    """
    if not reason.strip():
        raise BadInput("Say how you know that the study is whole.", errors={"reason": "A reason is needed."})
    row, images = _arrival(study_id)
    if row.state == "complete" and not row.short:
        raise Conflict("This study already counts as complete.", code="complete")
    note(subject=("study", study_id), client_id=row.client_id, words=reason.strip()[:200])
    _complete(row, images, by="person", short=False, actor=actor)


@action("reception.expect")
def expect(
    *,
    actor: Actor,
    client_id: UUID,
    referral_id: UUID,
    accession: str = "",
    identifier: str = "",
    issuer: str = "",
    birth_date: date | None = None,
    images: int | None = None,
) -> None:
    """An accepted referral says whose images will come, or have come: its date of birth decides about age.

    Held studies that it answers - same accession and same patient number, no date of birth - are released by it.
    """
    Expected.objects.update_or_create(
        client_id=client_id,
        referral_id=referral_id,
        defaults={
            "accession": accession.strip(),
            "identifier": identifier.strip(),
            "issuer": issuer.strip(),
            "birth_date": birth_date,
            "images": images,
            "expected_at": timezone.now(),
        },
    )
    note(subject=("referral", referral_id), client_id=client_id, facts={"images": images or 0})
    if birth_date is None or not (accession.strip() and identifier.strip()):
        return
    held = Hold.objects.filter(
        client_id=client_id,
        state="open",
        reason=HoldReason.NO_BIRTH_DATE.value,
        accession=accession.strip(),
        identifier=identifier.strip(),
    )
    youngest = terms_for(client_id).adult_age
    for hold in held:
        on = hold.study_date or hold.opened_at.date()
        if birth_date <= on and age_at(birth_date, on) >= youngest:
            release_hold(actor=actor, hold_id=hold.id, birth_date=birth_date, evidence="The referral gives it.")


@action("reception.joined_case")
def joined_case(*, actor: Actor, client_id: UUID, study_id: UUID) -> None:
    """A study became part of a case: it no longer waits for its referral (H28)."""
    waiting = Arrival.objects.filter(study_id=study_id, with_case_at__isnull=True)
    note(
        subject=("study", study_id), client_id=client_id, facts={"waited": waiting.update(with_case_at=timezone.now())}
    )


@action("reception.left_case")
def left_case(*, actor: Actor, client_id: UUID, study_id: UUID) -> None:
    """A study was taken out of a case: unless it is part of another, it waits for its referral again (H28)."""
    waits = study_id not in case_queries.studies_in_any_case([study_id])
    if waits:
        Arrival.objects.filter(study_id=study_id).update(with_case_at=None)
    note(subject=("study", study_id), client_id=client_id, facts={"waits": waits})
