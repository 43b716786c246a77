"""What a risk is, how high it is, and when it must be looked at again (REQ-05). Pure; limits are passed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from overread.foundation.registers.rules import Field, Kind, months_after

SCALE = range(1, 6)
LIKELIHOOD = ("rare", "unlikely", "possible", "likely", "almost certain")
IMPACT = ("negligible", "minor", "moderate", "major", "catastrophic")


class Level(StrEnum):
    """How high a risk is; decides how often it is reviewed."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


CATEGORIES = (
    ("clinical", "Clinical"),
    ("information", "Information and systems"),
    ("people", "People and capacity"),
    ("equipment", "Equipment"),
    ("business", "Business and legal"),
)

FIELDS = (
    Field(name="title", title="Risk", most=160),
    Field(
        name="description",
        title="What could happen, and to whom",
        kind=Kind.LONG,
        most=4000,
        help="Cause, event, effect on patients, staff or service.",
    ),
    Field(name="category", title="Kind", kind=Kind.CHOICE, choices=CATEGORIES, filtered=True),
    Field(
        name="likelihood",
        title="Likelihood before controls",
        kind=Kind.WHOLE,
        least=1,
        most=5,
        help="1 rare to 5 almost certain.",
    ),
    Field(
        name="impact",
        title="Impact before controls",
        kind=Kind.WHOLE,
        least=1,
        most=5,
        help="1 negligible to 5 catastrophic.",
    ),
    Field(
        name="controls",
        title="Controls",
        kind=Kind.LONG,
        most=4000,
        help="What is done today, by whom, and how one would notice that it fails.",
    ),
    Field(name="residual_likelihood", title="Likelihood with controls", kind=Kind.WHOLE, least=1, most=5),
    Field(name="residual_impact", title="Impact with controls", kind=Kind.WHOLE, least=1, most=5),
    Field(name="action", title="Still to do", kind=Kind.LONG, required=False, most=2000),
    Field(name="owner", title="Owner", kind=Kind.PERSON, listed=True, filtered=True),
    Field(name="reviewed_on", title="Last reviewed", kind=Kind.DAY, past=True, listed=True),
)


@dataclass(frozen=True)
class Limits:
    """Scores from which a risk is medium or high, and months between two reviews of each level."""

    medium_from: int
    high_from: int
    months: Mapping[Level, int]


def inherent(values: Mapping[str, Any]) -> int:
    """The score before controls, 1 to 25."""
    return int(values["likelihood"] * values["impact"])


def residual(values: Mapping[str, Any]) -> int:
    """The score with controls, 1 to 25."""
    return int(values["residual_likelihood"] * values["residual_impact"])


def level(score: int, limits: Limits) -> Level:
    """How high a score is."""
    if score >= limits.high_from:
        return Level.HIGH
    return Level.MEDIUM if score >= limits.medium_from else Level.LOW


def next_review(values: Mapping[str, Any], limits: Limits) -> date:
    """The last day on which it must be reviewed: by the score that is left with controls (REQ-05)."""
    return months_after(values["reviewed_on"], limits.months[level(residual(values), limits)])


def score_faults(values: Mapping[str, Any]) -> dict[str, str]:
    """Controls never make a risk greater than it was."""
    faults = {}
    for name, words in (("likelihood", "likelihood"), ("impact", "impact")):
        if values[f"residual_{name}"] > values[name]:
            faults[f"residual_{name}"] = f"With controls the {words} cannot be greater than before."
    return faults


def grid(scores: Iterable[tuple[int, int]], limits: Limits) -> list[tuple[int, list[tuple[int, Level]]]]:
    """How many risks stand in each field of the 5 by 5 table, the greatest likelihood first.

    Args:
        scores: likelihood and impact with controls of each risk.
        limits: for the level of each field.
    """
    held = list(scores)
    return [
        (likely, [(held.count((likely, hard)), level(likely * hard, limits)) for hard in SCALE])
        for likely in reversed(SCALE)
    ]
