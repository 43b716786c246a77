"""Uploads: one receipt for a sitting, one line for every file."""

from uuid import UUID

from django.utils import timezone

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotFound
from overread.journey.reception.models import Upload, UploadedFile
from overread.journey.reception.queries import UploadView, upload

OUTCOMES = ("stored", "duplicate", "refused")


def _open(upload_id: UUID) -> Upload:
    row: Upload | None = Upload.objects.select_for_update().filter(id=upload_id).first()
    if row is None:
        raise NotFound
    if row.state != "open":
        raise Conflict("This upload has ended. Begin another for further files.", code="ended")
    return row


@action("reception.begin_upload")
def begin_upload(*, actor: Actor, client_id: UUID, reference: str = "", announced: int | None = None) -> UUID:
    """Begin an upload.

    Args:
        actor: the person or gateway that sends.
        client_id: whose images.
        reference: what the sender calls it, such as a referral number; no names.
        announced: how many files will come, if known.
    """
    row = Upload.objects.create(
        client_id=client_id,
        person_id=actor.person_id,
        sender=actor.text,
        reference=reference.strip()[:100],
        announced=announced,
        started_at=timezone.now(),
    )
    note(subject=("upload", row.id), client_id=client_id, facts={"announced": announced or 0})
    return row.id


@action("reception.record_file")
def record_file(
    *,
    actor: Actor,
    upload_id: UUID,
    number: int,
    name: str,
    outcome: str,
    reason: str = "",
    study_uid: str = "",
    sop_uid: str = "",
    sha256: str = "",
    length: int = 0,
) -> None:
    """What became of one file; recorded once per number, the first word stands.

    Args:
        actor: who sends.
        upload_id: the upload.
        number: the file's place in the upload, from 1.
        name: its name on the sender's disk; shown on the receipt only.
        outcome: stored, duplicate or refused.
        reason: why it was refused, in words for the sender.
        study_uid, sop_uid, sha256, length: of the object, where it is one; length in bytes.

    Raises:
        BadInput: the outcome is none, or a refusal has no reason.
        Conflict: the upload has ended.
    """
    if outcome not in OUTCOMES or (outcome == "refused" and not reason.strip()):
        raise BadInput("A file is stored, duplicate, or refused with a reason.")
    row = _open(upload_id)
    _, new = UploadedFile.objects.get_or_create(
        client_id=row.client_id,
        upload=row,
        number=number,
        defaults={
            "name": name[:300],
            "outcome": outcome,
            "reason": reason.strip()[:300],
            "study_uid": study_uid[:64],
            "sop_uid": sop_uid[:64],
            "sha256": sha256,
            "length": length,
            "at": timezone.now(),
        },
    )
    note(
        subject=("upload", row.id),
        client_id=row.client_id,
        words="" if new else "again",
        facts={"number": number, "outcome": outcome, "sha256": sha256},
    )


@action("reception.finish_upload")
def finish_upload(*, actor: Actor, upload_id: UUID) -> UploadView:
    """End an upload and return its receipt: every file with its outcome, and whether all announced ones are there.

    Raises:
        Conflict: it has ended already.
        NotFound: there is no such upload in scope.
    """
    row = _open(upload_id)
    row.state, row.finished_at = "finished", timezone.now()
    row.save(update_fields=["state", "finished_at"])
    receipt = upload(upload_id)
    if receipt is None:
        raise NotFound
    note(
        subject=("upload", row.id),
        client_id=row.client_id,
        facts={
            "stored": receipt.count("stored"),
            "duplicate": receipt.count("duplicate"),
            "refused": receipt.count("refused"),
        },
    )
    return receipt
