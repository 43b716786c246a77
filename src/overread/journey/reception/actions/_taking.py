"""How accepted objects enter the archive and their study's arrival; runs inside a verb's transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from overread.foundation.clock.actions import cancel_deadline, set_deadline
from overread.foundation.clock.queries import due_for
from overread.foundation.work.action import note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.journey.agreement.queries import terms_for
from overread.journey.archive import actions as archive
from overread.journey.archive import queries as archive_queries
from overread.journey.archive.queries import Indexed
from overread.journey.archive.rules import StoredObject, object_to_json
from overread.journey.case import actions as cases
from overread.journey.case import queries as case_queries
from overread.journey.reception import rules
from overread.journey.reception.events import ObjectQuarantined, StudyComplete
from overread.journey.reception.models import Arrival, Expected, Quarantined
from overread.journey.reception.rules import Completeness, QuarantineReason

QUIET = "reception.quiet"


def _quarantine(client_id: UUID, found: Sequence[tuple[StoredObject, str, str]]) -> int:
    """Keep objects apart, each with reason and detail; the same bytes are kept apart once."""
    rows = [
        Quarantined(
            client_id=client_id,
            reason=reason,
            detail=detail[:300],
            study_uid=stored.study_uid,
            series_uid=stored.series_uid,
            sop_uid=stored.sop_uid,
            sha256=stored.sha256,
            key=stored.key,
            length=stored.length,
            facts=object_to_json(stored),
            source=stored.source,
            received_at=stored.received_at,
        )
        for stored, reason, detail in found
    ]
    Quarantined.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        publish(ObjectQuarantined(client_id=client_id, count=len(rows)))
    return len(rows)


def _take(client_id: UUID, objects: Iterable[StoredObject], *, actor: Actor) -> Indexed:
    """Index accepted objects; those whose UID we have with other bytes go into quarantine; arrivals move on."""
    done = archive.index(actor=actor, client_id=client_id, objects=tuple(objects))
    _quarantine(client_id, [(o, QuarantineReason.OTHER_BYTES.value, "") for o in done.conflicts])
    for study_id in done.study_ids:
        _arrive(client_id, study_id, actor=actor)
    return done


def _expected_images(client_id: UUID, accession: str) -> int | None:
    if not accession:
        return None
    rows = Expected.objects.filter(client_id=client_id, accession=accession, images__isnull=False)
    return max(rows.values_list("images", flat=True), default=None)


def _arrive(client_id: UUID, study_id: UUID, *, actor: Actor) -> None:
    """A study grew: its arrival begins or goes on, and after completion its images are late."""
    study = archive_queries.study(study_id)
    if study is None:
        raise LookupError(f"study {study_id} vanished inside its transaction")
    declared = rules.declared_count(study.declared_images, _expected_images(client_id, study.accession))
    row, new = Arrival.objects.get_or_create(
        client_id=client_id,
        study_id=study_id,
        defaults={
            "first_at": study.first_at,
            "last_at": study.last_at,
            "declared_images": declared,
            "with_case_at": study.last_at if case_queries.studies_in_any_case([study_id]) else None,
        },
    )
    was_complete = row.state == "complete"
    if not new:
        row.state, row.last_at = "receiving", study.last_at
        row.declared_images = rules.declared_count(row.declared_images, declared)
        row.save(update_fields=["state", "last_at", "declared_images"])
    if was_complete:
        for case in case_queries.cases_of_study(study_id):
            cases.images_arriving(actor=actor, case_id=case.id, study_id=study_id)
    _settle(row, study.image_count, actor=actor)


def _settle(row: Arrival, images: int, *, actor: Actor, at: datetime | None = None) -> None:
    """Complete the arrival when it is whole, else see to it that the quiet time is watched."""
    quiet = terms_for(row.client_id).quiet_seconds
    state = rules.completeness(
        images=images,
        declared=row.declared_images,
        last_at=row.last_at,
        quiet_seconds=quiet,
        at=at or row.last_at,
    )
    if state is not Completeness.WAIT:
        by = "declared" if row.declared_images is not None and images >= row.declared_images else "quiet"
        _complete(row, images, by=by, short=state is Completeness.SHORT, actor=actor)
    elif not due_for([row.study_id], QUIET):
        set_deadline(
            actor=actor,
            kind=QUIET,
            subject_id=row.study_id,
            due_at=row.last_at + timedelta(seconds=quiet),
            client_id=row.client_id,
        )


def _complete(row: Arrival, images: int, *, by: str, short: bool, actor: Actor) -> None:
    """The study is whole, as of its newest image; its cases move on, or learn of late images."""
    late = row.completed_at is not None
    before = row.images_at_completion
    Arrival.objects.filter(id=row.id).update(
        state="complete",
        completed_at=row.last_at,
        completed_by=by,
        images_at_completion=images,
        short=short,
        version=F("version") + 1,
    )
    if due_for([row.study_id], QUIET):
        cancel_deadline(actor=actor, kind=QUIET, subject_id=row.study_id)
    facts = archive_queries.facts_for_case(row.study_id)
    note(
        subject=("study", row.study_id),
        client_id=row.client_id,
        words="complete",
        facts={"images": images, "by": by, "late": late, "short": short, "sha256": facts.image_set_sha256},
    )
    about: dict[str, Any] = {
        "actor": actor,
        "study_id": row.study_id,
        "at": row.last_at,
        "facts": facts,
        "short": short,
    }
    for case in case_queries.cases_of_study(row.study_id):
        if late and images > before:
            cases.images_late(case_id=case.id, images=images - before, **about)
        else:
            cases.images_complete(case_id=case.id, **about)
    publish(StudyComplete(client_id=row.client_id, study_id=row.study_id, images=images, late=late, short=short))


def _counted(decisions: Iterable[str]) -> dict[str, int]:
    return dict(Counter(decisions))
