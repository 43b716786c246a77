"""What an appointment of an external reviewer says; without one in its time nobody outside sees anything. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from overread.foundation.registers.rules import Field, Kind

FIELDS: Final = (
    Field(
        name="person", title="External reviewer", kind=Kind.PERSON, listed=True, help="With the role External reviewer."
    ),
    Field(
        name="body", title="Registered with", kind=Kind.CHOICE, choices=(("GMC", "GMC"), ("GDC", "GDC")), listed=True
    ),
    Field(name="registration", title="Registration number", most=20, listed=True),
    Field(name="checked_on", title="Registration checked on", kind=Kind.DAY, past=True),
    Field(name="speciality", title="Reads", most=160, help="For example CT and MRI of the head."),
    Field(name="agreement", title="Agreement on confidentiality", help="Where the signed agreement is kept."),
    Field(name="begins_on", title="From", kind=Kind.DAY),
    Field(
        name="ends_on", title="Until", kind=Kind.DAY, listed=True, help="At most a year; then it is renewed or ends."
    ),
)


def faults(values: Mapping[str, Any], longest_days: int) -> dict[str, str]:
    """An appointment has an end, and not too far away."""
    if values["ends_on"] < values["begins_on"]:
        return {"ends_on": "This is before it begins."}
    if (values["ends_on"] - values["begins_on"]).days > longest_days:
        return {"ends_on": f"At most {longest_days} days; renew it then."}
    return {}


def holds(values: Mapping[str, Any], today: date) -> bool:
    """Whether the appointment is in its time."""
    return bool(values["begins_on"] <= today <= values["ends_on"])
