"""Facts in the past tense, of two kinds: `NowEvent` reacts inside the transaction, `LaterEvent` after it."""

import dataclasses
import types
import typing
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

_CLASSES: dict[str, type["Event"]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact.

    Attributes:
        id: idempotency key of everything that follows from it.
        client_id: whose fact it is; None for the provider's.
        case_id: the case whose later facts must follow in order, if any.
    """

    later: ClassVar[bool]
    id: UUID = field(default_factory=uuid.uuid4)
    client_id: UUID | None = None
    case_id: UUID | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _CLASSES[cls.event_name()] = cls

    @classmethod
    def event_name(cls) -> str:
        """Area and class, such as "reporting.ReportSigned"."""
        parts = cls.__module__.split(".")
        area = parts[3] if len(parts) > 3 else parts[-1]
        return f"{parts[2] if len(parts) > 3 else area}.{cls.__name__}"


@dataclass(frozen=True, kw_only=True)
class NowEvent(Event):
    """Reactions run in the same transaction; a failure undoes the whole action."""

    later: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class LaterEvent(Event):
    """Reactions run after commit, at least once, in order per case."""

    later: ClassVar[bool] = True


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"An event may not carry a {type(value).__name__}.")


def to_json(event: Event) -> dict[str, Any]:
    """The event as JSON values, with its class under "event"."""
    fields = {f.name: _plain(getattr(event, f.name)) for f in dataclasses.fields(event)}
    return {"event": event.event_name(), "fields": fields}


def _typed(value: Any, hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if value is None:
        return None
    if origin in (typing.Union, types.UnionType):
        return _typed(value, next(a for a in typing.get_args(hint) if a is not type(None)))
    if origin is tuple:
        return tuple(_typed(item, typing.get_args(hint)[0]) for item in value)
    if hint is UUID:
        return UUID(value)
    if hint in (datetime, date):
        return hint.fromisoformat(value)
    return value


def from_json(payload: dict[str, Any]) -> Event:
    """The reverse of `to_json`.

    Raises:
        LookupError: no such class is known (an old row after an upgrade).
    """
    cls = _CLASSES.get(payload["event"])
    if cls is None:
        raise LookupError(f"No event class {payload['event']}.")
    hints = typing.get_type_hints(cls)
    return cls(**{name: _typed(value, hints[name]) for name, value in payload["fields"].items()})
