"""`@action`: one verb, one transaction, one actor, and its entry in the ledger."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.utils import timezone

from overread.foundation.ledger.writer import write
from overread.foundation.tenancy.scope import OutOfScope, current_scope, scoped_transaction
from overread.foundation.work.actor import Actor
from overread.foundation.work.observing import observed
from overread.foundation.work.once import answers_kept
from overread.foundation.work.unit import Unit, _unit, current_unit

P = ParamSpec("P")
R = TypeVar("R")

ACTIONS: dict[str, Callable[..., Any]] = {}


class NoActor(TypeError):
    """An action was called without saying who acts."""


class SilentAction(RuntimeError):
    """An action ended without a note for the ledger."""


def _actor_of(kwargs: dict[str, Any], verb: str) -> Actor:
    actor = kwargs.get("actor")
    if not isinstance(actor, Actor):
        raise NoActor(f"{verb} needs actor=Actor.person(...) or Actor.system(...).")
    return actor


def action(verb: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function of an actions room a verb.

    It runs in one transaction (joining an outer action's), demands an open scope and the keyword `actor`, and must
    call `note` at least once, whose entry is written in the same transaction.

    Args:
        verb: "area.verb", unique in the house.

    Raises:
        NoActor: no actor was passed.
        NoScope: no scope is open.
        SilentAction: the verb noted nothing.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = _actor_of(kwargs, verb)
            current_scope()
            with observed(verb), scoped_transaction(), answers_kept():
                unit = Unit(verb, actor, timezone.now())
                token = _unit.set(unit)
                try:
                    result = function(*args, **kwargs)
                finally:
                    _unit.reset(token)
                if not unit.notes:
                    raise SilentAction(f"{verb} wrote nothing to the ledger; call note(...).")
            return result

        ACTIONS[verb] = run
        return run

    return decorate


def note(
    *,
    subject: tuple[str, UUID | str | int],
    client_id: UUID | None = None,
    case_id: UUID | None = None,
    words: str = "",
    facts: dict[str, Any] | None = None,
) -> UUID:
    """Write what this action did into the ledger, in its transaction.

    Args:
        subject: kind and id of what it was done to, such as ("report", id).
        client_id: whose chain; None for the provider's.
        case_id: the case whose timeline shows it.
        words: short machine words, such as "priority-raised"; never clinical text or names.
        facts: ids, field names, hashes, counts.

    Raises:
        OutOfScope: the client is not in the open scope.
        RuntimeError: no action runs.
    """
    unit = current_unit()
    if client_id is not None and not current_scope().holds(client_id):
        raise OutOfScope("The ledger of another client may not be written here.")
    unit.notes += 1
    return write(
        at=unit.at,
        actor=unit.actor.text,
        verb=unit.verb,
        subject=(subject[0], str(subject[1])),
        client_id=client_id,
        case_id=case_id,
        facts={**({"words": words} if words else {}), **(facts or {})},
    )
