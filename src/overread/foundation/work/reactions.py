"""What follows from a fact: the registry that site/wiring.py fills, and the running of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work import engine
from overread.foundation.work.events import Event, from_json, to_json
from overread.foundation.work.unit import current_unit

Reaction = Callable[[Any], None]


@dataclass(frozen=True)
class Registered:
    """One reaction: what it reacts to and what it calls."""

    name: str
    event: type[Event]
    only: tuple[tuple[str, Any], ...]
    function: Reaction

    def wants(self, event: Event) -> bool:
        """Whether the event is of the right class and its fields are as asked."""
        return isinstance(event, self.event) and all(getattr(event, k) == v for k, v in self.only)


_REGISTERED: dict[str, Registered] = {}


def on(event: type[Event], **only: Any) -> Callable[[Reaction], Reaction]:
    """Register a function as a reaction.

    Args:
        event: the class reacted to.
        only: field values that the event must have, such as kind="escalation.rung".
    """

    def register(function: Reaction) -> Reaction:
        name = f"{function.__module__.removeprefix('overread.')}.{function.__name__}"
        _REGISTERED[name] = Registered(name, event, tuple(sorted(only.items())), function)
        return function

    return register


def registered() -> tuple[Registered, ...]:
    """All reactions, for the drawn graph."""
    return tuple(_REGISTERED[name] for name in sorted(_REGISTERED))


def publish(event: Event) -> None:
    """State a fact inside an action: Now reactions run at once, Later reactions become jobs of this transaction.

    Raises:
        RuntimeError: called outside an action.
    """
    current_unit()
    for reaction in registered():
        if not reaction.wants(event):
            continue
        if not event.later:
            reaction.function(event)
            continue
        engine.enqueue(
            name="event",
            payload={**to_json(event), "reaction": reaction.name},
            client_id=event.client_id,
            order_key=f"{reaction.name}:{event.case_id}" if event.case_id else "",
            dedup_key=f"{event.id}:{reaction.name}",
            fresh=True,
        )


def run_later(payload: dict[str, Any]) -> None:
    """Run one Later reaction from its job's payload, under the scope of the event's client."""
    event = from_json(payload)
    reaction = _REGISTERED.get(payload["reaction"])
    if reaction is None:
        raise LookupError(f"No reaction {payload['reaction']}: is it imported in site/wiring.py?")
    scope = Scope.client(event.client_id) if event.client_id else Scope.provider()
    with open_scope(scope, opened_by="worker"):
        reaction.function(event)
