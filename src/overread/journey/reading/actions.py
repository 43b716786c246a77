"""Verbs of reading: what was displayed, and key images."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Max

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Conflict, NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.journey.allocation import queries as claims
from overread.journey.archive import queries as archive
from overread.journey.reading import queries
from overread.journey.reading.models import Displayed, KeyImage


def _access(actor: Actor, read_id: UUID) -> tuple[queries.ReadAccess, UUID]:
    if actor.person_id is None:
        raise NotAllowed("Only a person reads.")
    found = queries.access(read_id, actor.person_id)
    if found is None:
        raise NotFound
    return found, actor.person_id


@action("reading.record_displayed")
def record_displayed(*, actor: Actor, read_id: UUID, sop_uids: Iterable[str]) -> int:
    """Record which images were displayed; only instances of the read's studies count. Returns how many were new."""
    access, person_id = _access(actor, read_id)
    known = archive.held_among((s.study_id for s in access.studies), sop_uids)
    there = set(
        Displayed.objects.filter(read_id=read_id, person_id=person_id, sop_uid__in=known).values_list(
            "sop_uid", flat=True
        )
    )
    at = current_unit().at
    rows = [
        Displayed(client_id=access.client_id, read_id=read_id, person_id=person_id, sop_uid=uid, first_at=at)
        for uid in sorted(known - there)
    ]
    Displayed.objects.bulk_create(rows, ignore_conflicts=True)
    note(subject=("read", read_id), client_id=access.client_id, case_id=access.case_id, facts={"new": len(rows)})
    return len(rows)


@action("reading.keep_key_image")
def keep_key_image(
    *,
    actor: Actor,
    read_id: UUID,
    sop_uid: str,
    frame: int,
    view: Mapping[str, Any],
    words: str,
    picture: Mapping[str, Any],
) -> int:
    """Keep a key image. Only who holds the read may; a signed read's key images stay as they are.

    Args:
        sop_uid, frame: which image.
        view: window, camera and slab as the viewer had them.
        words: series and image in words, and the last measurement.
        picture: {"key", "sha256", "length"} of the stored picture.

    Returns:
        Its number within the read.
    """
    access, person_id = _access(actor, read_id)
    if not claims.holds(read_id, person_id):
        raise Conflict("This read is no longer yours, so nothing can be added to it.", code="lease-lost")
    if not archive.held_among((s.study_id for s in access.studies), [sop_uid]):
        raise NotFound("That image is not part of this read. Nothing was kept.", code="wrong-image")
    top = KeyImage.objects.filter(read_id=read_id).aggregate(top=Max("number"))["top"] or 0
    row = KeyImage.objects.create(
        client_id=access.client_id,
        read_id=read_id,
        case_id=access.case_id,
        number=top + 1,
        sop_uid=sop_uid,
        frame=frame,
        view=dict(view),
        words=words[:300],
        picture_key=picture.get("key", ""),
        picture_sha256=picture.get("sha256", ""),
        picture_length=picture.get("length", 0),
        made_by_id=person_id,
        made_at=current_unit().at,
    )
    facts = {"number": row.number, "sop": sop_uid, "frame": frame, "sha256": row.picture_sha256}
    note(subject=("key-image", row.id), client_id=access.client_id, case_id=access.case_id, facts=facts)
    return int(row.number)


@action("reading.remove_key_image")
def remove_key_image(*, actor: Actor, read_id: UUID, number: int) -> None:
    """Take a key image away; it can be made again, and its number is not used twice."""
    access, person_id = _access(actor, read_id)
    if not claims.holds(read_id, person_id):
        raise Conflict("This read is no longer yours.", code="lease-lost")
    KeyImage.objects.filter(read_id=read_id, number=number, removed_at__isnull=True).update(
        removed_at=current_unit().at
    )
    note(subject=("read", read_id), client_id=access.client_id, case_id=access.case_id, facts={"number": number})
