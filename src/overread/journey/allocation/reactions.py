"""What allocation does when facts happen elsewhere."""

from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.journey.allocation import actions
from overread.journey.allocation.rules import Ended
from overread.journey.case.events import ReadWithdrawn

ALLOCATION = Actor.system("allocation")


@on(DeadlineFired, kind=actions.LEASE_KIND)
def lease_ran_out(event: DeadlineFired) -> None:
    """A lease's time has come: give the read back unless the reader is alive."""
    actions.release_expired(actor=ALLOCATION, claim_id=event.subject_id)


@on(ReadWithdrawn)
def claim_ends_with_the_case(event: ReadWithdrawn) -> None:
    """A read that was taken back with its case is nobody's: its reader hears so at the next sign of life (H18)."""
    actions.end_with(actor=ALLOCATION, read_id=event.read_id, how=Ended.WITHDRAWN)
