"""Verbs of peer review: draw, judge, reflect, route, and what an external reviewer gets and gives."""

from overread.journey.review.actions._steps import NO_ALERT, OUTSIDE, PACKER, RELEASE
from overread.journey.review.actions.appointing import appoint, end_appointment
from overread.journey.review.actions.bundles import (
    answer_bundle,
    fetch_bundle,
    keep_bundle,
    release_bundle,
    take_answer,
)
from overread.journey.review.actions.judging import draw, follow, judge, reflect, route

__all__ = [
    "NO_ALERT",
    "OUTSIDE",
    "PACKER",
    "RELEASE",
    "answer_bundle",
    "appoint",
    "draw",
    "end_appointment",
    "fetch_bundle",
    "follow",
    "judge",
    "keep_bundle",
    "reflect",
    "release_bundle",
    "route",
    "take_answer",
]
