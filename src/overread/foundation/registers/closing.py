"""Who may close an entry: never the person whom it concerns, and only in their own name (DESIGN 3, People)."""

from collections.abc import Mapping, Sequence
from typing import Any

from overread.foundation.work.actor import Actor

CLOSED = ("closed_on", "closed_by")


def closing_faults(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], actor: Actor, *, never: Sequence[str] = ()
) -> dict[str, str]:
    """What speaks against the closing that a version says.

    Args:
        before: values that hold until now; None for a new entry.
        after: values to be written.
        actor: who writes.
        never: columns of the people who may not close it.

    Returns:
        Words by column; nothing when the closing says the same as before.
    """
    if all((before or {}).get(name) == after[name] for name in CLOSED):
        return {}
    if bool(after["closed_on"]) != bool(after["closed_by"]):
        missing = "closed_by" if after["closed_on"] else "closed_on"
        return {missing: "A closed entry says when and by whom."}
    closer = after["closed_by"]
    if closer is None:
        return {}
    if any(after[name] == closer for name in never):
        return {"closed_by": "Nobody closes what is theirs or concerns them. Ask somebody else."}
    if actor.person_id is not None and actor.person_id != closer:
        return {"closed_by": "You can close only in your own name."}
    return {}
