"""Verbs of seats: where a reader sits, and browsers that are known to be a workstation's."""

import secrets
from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import NotAllowed, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.equipment.models import Device, Seat
from overread.governance.equipment.queries import workstation
from overread.governance.equipment.queries.register import device_hash


def _may_sit(actor: Actor, workstation_id: UUID) -> UUID:
    desk = workstation(workstation_id)
    if desk is None or actor.person_id is None:
        raise NotFound
    if desk.owner_id not in (None, actor.person_id):
        raise NotAllowed(
            "This is another reader's workstation. Choose your own, or one for everybody.", code="other-desk"
        )
    return actor.person_id


@action("equipment.take_seat")
def take_seat(*, actor: Actor, workstation_id: UUID | None, how: str) -> None:
    """Say where a reader sits from now on.

    Args:
        workstation_id: None at a browser that nobody has named.
        how: "device" by the browser's secret, "chosen" by the reader, "nowhere".

    Raises:
        NotFound: there is no such workstation.
        NotAllowed: it is another reader's.
    """
    person_id = actor.person_id
    if workstation_id is not None:
        person_id = _may_sit(actor, workstation_id)
    if person_id is None:
        raise NotAllowed("Only a person sits at a workstation.")
    Seat.objects.create(person_id=person_id, workstation_id=workstation_id, how=how, at=current_unit().at)
    note(subject=("person", person_id), facts={"workstation": str(workstation_id or ""), "how": how})


@action("equipment.remember_device")
def remember_device(*, actor: Actor, workstation_id: UUID, words: str) -> str:
    """Let this browser count as a workstation's from now on.

    Args:
        words: what browser it is, for the register.

    Returns:
        A secret for its cookie; only its hash is kept.

    Raises:
        NotFound, NotAllowed: as in take_seat.
    """
    person_id = _may_sit(actor, workstation_id)
    secret = secrets.token_urlsafe(32)
    row = Device.objects.create(
        workstation_id=workstation_id,
        sha256=device_hash(secret),
        words=words[:120],
        made_by_id=person_id,
        made_at=current_unit().at,
    )
    note(subject=("workstation", workstation_id), facts={"device": str(row.id)})
    return secret


@action("equipment.end_device")
def end_device(*, actor: Actor, device_id: UUID) -> None:
    """Let a browser no longer count as a workstation's.

    Raises:
        NotFound: there is no such browser.
    """
    row = Device.objects.filter(id=device_id, ended_at__isnull=True).first()
    if row is None:
        raise NotFound
    Device.objects.filter(id=device_id, ended_at__isnull=True).update(ended_at=current_unit().at)
    note(subject=("workstation", row.workstation_id), facts={"device": str(device_id)})
