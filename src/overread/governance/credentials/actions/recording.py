"""Verbs that record what is on a certificate, a register or a form. Nobody records their own."""

import re
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.work.action import action
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import publish
from overread.foundation.work.refusals import BadInput, NotFound
from overread.foundation.work.unit import current_unit
from overread.governance.credentials.actions._versions import (
    _add_version,
    _end_version,
    _filled,
    _not_after,
)
from overread.governance.credentials.events import RegisterCheckFailed
from overread.governance.credentials.models import Appraisal, Dbs, Indemnity, Privilege, Registration, Revalidation
from overread.governance.credentials.queries import limits
from overread.governance.credentials.rules import MODALITIES, READ_TYPES, Body, Scope, months_after

KNOWN_MODALITIES, KNOWN_READ_TYPES = frozenset(dict(MODALITIES)), frozenset(dict(READ_TYPES))
NUMBERS = {Body.GMC: re.compile(r"\d{7}"), Body.GDC: re.compile(r"\d{4,6}")}


def _today() -> date:
    return timezone.localdate(current_unit().at)


@action("credentials.record_registration")
def record_registration(
    *,
    actor: Actor,
    person_id: UUID,
    body: str,
    number: str,
    checked_on: date,
    licence: bool,
    specialist: bool,
    failed: bool = False,
    detail: str = "",
    valid_from: datetime | None = None,
    key: UUID | None = None,
) -> UUID:
    """Record a check of a regulator's register; pass the key of the entry to record a further check (REQ-09).

    A failed check stops allocation in this very transaction, because the gates read these rows.

    Args:
        body, number: GMC with seven digits, or GDC with four to six.
        checked_on: the day of the check.
        licence, specialist: what the register says.
        failed: the register did not show the person in good standing; `detail` then says what it showed.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: no such regulator, or a number, day or text that cannot be.
    """
    if body not in set(Body):
        raise BadInput("There is no such register.", errors={"body": "Choose the GMC or the GDC."})
    if not NUMBERS[Body(body)].fullmatch(number.strip()):
        raise BadInput(
            "That is no number of this register.",
            errors={"number": "A GMC number has seven digits, a GDC number four to six."},
        )
    _not_after(_today(), checked_on=checked_on)
    if failed:
        _filled(detail=detail)
    row = _add_version(
        Registration,
        actor=actor,
        person_id=person_id,
        key=key,
        body=body,
        number=number.strip(),
        checked_on=checked_on,
        licence=licence,
        specialist=specialist,
        failed=failed,
        detail=detail.strip()[:300],
        valid_from=valid_from or current_unit().at,
    )
    if failed:
        publish(RegisterCheckFailed(person_id=person_id, body=body, check=row.id))
    return UUID(str(row.key))


@action("credentials.record_privilege")
def record_privilege(
    *,
    actor: Actor,
    person_id: UUID,
    modalities: tuple[str, ...],
    read_types: tuple[str, ...],
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    client_id: UUID | None = None,
    regions: tuple[str, ...] = (),
    scope: str = "",
    key: UUID | None = None,
) -> UUID:
    """Record what a person may read, for one client or for all; pass a key to replace an earlier version (REQ-91).

    Args:
        modalities, read_types: what it allows.
        valid_from, valid_to: from and until when.
        client_id: for whom; None for every client.
        regions: body regions or words of the procedure; empty for all.
        scope: training for cone-beam CT, a value of rules.Scope.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: nothing would be allowed by it, or it names what does not exist.
    """
    if not modalities or not read_types:
        raise BadInput("A privilege names at least one modality and one kind of read.")
    if not set(modalities) <= KNOWN_MODALITIES or not set(read_types) <= KNOWN_READ_TYPES or scope not in set(Scope):
        raise BadInput("A privilege names a modality, a kind of read or a scope that does not exist.")
    if "CBCT" in modalities and not scope:
        raise BadInput(
            "A privilege for cone-beam CT says what it covers.",
            errors={"scope": "Choose what the reader's training covers."},
        )
    at = current_unit().at
    if valid_to is not None and valid_to <= (valid_from or at):
        raise BadInput("It ends before it begins.", errors={"valid_to": "Choose a later day."})
    row = _add_version(
        Privilege,
        actor=actor,
        person_id=person_id,
        key=key,
        for_client_id=client_id,
        modalities=sorted(modalities),
        read_types=sorted(read_types),
        regions=sorted({r.strip().casefold() for r in regions if r.strip()}),
        scope=scope,
        valid_from=valid_from or at,
        valid_to=valid_to,
    )
    return UUID(str(row.key))


@action("credentials.record_indemnity")
def record_indemnity(
    *,
    actor: Actor,
    person_id: UUID,
    insurer: str,
    modalities: tuple[str, ...],
    teleradiology: bool,
    jurisdiction: str,
    limit_pounds: int,
    starts_on: date,
    expires_on: date,
    policy_number: str = "",
    key: UUID | None = None,
) -> UUID:
    """Record a certificate of indemnity (REQ-11).

    Args:
        modalities, teleradiology, jurisdiction: its scope.
        limit_pounds: the limit of one claim, in pounds.
        starts_on, expires_on: its first and its last day.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: a field is empty, or it ends before it starts.
    """
    _filled(insurer=insurer, jurisdiction=jurisdiction)
    if not modalities or not set(modalities) <= KNOWN_MODALITIES:
        raise BadInput("The certificate names no modality.", errors={"modalities": "Choose at least one."})
    if limit_pounds <= 0:
        raise BadInput("The limit is missing.", errors={"limit_pounds": "Write the limit in pounds."})
    if expires_on < starts_on:
        raise BadInput("It ends before it starts.", errors={"expires_on": "Choose a later day."})
    row = _add_version(
        Indemnity,
        actor=actor,
        person_id=person_id,
        key=key,
        insurer=insurer.strip(),
        policy_number=policy_number.strip(),
        modalities=sorted(modalities),
        teleradiology=teleradiology,
        jurisdiction=jurisdiction.strip(),
        limit_pounds=limit_pounds,
        starts_on=starts_on,
        expires_on=expires_on,
    )
    return UUID(str(row.key))


@action("credentials.record_dbs")
def record_dbs(
    *,
    actor: Actor,
    person_id: UUID,
    level: str,
    issued_on: date,
    renew_by: date,
    number: str = "",
    key: UUID | None = None,
) -> UUID:
    """Record a DBS check and the last day on which it counts.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: a field is empty, or a day cannot be.
    """
    _filled(level=level)
    _not_after(_today(), issued_on=issued_on)
    if renew_by <= issued_on:
        raise BadInput("It ends before it starts.", errors={"renew_by": "Choose a later day."})
    values = {"level": level.strip(), "number": number.strip(), "issued_on": issued_on, "renew_by": renew_by}
    row = _add_version(Dbs, actor=actor, person_id=person_id, key=key, **values)
    return UUID(str(row.key))


@action("credentials.record_appraisal")
def record_appraisal(
    *,
    actor: Actor,
    person_id: UUID,
    held_on: date,
    appraiser: str,
    teleradiology: bool,
    designated_body: str,
    responsible_officer: str,
    key: UUID | None = None,
) -> UUID:
    """Record a doctor's appraisal and whether it covered the work done here (REQ-10); the next one keeps the key.

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: a field is empty, or the day lies in the future.
    """
    _filled(appraiser=appraiser, designated_body=designated_body, responsible_officer=responsible_officer)
    _not_after(_today(), held_on=held_on)
    row = _add_version(
        Appraisal,
        actor=actor,
        person_id=person_id,
        key=key,
        held_on=held_on,
        appraiser=appraiser.strip(),
        teleradiology=teleradiology,
        designated_body=designated_body.strip(),
        responsible_officer=responsible_officer.strip(),
    )
    return UUID(str(row.key))


@action("credentials.record_revalidation")
def record_revalidation(
    *, actor: Actor, person_id: UUID, due_on: date, last_on: date | None = None, key: UUID | None = None
) -> UUID:
    """Record when a doctor was revalidated and by when it is due again, at most five years on (REQ-10).

    Raises:
        NotAllowed: it is the actor's own.
        BadInput: the days do not fit.
    """
    years = limits().revalidation_years
    begin = last_on or _today()
    if last_on is not None:
        _not_after(_today(), last_on=last_on)
    if not begin < due_on <= months_after(begin, years * 12) + timedelta(days=1):
        words = f"It is due after the last one and within {years} years of it."
        raise BadInput("The day does not fit.", errors={"due_on": words})
    row = _add_version(Revalidation, actor=actor, person_id=person_id, key=key, last_on=last_on, due_on=due_on)
    return UUID(str(row.key))


ENDABLE = {
    "registration": Registration,
    "privilege": Privilege,
    "indemnity": Indemnity,
    "dbs": Dbs,
    "appraisal": Appraisal,
    "revalidation": Revalidation,
}


@action("credentials.end")
def end(*, actor: Actor, what: str, key: UUID) -> None:
    """Take something off the record from now on; all that was recorded stays readable.

    Args:
        what: a key of ENDABLE.

    Raises:
        NotFound: nothing of this key holds.
        NotAllowed: it is the actor's own.
    """
    model = ENDABLE.get(what)
    if model is None:
        raise NotFound
    _end_version(model, actor=actor, key=key)
