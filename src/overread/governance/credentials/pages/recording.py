"""From the forms of a reader's page to the verbs of the register, and back from what is held to a form."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone

from overread.foundation.clients import queries as clients
from overread.foundation.ui.forms import OverreadForm
from overread.foundation.work.actor import Actor
from overread.governance.credentials import actions
from overread.governance.credentials.forms import (
    AppraisalForm,
    AuditForm,
    DbsForm,
    IndemnityForm,
    PrivilegeForm,
    RegistrationForm,
    RevalidationForm,
)
from overread.governance.credentials.queries import Held

LONDON = ZoneInfo("Europe/London")
PLAIN: dict[str, tuple[type[OverreadForm], Callable[..., UUID]]] = {
    "registration": (RegistrationForm, actions.record_registration),
    "indemnity": (IndemnityForm, actions.record_indemnity),
    "dbs": (DbsForm, actions.record_dbs),
    "appraisal": (AppraisalForm, actions.record_appraisal),
    "revalidation": (RevalidationForm, actions.record_revalidation),
    "audit": (AuditForm, actions.record_audit),
}
KINDS = ("registration", "privilege", *(what for what in PLAIN if what != "registration"))
# Kinds of which a reader holds one, so that recording again is the next version of it.
SINGLE = frozenset({"dbs", "appraisal", "revalidation"})


def form_for(what: str, data: QueryDict | None = None, held: Held | None = None) -> OverreadForm:
    """The form of a kind, filled with what was sent or with what is held."""
    more: dict[str, Any] = {"prefix": what}
    if what == "privilege":
        more["clients"] = [(str(c.id), c.name) for c in clients.clients_active()]
    form = PrivilegeForm if what == "privilege" else PLAIN[what][0]
    if data is not None:
        return form(data, **more)
    initial: dict[str, Any] = dict(held.values) if held else {}
    if what == "registration":
        initial["checked_on"] = timezone.localdate()
        initial |= {"failed": False, "detail": ""}
    initial["auditors"] = ", ".join(initial.get("auditors", ()))
    return form(initial=initial, **more)


def record(what: str, actor: Actor, person_id: UUID, values: Mapping[str, Any], key: UUID | None) -> UUID:
    """Call the verb of a kind with what its form holds; returns the key of the thing.

    Raises:
        Refused: as the verb says.
    """
    given = dict(values)
    if "modalities" in given:
        given["modalities"] = tuple(given["modalities"])
    if what == "privilege":
        return _record_privilege(actor, person_id, given, key)
    if what == "audit":
        given["auditors"] = tuple(part for part in given["auditors"].split(","))
    return PLAIN[what][1](actor=actor, person_id=person_id, key=key, **given)


def _record_privilege(actor: Actor, person_id: UUID, given: dict[str, Any], key: UUID | None) -> UUID:
    ends = given.pop("ends_on")
    client = given.pop("for_client")
    made: UUID = actions.record_privilege(
        actor=actor,
        person_id=person_id,
        key=key,
        modalities=given["modalities"],
        read_types=tuple(given["read_types"]),
        regions=tuple(given["regions"].split(",")),
        scope=given["scope"],
        client_id=UUID(client) if client else None,
        valid_to=datetime.combine(ends + timedelta(days=1), time(0), LONDON) if ends else None,
    )
    return made
