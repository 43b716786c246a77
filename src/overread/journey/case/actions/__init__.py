"""Verbs of a case, by subject: opening and its studies, reads and moves, clocks."""

from overread.journey.case.actions.clocks import (
    pause_clock,
    record_accepted,
    record_danger,
    record_late,
    resume_clock,
    set_priority,
)
from overread.journey.case.actions.exports import record_export
from overread.journey.case.actions.moves import (
    addend,
    cancel_case,
    close_case,
    hold_case,
    release_case,
    start_delivery,
)
from overread.journey.case.actions.opening import accept_referral, open_case
from overread.journey.case.actions.reads import add_read, claim_read, hand_back_read, sign_read
from overread.journey.case.actions.studies import (
    attach_study,
    describe_study,
    detach_study,
    images_arriving,
    images_complete,
    images_late,
)

__all__ = [
    "accept_referral",
    "add_read",
    "addend",
    "attach_study",
    "cancel_case",
    "claim_read",
    "close_case",
    "describe_study",
    "detach_study",
    "hand_back_read",
    "hold_case",
    "images_arriving",
    "images_complete",
    "images_late",
    "open_case",
    "pause_clock",
    "record_accepted",
    "record_danger",
    "record_export",
    "record_late",
    "release_case",
    "resume_clock",
    "set_priority",
    "sign_read",
    "start_delivery",
]
