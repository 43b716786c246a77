"""What credentials do when a time has come, or when somebody must be told at once."""

from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.governance.credentials import actions

REGISTER = Actor.system("register")


@on(DeadlineFired, kind=actions.EXPIRY_KIND)
def runs_out(event: DeadlineFired) -> None:
    """Something on record runs out: say so, and set the next reminder."""
    actions.remind(actor=REGISTER, key=event.subject_id, at=event.due_at)


@on(DeadlineFired, kind=actions.OVERRIDE_KIND)
def override_ends(event: DeadlineFired) -> None:
    """An override's time is over: write it down."""
    actions.override_ended(actor=REGISTER, key=event.subject_id)
