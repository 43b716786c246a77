"""Workstations and displays as files: out, and in after a look at every line."""

from functools import partial
from typing import Any
from uuid import UUID

from overread.foundation.registers.register import sheet_of
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput
from overread.governance.equipment import actions, queries
from overread.governance.equipment.rules import COLUMNS


def _desk(name: str) -> UUID:
    found = [entry.key for entry in queries.things("workstation") if entry["name"].casefold() == name.casefold()]
    if not found:
        said = "No workstation has this name. Import the workstations first."
        raise BadInput("There is no such workstation.", errors={"workstation": said})
    return found[0]


def _take(what: str, actor: Actor, values: dict[str, Any], key: UUID | None) -> UUID:
    """One line of a file, by the verb of its kind."""
    made: UUID
    if what == "workstation":
        owner = values.pop("owner")
        made = actions.record_workstation(actor=actor, owner_id=owner, key=key, **values)
    else:
        desk = _desk(values.pop("workstation"))
        made = actions.record_display(actor=actor, workstation_id=desk, key=key, **values)
    return made


SHEETS = {
    what: sheet_of(
        name=f"equipment:{what}",
        words=(what, f"{what}s", prefix),
        fields=COLUMNS[what],
        read=partial(queries.things, what),
        take=partial(_take, what),
        permissions=("governance.see", "governance.manage"),
        list_url="equipment:register",
        together=actions.FOLLOWING.once,
    )
    for what, prefix in (("workstation", "DESK"), ("display", "DISP"))
}
