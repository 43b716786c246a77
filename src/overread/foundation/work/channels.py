"""Ways out, by name. The edge provides them, site/wiring.py joins them, the journey asks for them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One thing to send.

    Attributes:
        key: idempotency key; a repeat carries the same one.
        client_id: whose it is; the channel may check its destination against it (H06).
        to: address, peer or person as the channel understands it.
        payload: what to send, as plain values.
    """

    key: str
    client_id: UUID | None
    to: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one attempt.

    Attributes:
        state: "accepted" (the other side took it and said so), "sent" (left us, nothing heard), "refused" (will not
            take it; do not repeat unchanged), "retry" (not now).
        detail: what the other side said, without patient data.
        remote_id: the other side's name for it.
    """

    state: str
    detail: str = ""
    remote_id: str = ""


Channel = Callable[[Outgoing], Outcome]
_CHANNELS: dict[str, Channel] = {}


def register(name: str, channel: Channel) -> None:
    """Join a way out under its name (called by site/wiring.py)."""
    _CHANNELS[name] = channel


def names() -> tuple[str, ...]:
    """The names of all ways out that this installation has."""
    return tuple(sorted(_CHANNELS))


def send(name: str, outgoing: Outgoing) -> Outcome:
    """Send by a named way out; a way that does not exist is a refusal, never a silence (H21)."""
    channel = _CHANNELS.get(name)
    if channel is None:
        return Outcome(state="refused", detail=f"This installation has no channel {name}.")
    return channel(outgoing)
