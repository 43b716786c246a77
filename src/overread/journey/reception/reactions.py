"""What reception does when the quiet time of a study is over, and when a study joins or leaves a case."""

from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.journey.case.events import StudyAttached, StudyDetached
from overread.journey.reception import actions

CLOCK = Actor.system("clock")
RECEPTION = Actor.system("reception")


@on(DeadlineFired, kind="reception.quiet")
def quiet_time_over(event: DeadlineFired) -> None:
    """Nothing may have come for the agreed time: look, and complete the study."""
    actions.check_quiet(actor=CLOCK, study_id=event.subject_id)


@on(StudyAttached)
def study_has_its_case(event: StudyAttached) -> None:
    """The study no longer waits for a referral."""
    if event.client_id is not None:
        actions.joined_case(actor=RECEPTION, client_id=event.client_id, study_id=event.study_id)


@on(StudyDetached)
def study_has_lost_its_case(event: StudyDetached) -> None:
    """The study may wait for a referral again."""
    if event.client_id is not None:
        actions.left_case(actor=RECEPTION, client_id=event.client_id, study_id=event.study_id)
