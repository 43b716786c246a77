"""Verbs of credentials: record a registration or a privilege, or its end. Nobody records their own."""

import uuid
from datetime import date, datetime
from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, NotAllowed
from overread.foundation.work.unit import current_unit
from overread.governance.credentials.models import Privilege, Registration
from overread.governance.credentials.rules import Body


def _not_own(actor: Actor, person_id: UUID) -> None:
    if actor.person_id == person_id:
        raise NotAllowed("Nobody records their own credentials. Ask another manager.", code="own-credentials")


@action("credentials.record_registration")
def record_registration(
    *,
    actor: Actor,
    person_id: UUID,
    body: str,
    number: str,
    checked_on: date,
    valid_from: datetime,
    valid_to: datetime | None = None,
    key: UUID | None = None,
) -> UUID:
    """Record that a person's registration was checked; pass the key of an earlier version to replace it.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: no such regulator, or no number.
    """
    _not_own(actor, person_id)
    if body not in set(Body) or not number.strip():
        raise BadInput("The registration needs its body and number.", errors={"number": "Give the GMC or GDC number."})
    row = Registration.objects.create(
        key=key or uuid.uuid4(),
        person_id=person_id,
        body=body,
        number=number.strip(),
        checked_on=checked_on,
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=current_unit().at,
        recorded_by=actor.text,
    )
    note(subject=("registration", row.key), facts={"person": str(person_id), "body": body, "version": str(row.id)})
    return row.key


@action("credentials.record_privilege")
def record_privilege(
    *,
    actor: Actor,
    person_id: UUID,
    modalities: tuple[str, ...],
    read_types: tuple[str, ...],
    valid_from: datetime,
    valid_to: datetime | None = None,
    client_id: UUID | None = None,
    key: UUID | None = None,
) -> UUID:
    """Record what a person may read, for one client or for all; pass a key to replace an earlier version.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: nothing would be allowed by it.
    """
    _not_own(actor, person_id)
    if not modalities or not read_types:
        raise BadInput("A privilege names at least one modality and one kind of read.")
    row = Privilege.objects.create(
        key=key or uuid.uuid4(),
        person_id=person_id,
        for_client_id=client_id,
        modalities=sorted(modalities),
        read_types=sorted(read_types),
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=current_unit().at,
        recorded_by=actor.text,
    )
    facts = {"person": str(person_id), "modalities": sorted(modalities), "version": str(row.id)}
    note(subject=("privilege", row.key), client_id=None, facts=facts)
    return row.key
