"""What an incident is, and by when who must be told what (REQ-13 to REQ-18, REQ-114 to REQ-116). Pure; limits are passed in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from overread.foundation.registers.rules import LONDON, Field, Kind

NEAR_MISS, GOOD_CARE = "near_miss", "good_care"
KINDS: Final = (("incident", "Incident"), (NEAR_MISS, "Near miss"), (GOOD_CARE, "Good care"))
CATEGORIES: Final = (
    ("wrong_patient", "Wrong patient"),
    ("wrong_side", "Wrong side"),
    ("missed_finding", "Missed finding"),
    ("delay", "Delay"),
    ("communication", "Communication"),
    ("image_quality", "Image quality"),
    ("it", "IT or connection"),
    ("identity", "Identity or data protection"),
    ("other", "Something else"),
)
NO_HARM = "none"
HARM: Final = (
    (NO_HARM, "None"),
    ("low", "Low"),
    ("moderate", "Moderate"),
    ("severe", "Severe"),
    ("fatal", "Fatal"),
)
DISTRESS: Final = HARM[:4]
CANDOUR_FROM: Final = frozenset({"moderate", "severe", "fatal"})
OPEN, NO, YES = "open", "no", "yes"
ANSWERS: Final = ((OPEN, "Not decided yet"), (NO, "No"), (YES, "Yes"))
RESPONSES: Final = (
    ("none", "No further response"),
    ("review", "After-action review"),
    ("team", "Team review"),
    ("investigation", "Patient safety incident investigation"),
)
CLIENT = "client"
TELLERS: Final = ((CLIENT, "The client, who sees the patient"), ("us", "We ourselves"))
NO_NAMES = "No patient's name: the case number says who it is."

REPORTED: Final = (
    Field(name="kind", title="Kind", kind=Kind.CHOICE, choices=KINDS, listed=True, filtered=True),
    Field(name="title", title="In one line", most=160, help=NO_NAMES),
    Field(name="what", title="What happened", kind=Kind.LONG, most=4000, help=NO_NAMES),
    Field(name="happened_at", title="When", kind=Kind.MOMENT, past=True),
    Field(name="case_number", title="Case", most=40, required=False, help="Empty if no case is concerned."),
    Field(name="category", title="About", kind=Kind.CHOICE, choices=CATEGORIES, listed=True, filtered=True),
    Field(
        name="harm",
        title="Harm to a patient",
        kind=Kind.CHOICE,
        choices=HARM,
        listed=True,
        filtered=True,
        help="As far as is known now; it can be changed.",
    ),
    Field(name="at_once", title="What was done at once", kind=Kind.LONG, most=2000, required=False),
)
HANDLED: Final = (
    Field(name="reported_at", title="Reported", kind=Kind.MOMENT, past=True),
    Field(name="reporter", title="Reported by", kind=Kind.PERSON, required=False),
    Field(name="distress", title="Psychological harm", kind=Kind.CHOICE, choices=DISTRESS),
    Field(name="owner", title="Owner", kind=Kind.PERSON, required=False, listed=True, filtered=True),
    Field(name="involved", title="Whose work it concerns", kind=Kind.PERSON, required=False),
    Field(
        name="never_event",
        title="Never event",
        kind=Kind.CHOICE,
        choices=ANSWERS,
        help="Does it meet the national list of never events?",
    ),
    Field(name="feedback_on", title="Reporter told what came of it on", kind=Kind.DAY, required=False, past=True),
    Field(name="candour_by", title="Patient is told by", kind=Kind.CHOICE, choices=TELLERS, required=False),
    Field(
        name="candour_told_on",
        title="Patient told in person or by telephone on",
        kind=Kind.DAY,
        required=False,
        past=True,
    ),
    Field(
        name="candour_account",
        title="What the patient was told",
        kind=Kind.LONG,
        most=4000,
        required=False,
        help="Known facts, further enquiries, apology; also attempts that failed.",
    ),
    Field(
        name="candour_written_on",
        title="Written follow-up with results and apology on",
        kind=Kind.DAY,
        required=False,
        past=True,
    ),
    Field(
        name="client_confirmed_on",
        title="Client confirmed that the patient knows on",
        kind=Kind.DAY,
        required=False,
        past=True,
    ),
    Field(
        name="notifiable",
        title="Statutory notification",
        kind=Kind.CHOICE,
        choices=ANSWERS,
        help="Death, lasting impairment, shortened life, prolonged pain or psychological harm, treatment to prevent these, "
        "abuse, police, or an event that threatens safe running (regulations 16 and 18 of 2009).",
    ),
    Field(name="notified_on", title="Notified on", kind=Kind.DAY, required=False, past=True),
    Field(name="response", title="Response", kind=Kind.CHOICE, choices=RESPONSES, required=False),
    Field(name="findings", title="What the investigation found", kind=Kind.LONG, required=False),
    Field(name="lessons", title="What was learned", kind=Kind.LONG, most=4000, required=False),
    Field(name="shared_with", title="Learning shared with", required=False),
    Field(name="shared_on", title="Learning shared on", kind=Kind.DAY, required=False, past=True),
    Field(name="closed_on", title="Closed on", kind=Kind.DAY, required=False, past=True),
    Field(name="closed_by", title="Closed by", kind=Kind.PERSON, required=False),
)
FIELDS: Final = REPORTED + HANDLED

FEEDBACK, CANDOUR, CHASE = "incidents.feedback", "incidents.candour", "incidents.client"
NOTIFY, NEVER, LESSONS = "incidents.notify", "incidents.never", "incidents.lessons"
DUTIES: Final = {
    NEVER: "Decide whether it is a never event",
    NOTIFY: "Send the statutory notification, or decide that none is due",
    CHASE: "Ask the client whether the patient was told",
    CANDOUR: "Write to the patient: results and apology",
    FEEDBACK: "Tell the reporter what came of it",
    LESSONS: "Share what was learned",
}
SILENCE = "incidents.silence"

_TRIPWIRE = re.compile(
    r"\b(naso-?gastric|ng tube|tube (mis)?plac\w*|malposition\w*|misplaced|wrong (side|site|patient|level)"
    r"|retained (object|swab|wire|instrument)|guide-?wire)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Limits:
    """Working days, except where said otherwise."""

    feedback: int
    candour: int
    chase: int
    never: int
    notify_hours: int
    lessons_days: int


def needs_candour(values: Mapping[str, Any]) -> bool:
    """Moderate harm or worse, of body or mind: the patient must be told (REQ-16)."""
    return values["kind"] != GOOD_CARE and (values["harm"] in CANDOUR_FROM or values["distress"] in CANDOUR_FROM)


def asks_never_event(values: Mapping[str, Any]) -> bool:
    """Whether its words or its harm demand an answer to the question of never events (REQ-115)."""
    said = f"{values['title']} {values['what']}"
    worded = values["category"] in ("wrong_patient", "wrong_side") or bool(_TRIPWIRE.search(said))
    return values["kind"] != GOOD_CARE and (worded or values["harm"] in CANDOUR_FROM)


def _must_notify(values: Mapping[str, Any]) -> bool:
    if values["kind"] == GOOD_CARE or values["notified_on"] or values["notifiable"] == NO:
        return False
    return values["notifiable"] == YES or needs_candour(values)


def dues(
    values: Mapping[str, Any], limits: Limits, working_day: Callable[[date, int], date]
) -> dict[str, date | datetime]:
    """What is still to be done about an incident, and by when; a closed one asks nothing.

    Args:
        values: of the entry.
        limits: the times that act.
        working_day: the last day of so many working days after a day.
    """
    if values["closed_on"]:
        return {}
    reported: datetime = values["reported_at"]
    day = reported.astimezone(LONDON).date()
    candour = needs_candour(values)
    found: dict[str, date | datetime] = {}
    if asks_never_event(values) and values["never_event"] == OPEN:
        found[NEVER] = working_day(day, limits.never)
    if _must_notify(values):
        found[NOTIFY] = reported + timedelta(hours=limits.notify_hours)
    if candour and values["candour_by"] == CLIENT and not values["client_confirmed_on"]:
        found[CHASE] = working_day(day, limits.chase)
    if candour and not values["candour_written_on"]:
        found[CANDOUR] = working_day(day, limits.candour)
    if values["reporter"] and not values["feedback_on"]:
        found[FEEDBACK] = working_day(day, limits.feedback)
    if not values["shared_on"]:
        found[LESSONS] = day + timedelta(days=limits.lessons_days)
    return found


def faults(values: Mapping[str, Any]) -> dict[str, str]:
    """What an incident may not say: a step of candour without its account, an end while something is open."""
    found = {}
    told = values["candour_told_on"] or values["candour_written_on"]
    if told and not values["candour_account"]:
        found["candour_account"] = "Say what the patient was told; a date alone is no record."
    if values["shared_on"] and not values["lessons"]:
        found["lessons"] = "Say what was learned before it counts as shared."
    if values["closed_on"]:
        still = dues({**values, "closed_on": None}, Limits(0, 0, 0, 0, 0, 0), lambda day, _count: day)
        if still:
            found["closed_on"] = f"Still open: {'; '.join(DUTIES[name].lower() for name in DUTIES if name in still)}."
    return found


def silent_since(days: list[date], today: date, limit: int) -> int:
    """Days without any near miss once they are more than allowed, else 0: nothing reported is no good news (REQ-18)."""
    if not days:
        return limit
    quiet = (today - max(days)).days
    return quiet if quiet >= limit else 0
