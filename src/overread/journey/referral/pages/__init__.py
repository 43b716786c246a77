"""Pages of referral: referrals and matching, and the threads of questions about cases."""

from overread.journey.referral.pages.requests import (
    detail,
    do_match,
    document,
    document_for_reader,
    listing,
    match,
    matching,
    new,
    not_this,
    reading_panel,
    unmatch,
)
from overread.journey.referral.pages.threads import (
    answer,
    answer_as_client,
    ask,
    ask_as_client,
    case_questions,
    close,
    reading_questions,
)

__all__ = [
    "answer",
    "answer_as_client",
    "ask",
    "ask_as_client",
    "case_questions",
    "close",
    "detail",
    "do_match",
    "document",
    "document_for_reader",
    "listing",
    "match",
    "matching",
    "new",
    "not_this",
    "reading_panel",
    "reading_questions",
    "unmatch",
]
