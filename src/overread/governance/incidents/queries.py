"""Named reads of incidents."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.clock.queries import working_day_after
from overread.foundation.registers import reading
from overread.foundation.registers.dues import Due
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.rules import LONDON
from overread.foundation.thresholds import current as thresholds
from overread.governance.incidents import rules
from overread.governance.incidents.models import Incident
from overread.governance.incidents.rules import FIELDS, Limits

CaseOf = Callable[[Any], str]
_case_of: list[CaseOf] = []


def know_cases(case_of: CaseOf) -> None:
    """Name who knows the case of the page that somebody comes from (site joins it); "" when there is none."""
    _case_of[:] = [case_of]


def case_of(request: Any) -> str:
    """The number of the case whose page somebody comes from, so that a report is filled from it."""
    return _case_of[0](request) if _case_of else ""


def limits() -> Limits:
    """The times that act now."""
    return Limits(
        feedback=thresholds.whole("incident.feedback"),
        candour=thresholds.whole("incident.candour"),
        chase=thresholds.whole("incident.client_chase"),
        never=thresholds.whole("incident.never_question"),
        notify_hours=thresholds.whole("incident.notification"),
        lessons_days=thresholds.whole("incident.lessons"),
    )


def reminders() -> tuple[int, ...]:
    """Days before something is due on which its owner is reminded."""
    return (thresholds.whole("incident.reminder"),)


def incidents(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The incidents of the register, at a time, as known by a time."""
    return reading.entries(Incident, FIELDS, at=at, known_by=known_by)


def incident(key: UUID) -> Entry | None:
    """An incident as it stands now."""
    return reading.entry(Incident, FIELDS, key)


def versions(key: UUID) -> list[Entry]:
    """All versions of an incident, in order."""
    return reading.versions(Incident, FIELDS, key)


def dues(entry: Entry) -> dict[str, Due]:
    """What is still to be done about an incident, and by when."""
    return rules.dues(entry.values, limits(), working_day_after)


def of_case(case_number: str) -> list[Entry]:
    """Incidents that name a case."""
    return [e for e in incidents() if e["case_number"] == case_number] if case_number else []


def quiet_days(entries: list[Entry], today: date) -> int:
    """Days without a near miss, once under-reporting must be suspected; else 0."""
    days = [e["reported_at"].astimezone(LONDON).date() for e in entries if e["kind"] == rules.NEAR_MISS]
    return rules.silent_since(days, today, thresholds.whole("incident.silence"))


def silence_ends(entries: list[Entry]) -> date:
    """The day by which the silence about near misses is asked about."""
    days = [e["reported_at"].astimezone(LONDON).date() for e in entries if e["kind"] == rules.NEAR_MISS]
    last = max(days, default=timezone.localdate())
    return last + timedelta(days=thresholds.whole("incident.silence"))
