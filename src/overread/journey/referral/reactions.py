"""Matching by itself: when a referral is taken, and when a study is whole."""

from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.journey.reception.events import StudyComplete
from overread.journey.referral import actions
from overread.journey.referral.events import ReferralAccepted

MATCHER = Actor.system("matcher")


@on(ReferralAccepted)
def look_for_its_images(event: ReferralAccepted) -> None:
    """The images may have come before the referral."""
    actions.look_for_study(actor=MATCHER, referral_id=event.referral_id)


@on(StudyComplete)
def look_for_its_referral(event: StudyComplete) -> None:
    """The referral may have come before the images."""
    actions.look_for_referral(actor=MATCHER, study_id=event.study_id)
