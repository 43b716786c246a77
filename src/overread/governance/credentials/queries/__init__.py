"""Reads of credentials: standing, the register for pages, gates of other registers."""

from overread.governance.credentials.queries.due import wanted_duties
from overread.governance.credentials.queries.register import (
    KINDS,
    CertificateView,
    Held,
    OverrideView,
    ReaderLine,
    certificate,
    certificates,
    holdings,
    override_by_key,
    overrides,
    person_of,
    readers,
    versions,
)
from overread.governance.credentials.queries.sources import file_gates, other_gates, register_gates
from overread.governance.credentials.queries.standing import (
    facts_of,
    general_gates,
    limits,
    reasons,
)
from overread.governance.credentials.queries.things import things

__all__ = [
    "KINDS",
    "CertificateView",
    "Held",
    "OverrideView",
    "ReaderLine",
    "certificate",
    "certificates",
    "facts_of",
    "file_gates",
    "general_gates",
    "holdings",
    "limits",
    "other_gates",
    "override_by_key",
    "overrides",
    "person_of",
    "readers",
    "reasons",
    "register_gates",
    "things",
    "versions",
    "wanted_duties",
]
