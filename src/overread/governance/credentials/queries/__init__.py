"""Reads of credentials: standing, the register for pages, gates of other registers."""

from overread.governance.credentials.queries.sources import other_gates, register_gates
from overread.governance.credentials.queries.standing import (
    facts_of,
    gates_of,
    general_gates,
    hard_gates_of,
    limits,
    reasons,
    scopes_of,
)

__all__ = [
    "facts_of",
    "gates_of",
    "general_gates",
    "hard_gates_of",
    "limits",
    "other_gates",
    "reasons",
    "register_gates",
    "scopes_of",
]
