"""What reception does when the quiet time of a study is over."""

from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.journey.reception import actions

CLOCK = Actor.system("clock")


@on(DeadlineFired, kind="reception.quiet")
def quiet_time_over(event: DeadlineFired) -> None:
    """Nothing may have come for the agreed time: look, and complete the study."""
    actions.check_quiet(actor=CLOCK, study_id=event.subject_id)
