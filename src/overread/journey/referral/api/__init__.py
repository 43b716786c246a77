"""Operations on referrals and questions, for the systems of clients."""

from ninja import Router

from overread.foundation.interface.changes import Kind
from overread.journey.referral.api import requests, threads

router = Router()
router.add_router("", requests.router)
router.add_router("", threads.router)

CHANGES: dict[str, Kind | tuple[Kind, ...]] = {
    "referral.make": Kind("referral.taken", "A referral was taken and its case opened", "order"),
    "referral.match": Kind("referral.matched", "A referral got its images", "order"),
    "referral.unmatch": Kind("referral.unmatched", "Its images were taken from a referral again", "order"),
    "query.ask": Kind("question.asked", "Somebody asked something about a case", "order"),
    "query.answer": Kind("question.answered", "Somebody wrote in an open question", "order"),
    "query.answer_from_system": Kind("question.answered", "Somebody wrote in an open question", "order"),
    "query.close": Kind("question.closed", "Nothing more is needed for a question", "order"),
}
"""What the feed of changes tells of this stage, by verb."""
