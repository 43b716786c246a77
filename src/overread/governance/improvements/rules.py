"""What an action is: promised by a day, done with evidence, and looked at again to see whether it worked (REQ-19). Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from overread.foundation.registers.rules import Field, Kind

ABOUT: Final = (
    ("incident", "Incident"),
    ("complaint", "Complaint"),
    ("finding", "Inspection finding"),
    ("discrepancy", "Discrepancy"),
    ("risk", "Risk"),
    ("meeting", "Meeting"),
    ("other", "Something else"),
)
EFFECTS: Final = (("worked", "It worked"), ("partly", "It worked in part"), ("failed", "It did not work"))

FIELDS: Final = (
    Field(name="title", title="What will be done", most=160),
    Field(name="about", title="Follows from", kind=Kind.CHOICE, choices=ABOUT, listed=True, filtered=True),
    Field(name="reference", title="Number", most=40, required=False, listed=True, help="For example I-7."),
    Field(name="detail", title="More about it", kind=Kind.LONG, most=4000, required=False),
    Field(name="owner", title="Owner", kind=Kind.PERSON, listed=True, filtered=True),
    Field(name="due_on", title="To be done by", kind=Kind.DAY),
    Field(name="done_on", title="Done on", kind=Kind.DAY, required=False, past=True),
    Field(name="evidence", title="Evidence that it is done", kind=Kind.LONG, most=4000, required=False),
    Field(name="effect", title="Did it work?", kind=Kind.CHOICE, choices=EFFECTS, required=False, listed=True),
    Field(
        name="effect_seen",
        title="How one sees whether it worked",
        kind=Kind.LONG,
        most=2000,
        required=False,
        help="A number or a fact from before and from after.",
    ),
    Field(name="closed_on", title="Looked at again on", kind=Kind.DAY, required=False, past=True),
    Field(
        name="closed_by",
        title="Looked at again by",
        kind=Kind.PERSON,
        required=False,
        help="Somebody else than the owner.",
    ),
)

DO, CHECK = "improvements.do", "improvements.check"
DUTIES: Final = {DO: "Do an action", CHECK: "Look whether an action worked"}


def dues(values: Mapping[str, Any], effect_until: int) -> dict[str, date]:
    """What is still to be done, and by when."""
    if values["closed_on"]:
        return {}
    if not values["done_on"]:
        return {DO: values["due_on"]}
    return {CHECK: values["done_on"] + timedelta(days=effect_until)}


def faults(values: Mapping[str, Any], effect_from: int) -> dict[str, str]:
    """What is done has evidence; whether it worked is said by what was seen, and not too early."""
    found = {}
    if values["done_on"] and not values["evidence"]:
        found["evidence"] = "Say where anybody can see that it is done."
    if not values["closed_on"]:
        return found
    if not values["done_on"]:
        found["done_on"] = "An action is done before one can see whether it worked."
    elif values["closed_on"] < values["done_on"] + timedelta(days=effect_from):
        found["closed_on"] = f"Too early: look again at least {effect_from} days after it was done."
    if not values["effect"]:
        found["effect"] = "Say whether it worked."
    if not values["effect_seen"]:
        found["effect_seen"] = "Say how one sees it."
    return found
