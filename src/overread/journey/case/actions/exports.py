"""Lists of cases that leave the page as a file."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor


@action("case.export")
def record_export(*, actor: Actor, found: Sequence[tuple[UUID, UUID]]) -> None:
    """Write down who takes a list of cases away, before its first line is sent (DESIGN 3, reads).

    Args:
        actor: who takes it.
        found: the cases in it, as (case, client); each client's chain says how many of its cases left.
    """
    counts = Counter(client_id for _, client_id in found)
    for client_id, count in counts.items():
        note(subject=("case_list", client_id), client_id=client_id, facts={"cases": count})
    if not counts:
        note(subject=("case_list", "empty"), facts={"cases": 0})
