"""Who is appointed to judge from outside, and until when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.clock import actions as clock
from overread.foundation.clock.rules import day_of, end_of_day
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.registers import writing
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work.action import action
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput
from overread.foundation.work.unit import current_unit
from overread.journey.review.models import Appointment
from overread.journey.review.rules import appointment


@action("review.appoint")
def appoint(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    key: UUID | None = None,
    why: str = "",
    valid_from: datetime | None = None,
    seen: UUID | None = None,
) -> UUID:
    """Write the appointment of an external reviewer, or a version of one; its end is a duty before it comes.

    Raises:
        BadInput: the person does not hold the role, or the time is too long.
    """
    taken = writing.taken(appointment.FIELDS, values)
    faults = appointment.faults(taken, thresholds.whole("peer_review.appointment"))
    person = accounts.person(taken["person"])
    if person is None or "external_reviewer" not in person.roles:
        faults["person"] = "Give this person the role External reviewer first, on the page of people."
    if faults:
        raise BadInput("This appointment cannot stand like this.", errors=faults)
    entry = writing.add_version(
        Appointment,
        appointment.FIELDS,
        actor=actor,
        values=values,
        key=key,
        why=why,
        valid_from=valid_from,
        seen=seen,
    )
    over = day_of(current_unit().at) > entry["ends_on"]
    title = f"Appointment E-{entry.number}"
    wanted = [] if over else [WantedDuty(entry.key, None, title, end_of_day(entry["ends_on"]))]
    clock.keep_duties(actor=actor, kind="review.appointment", wanted=wanted, subject_ids=[entry.key])
    return entry.key


@action("review.end_appointment")
def end_appointment(*, actor: Actor, key: UUID, why: str) -> None:
    """End an appointment at once: from now on this person sees nothing."""
    writing.end_entry(Appointment, appointment.FIELDS, actor=actor, key=key, why=why)
    clock.keep_duties(actor=actor, kind="review.appointment", wanted=[], subject_ids=[key])
