"""How objects are held; runs inside a verb's transaction."""

from collections.abc import Iterable
from uuid import UUID

from overread.foundation.work.action import note
from overread.foundation.work.reactions import publish
from overread.journey.archive.rules import StoredObject, object_to_json
from overread.journey.reception.events import StudyHeld
from overread.journey.reception.models import HeldObject, Hold


def _open_holds(client_id: UUID, study_uids: Iterable[str]) -> dict[str, Hold]:
    rows = Hold.objects.filter(client_id=client_id, study_uid__in=set(study_uids), state="open")
    return {row.study_uid: row for row in rows}


def _open_hold(client_id: UUID, first: StoredObject, reason: str) -> Hold:
    hold: Hold = Hold.objects.create(
        client_id=client_id,
        study_uid=first.study_uid,
        reason=reason,
        identifier=first.identifier,
        issuer=first.issuer,
        patient_name=first.patient_name,
        sex=first.sex,
        birth_date=first.birth_date,
        age_text=first.age,
        study_date=first.study_date,
        accession=first.accession,
        modality=first.modality,
        description=first.study_description,
        source=first.source,
        opened_at=first.received_at,
        last_at=first.received_at,
    )
    note(subject=("hold", hold.id), client_id=client_id, words=reason, facts={"reason": reason})
    publish(StudyHeld(client_id=client_id, hold_id=hold.id, reason=reason))
    return hold


def _hold(client_id: UUID, hold: Hold | None, objects: list[StoredObject], reason: str) -> list[StoredObject]:
    """Add objects of one study to its open hold, made if there is none; an object is held once.

    Returns:
        Those whose UID is held already with other bytes.
    """
    row = hold or _open_hold(client_id, objects[0], reason)
    known = dict(
        HeldObject.objects.filter(hold=row, sop_uid__in=[o.sop_uid for o in objects]).values_list("sop_uid", "sha256")
    )
    new: list[StoredObject] = []
    others: list[StoredObject] = []
    for stored in objects:
        have = known.setdefault(stored.sop_uid, stored.sha256)
        if have != stored.sha256:
            others.append(stored)
        elif not any(o.sop_uid == stored.sop_uid for o in new):
            new.append(stored)
    HeldObject.objects.bulk_create([_row(client_id, row, o) for o in new], ignore_conflicts=True)
    count = HeldObject.objects.filter(hold=row).count()
    Hold.objects.filter(id=row.id).update(image_count=count, last_at=max(o.received_at for o in objects))
    return others


def _row(client_id: UUID, hold: Hold, stored: StoredObject) -> HeldObject:
    return HeldObject(
        client_id=client_id,
        hold=hold,
        sop_uid=stored.sop_uid,
        sha256=stored.sha256,
        key=stored.key,
        length=stored.length,
        facts=object_to_json(stored),
        received_at=stored.received_at,
    )
