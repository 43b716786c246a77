"""What a case does when one of its deadlines is reached."""

from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.journey.case import actions

CLOCK = Actor.system("clock")


@on(DeadlineFired, kind="case.due")
def due_passed(event: DeadlineFired) -> None:
    """The agreed time has passed."""
    actions.record_late(actor=CLOCK, case_id=event.subject_id, due_at=event.due_at)


@on(DeadlineFired, kind="case.warning")
def time_runs_short(event: DeadlineFired) -> None:
    """Most of the agreed time is used."""
    actions.record_danger(actor=CLOCK, case_id=event.subject_id)
