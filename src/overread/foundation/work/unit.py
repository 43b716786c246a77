"""The running unit of work: which action runs, for whom, and whether it has said what it did."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from overread.foundation.work.actor import Actor


@dataclass
class Unit:
    """One call of an action."""

    verb: str
    actor: Actor
    at: datetime
    notes: int = 0


_unit: ContextVar[Unit | None] = ContextVar("overread_unit", default=None)


def current_unit() -> Unit:
    """The action that runs.

    Raises:
        RuntimeError: none does.
    """
    unit = _unit.get()
    if unit is None:
        raise RuntimeError("Only an action may do this; call it inside a function decorated with @action.")
    return unit
