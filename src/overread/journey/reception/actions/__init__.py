"""Verbs of reception, by subject: batches from the journal, completeness, holds, quarantine, uploads, the door."""

from overread.journey.reception.actions.arrivals import (
    check_quiet,
    complete_study,
    declare_images,
    expect,
    joined_case,
    left_case,
)
from overread.journey.reception.actions.batches import take_batch
from overread.journey.reception.actions.door import record_association, record_refusal
from overread.journey.reception.actions.holds import record_purged, release_hold, return_hold
from overread.journey.reception.actions.quarantine import accept_quarantined, discard_quarantined
from overread.journey.reception.actions.uploads import begin_upload, finish_upload, record_file

__all__ = [
    "accept_quarantined",
    "begin_upload",
    "check_quiet",
    "complete_study",
    "declare_images",
    "discard_quarantined",
    "expect",
    "finish_upload",
    "joined_case",
    "left_case",
    "record_association",
    "record_file",
    "record_purged",
    "record_refusal",
    "release_hold",
    "return_hold",
    "take_batch",
]
