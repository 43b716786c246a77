"""What allocation does when facts happen elsewhere."""

from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.journey.allocation import actions

ALLOCATION = Actor.system("allocation")


@on(DeadlineFired, kind=actions.LEASE_KIND)
def lease_ran_out(event: DeadlineFired) -> None:
    """A lease's time has come: give the read back unless the reader is alive."""
    actions.release_expired(actor=ALLOCATION, claim_id=event.subject_id)
