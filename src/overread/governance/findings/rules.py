"""What a past inspection found, and what must still be done about it. Pure; limits are passed in."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from overread.foundation.registers.rules import Field, Kind

FIELDS: Final = (
    Field(name="title", title="Finding in one line", most=160),
    Field(name="inspected_on", title="Inspected", kind=Kind.DAY, past=True, listed=True),
    Field(
        name="body", title="By whom", most=120, listed=True, filtered=False, help="For example Care Quality Commission."
    ),
    Field(name="text", title="What was found", kind=Kind.LONG, most=4000),
    Field(name="regulation", title="Regulation", most=120, listed=True, help="For example 18, staffing."),
    Field(name="action", title="What we do about it", kind=Kind.LONG, most=4000),
    Field(name="owner", title="Owner", kind=Kind.PERSON, listed=True, filtered=True),
    Field(name="due_on", title="To be done by", kind=Kind.DAY),
    Field(name="done_on", title="Done on", kind=Kind.DAY, required=False, past=True),
    Field(
        name="evidence",
        title="Evidence",
        kind=Kind.LONG,
        most=4000,
        required=False,
        help="Where anybody can see today that it is done, and stays done.",
    ),
    Field(name="closed_on", title="Closed on", kind=Kind.DAY, required=False, past=True),
    Field(
        name="closed_by",
        title="Closed by",
        kind=Kind.PERSON,
        required=False,
        help="Somebody else than the owner, who looked at the evidence.",
    ),
)

ACT, CLOSE = "findings.act", "findings.close"
DUTIES: Final = {ACT: "Do what was promised to the inspector", CLOSE: "Look at the evidence and close the finding"}


def dues(values: Mapping[str, Any], close_days: int) -> dict[str, date]:
    """What is still to be done, and by when."""
    if values["closed_on"]:
        return {}
    if not values["done_on"]:
        return {ACT: values["due_on"]}
    return {CLOSE: values["done_on"] + timedelta(days=close_days)}


def faults(values: Mapping[str, Any]) -> dict[str, str]:
    """What is done has evidence; what is closed was done."""
    found = {}
    if values["done_on"] and not values["evidence"]:
        found["evidence"] = "Say where anybody can see that it is done."
    if values["done_on"] and values["done_on"] < values["inspected_on"]:
        found["done_on"] = "This is before the inspection."
    if values["closed_on"] and not values["done_on"]:
        found["done_on"] = "A finding is done before it is closed."
    return found
