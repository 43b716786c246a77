"""Verbs of referral, by subject: making, matching, asking back."""

from overread.journey.referral.actions.asking import (
    REMIND_KIND,
    answer,
    answer_from_system,
    ask,
    close,
    remind,
)
from overread.journey.referral.actions.making import (
    make_referral,
)
from overread.journey.referral.actions.matching import (
    look_for_referral,
    look_for_study,
    match,
    not_this,
    unmatch,
)

__all__ = [
    "REMIND_KIND",
    "answer",
    "answer_from_system",
    "ask",
    "close",
    "look_for_referral",
    "look_for_study",
    "make_referral",
    "match",
    "not_this",
    "remind",
    "unmatch",
]
