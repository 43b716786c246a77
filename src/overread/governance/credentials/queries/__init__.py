"""Reads of credentials: standing, the register for pages, gates of other registers."""

from overread.governance.credentials.queries.sources import other_gates, register_gates
from overread.governance.credentials.queries.standing import (
    facts_of,
    general_gates,
    limits,
    reasons,
)

__all__ = [
    "facts_of",
    "general_gates",
    "limits",
    "other_gates",
    "reasons",
    "register_gates",
]
