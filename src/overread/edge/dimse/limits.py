"""How much of the listener one peer may take. Sizes in bytes, times in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults keep the service up for others while a sick or hostile peer does its worst (RELIABILITY F10-F13).

    `max_pdu` is announced; a longer PDU than `pdu_cap` ends the association unread. A PDU, once begun, must be whole
    within `pdu_seconds`; the association request within `associate_seconds` of the connection (ARTIM).
    """

    max_pdu: int = 256 * 1024
    pdu_cap: int = 1024 * 1024
    associate_cap: int = 128 * 1024
    command_cap: int = 64 * 1024
    object_cap: int = 16 * 1024**3
    handshake_seconds: float = 5.0
    associate_seconds: float = 10.0
    pdu_seconds: float = 20.0
    idle_seconds: float = 60.0
    send_seconds: float = 20.0
    drain_seconds: float = 20.0
    connections: int = 512
    connections_per_address: int = 64
    associations_per_client: int = 32
