"""What a complaint is, and by when it is acknowledged and answered (REQ-117, REQ-118). Pure; limits are passed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from overread.foundation.registers.rules import Field, Kind, months_after

NHS = "nhs"
SENDERS: Final = (
    ("client", "Client"),
    ("patient", "Patient"),
    ("relative", "Relative or carer"),
    ("referrer", "Referrer"),
    ("other", "Somebody else"),
)
PAYERS: Final = ((NHS, "NHS"), ("private", "Private"))
OUTCOMES: Final = (
    ("upheld", "Upheld"),
    ("partly", "Partly upheld"),
    ("not_upheld", "Not upheld"),
    ("withdrawn", "Withdrawn"),
)
NO_NAMES = "No patient's name: the case number says who it is."

FIELDS: Final = (
    Field(name="title", title="In one line", most=160, help=NO_NAMES),
    Field(name="received_on", title="Received", kind=Kind.DAY, past=True, listed=True),
    Field(name="sender", title="From", kind=Kind.CHOICE, choices=SENDERS, listed=True, filtered=True),
    Field(name="payer", title="Who pays for the care", kind=Kind.CHOICE, choices=PAYERS, filtered=True),
    Field(name="what", title="What they say", kind=Kind.LONG, most=4000, help=NO_NAMES),
    Field(name="case_number", title="Case", most=40, required=False),
    Field(name="concerns", title="Whose work it concerns", kind=Kind.PERSON, required=False),
    Field(name="owner", title="Owner", kind=Kind.PERSON, listed=True, filtered=True),
    Field(name="acknowledged_on", title="Acknowledged on", kind=Kind.DAY, required=False, past=True),
    Field(
        name="agreed_on",
        title="Reply agreed for",
        kind=Kind.DAY,
        required=False,
        help="A day agreed with who complains. Empty means the usual time; it never passes the ceiling.",
    ),
    Field(name="replied_on", title="Replied on", kind=Kind.DAY, required=False, past=True),
    Field(name="outcome", title="Outcome", kind=Kind.CHOICE, choices=OUTCOMES, required=False, listed=True),
    Field(name="learning", title="What was learned", kind=Kind.LONG, most=4000, required=False),
    Field(name="shared_with", title="Learning shared with", required=False),
    Field(name="closed_on", title="Closed on", kind=Kind.DAY, required=False, past=True),
    Field(name="closed_by", title="Closed by", kind=Kind.PERSON, required=False),
)

ACKNOWLEDGE, REPLY = "complaints.acknowledge", "complaints.reply"
DUTIES: Final = {ACKNOWLEDGE: "Acknowledge the complaint", REPLY: "Answer the complaint"}


@dataclass(frozen=True)
class Limits:
    """Working days to acknowledge and to answer a private patient; months until an NHS one is warned of, and at most."""

    acknowledge: int
    private_reply: int
    nhs_warning: int
    nhs_ceiling: int


def reply_by(values: Mapping[str, Any], limits: Limits, working_day: Callable[[date, int], date]) -> date:
    """The day by which the reply is due: agreed or usual, for NHS care never after the ceiling."""
    received: date = values["received_on"]
    if values["payer"] == NHS:
        usual = months_after(received, limits.nhs_warning)
        return min(values["agreed_on"] or usual, months_after(received, limits.nhs_ceiling))
    return values["agreed_on"] or working_day(received, limits.private_reply)


def dues(values: Mapping[str, Any], limits: Limits, working_day: Callable[[date, int], date]) -> dict[str, date]:
    """What is still to be done, and by when."""
    if values["closed_on"]:
        return {}
    found = {}
    if not values["acknowledged_on"]:
        found[ACKNOWLEDGE] = working_day(values["received_on"], limits.acknowledge)
    if not values["replied_on"]:
        found[REPLY] = reply_by(values, limits, working_day)
    return found


def next_stage(values: Mapping[str, Any]) -> str:
    """To whom one who is not content can turn; the reply names it."""
    if values["payer"] == NHS:
        return "Parliamentary and Health Service Ombudsman"
    return "Independent Sector Complaints Adjudication Service"


def faults(values: Mapping[str, Any]) -> dict[str, str]:
    """A reply has an outcome; a closed complaint was acknowledged, answered and learned from."""
    found = {}
    for name in ("acknowledged_on", "replied_on", "agreed_on"):
        if values[name] and values[name] < values["received_on"]:
            found[name] = "This is before the complaint was received."
    if values["replied_on"] and not values["outcome"]:
        found["outcome"] = "A reply says whether the complaint is upheld."
    if values["closed_on"]:
        needed = {
            "acknowledged_on": "A complaint is acknowledged before it is closed.",
            "replied_on": "A complaint is answered before it is closed.",
            "learning": "Say what was learned, also when it was nothing.",
        }
        found |= {name: said for name, said in needed.items() if not values[name]}
    return found
