"""Verbs of the archive: index a batch of stored objects, say whose a study is."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import F

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import NotFound
from overread.journey.archive.events import InstancesIndexed, StudyChanged
from overread.journey.archive.models import Instance, Series, Study
from overread.journey.archive.queries import Indexed
from overread.journey.archive.rules import StoredObject, image_set_hash, joined_modalities


def _sorted_out(client_id: UUID, objects: Iterable[StoredObject]) -> tuple[list[StoredObject], list[StoredObject], int]:
    """New objects, those whose UID we have with other bytes, and the number of plain repeats."""
    objects = list(objects)
    known = dict(
        Instance.objects.filter(client_id=client_id, sop_uid__in={o.sop_uid for o in objects}).values_list(
            "sop_uid", "sha256"
        )
    )
    new: list[StoredObject] = []
    conflicts: list[StoredObject] = []
    repeats = 0
    for stored in objects:
        have = known.get(stored.sop_uid)
        if have is None:
            known[stored.sop_uid] = stored.sha256
            new.append(stored)
        elif have == stored.sha256:
            repeats += 1
        else:
            conflicts.append(stored)
    return new, conflicts, repeats


def _study_of(client_id: UUID, first: StoredObject) -> tuple[Study, bool]:
    row, made = Study.objects.get_or_create(
        client_id=client_id,
        uid=first.study_uid,
        defaults={
            "identifier": first.identifier,
            "issuer": first.issuer,
            "patient_name": first.patient_name,
            "birth_date": first.birth_date,
            "birth_date_given": first.birth_date_given,
            "sex": first.sex,
            "nhs_number": first.nhs_number,
            "accession": first.accession,
            "study_date": first.study_date,
            "acquired_at": first.acquired_at,
            "description": first.study_description,
            "modalities": first.modality,
            "body_part": first.body_part,
            "laterality": first.laterality,
            "referrer": first.referrer,
            "institution": first.institution,
            "source": first.source,
            "first_at": first.received_at,
            "last_at": first.received_at,
        },
    )
    return row, made


def _grown(objects: list[StoredObject], before: Series | None = None) -> dict[str, float | None]:
    """How much of the patient a series shows with these objects (REQ-81)."""
    every: list[StoredObject | Series] = [*objects, *([before] if before else [])]
    across = [o.across_mm for o in every if o.across_mm is not None]
    low = [o.low_mm for o in every if o.low_mm is not None]
    high = [o.high_mm for o in every if o.high_mm is not None]
    return {
        "across_mm": max(across, default=None),
        "low_mm": min(low, default=None),
        "high_mm": max(high, default=None),
    }


def _series_of(study: Study, objects: list[StoredObject]) -> dict[str, Series]:
    """The study's series that the objects belong to, made if new, with their counts moved on."""
    have = {s.uid: s for s in Series.objects.filter(study=study, uid__in={o.series_uid for o in objects})}
    by_uid: dict[str, list[StoredObject]] = defaultdict(list)
    for stored in objects:
        by_uid[stored.series_uid].append(stored)
    made = []
    for uid, group in by_uid.items():
        if uid in have:
            grown = _grown(group, have[uid])
            Series.objects.filter(id=have[uid].id).update(image_count=F("image_count") + len(group), **grown)
            continue
        first = group[0]
        have[uid] = Series(
            client_id=study.client_id,
            study=study,
            uid=uid,
            modality=first.modality,
            number=first.series_number,
            description=first.series_description,
            body_part=first.body_part,
            laterality=first.laterality,
            declared_images=first.series_images,
            image_count=len(group),
            first_at=first.received_at,
            **_grown(group),
        )
        made.append(have[uid])
    Series.objects.bulk_create(made)
    return have


def _instance(study: Study, series: Series, stored: StoredObject) -> Instance:
    return Instance(
        client_id=study.client_id,
        study=study,
        series=series,
        sop_uid=stored.sop_uid,
        sop_class=stored.sop_class,
        number=stored.number,
        transfer_syntax=stored.transfer_syntax,
        sha256=stored.sha256,
        key=stored.key,
        length=stored.length,
        rows=stored.rows,
        columns=stored.columns,
        frames=stored.frames,
        lossy=stored.lossy,
        has_pixels=stored.has_pixels,
        received_at=stored.received_at,
    )


def _move_on(study: Study, objects: list[StoredObject], declared: int | None) -> None:
    """Counts and gaps of the study after these objects; what its first image said stays."""
    acquired = [o.acquired_at for o in objects if o.acquired_at]
    before = study.acquired_at
    Study.objects.filter(id=study.id).update(
        image_count=F("image_count") + len(objects),
        series_count=Series.objects.filter(study=study).count(),
        total_bytes=F("total_bytes") + sum(o.length for o in objects),
        modalities=joined_modalities(study.modalities, *(o.modality for o in objects)),
        acquired_at=min([*acquired, before]) if acquired and before else (before or min(acquired, default=None)),
        laterality=study.laterality or next((o.laterality for o in objects if o.laterality), ""),
        body_part=study.body_part or next((o.body_part for o in objects if o.body_part), ""),
        nhs_number=study.nhs_number or next((o.nhs_number for o in objects if o.nhs_number), ""),
        declared_images=declared or study.declared_images,
        last_at=max(study.last_at, *(o.received_at for o in objects)),
        version=F("version") + 1,
    )


def _index_study(client_id: UUID, objects: list[StoredObject]) -> UUID:
    study, first = _study_of(client_id, objects[0])
    study = Study.objects.select_for_update().get(id=study.id)
    series = _series_of(study, objects)
    Instance.objects.bulk_create([_instance(study, series[o.series_uid], o) for o in objects])
    declared = max((o.study_images for o in objects if o.study_images), default=None)
    _move_on(study, objects, declared)
    note(
        subject=("study", study.id),
        client_id=client_id,
        facts={
            "images": len(objects),
            "bytes": sum(o.length for o in objects),
            "sha256": image_set_hash((o.sop_uid, o.sha256) for o in objects),
        },
    )
    publish(
        InstancesIndexed(
            client_id=client_id, study_id=study.id, added=len(objects), first=first, declared_images=declared
        )
    )
    publish(StudyChanged(client_id=client_id, study_id=study.id))
    return study.id


@action("archive.index")
def index(*, actor: Actor, client_id: UUID, objects: tuple[StoredObject, ...]) -> Indexed:
    """Enter a batch of stored objects of one client; may be repeated without harm.

    The same instance again is success. The same SOP UID with other bytes changes nothing and is returned as a
    conflict, for the caller to keep apart (H24). The rows of instances never change.

    Args:
        actor: who brings them.
        client_id: whose they are.
        objects: at most a few hundred, so that the transaction stays short.
    """
    new, conflicts, repeats = _sorted_out(client_id, objects)
    groups: dict[str, list[StoredObject]] = defaultdict(list)
    for stored in new:
        groups[stored.study_uid].append(stored)
    studies = tuple(_index_study(client_id, group) for group in groups.values())
    if repeats or conflicts or not studies:
        note(
            subject=("batch", len(objects)),
            client_id=client_id,
            facts={"repeats": repeats, "conflicts": len(conflicts)},
        )
    return Indexed(new=len(new), repeats=repeats, conflicts=tuple(conflicts), study_ids=studies)


@action("archive.set_patient")
def set_patient(*, actor: Actor, study_id: UUID, patient_id: UUID | None) -> None:
    """Say whose study it is, or take that back; the fields as sent stay as they are.

    Raises:
        NotFound: there is no such study in scope.
    """
    row = Study.objects.select_for_update().filter(id=study_id).first()
    if row is None:
        raise NotFound
    Study.objects.filter(id=study_id).update(patient_id=patient_id, version=F("version") + 1)
    note(
        subject=("study", study_id),
        client_id=row.client_id,
        facts={"patient": str(patient_id) if patient_id else ""},
    )
    publish(StudyChanged(client_id=row.client_id, study_id=study_id))
