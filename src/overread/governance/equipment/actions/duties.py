"""The verb that makes the duties of equipment what they should be."""

from overread.foundation.clock import actions as clock
from overread.foundation.clock.following import Following
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.governance.equipment.queries import wanted_duties


@action("equipment.keep")
def keep(*, actor: Actor) -> int:
    """Make the duties of workstations and displays exactly those that there should be; doing it again changes nothing.

    Returns:
        How many were set, moved or ended.
    """
    changed = sum(clock.keep_duties(actor=actor, kind=kind, wanted=duties) for kind, duties in wanted_duties().items())
    note(subject=("equipment", "duties"), facts={"changed": changed})
    return changed


FOLLOWING = Following("equipment", keep)
