"""The chain's arithmetic: pure, so that anybody can check it with nothing but the rows."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

GENESIS = "0" * 64
PROVIDER_CHAIN = "provider"


@dataclass(frozen=True, kw_only=True)
class EntryFacts:
    """All of an entry that the chain covers."""

    id: int
    key: UUID
    client_id: UUID | None
    at: datetime
    actor: str
    verb: str
    subject_type: str
    subject_id: str
    case_id: UUID | None
    facts: dict[str, object]


@dataclass(frozen=True)
class SealFacts:
    """One link: its number in the chain, the entry it covers (None when the row is gone), its hash."""

    number: int
    entry_id: int
    hash: str
    entry: EntryFacts | None


@dataclass(frozen=True)
class Fault:
    """What verification found wrong, and where first."""

    chain: str
    number: int | None
    entry_id: int | None
    what: str


def chain_of(client_id: UUID | None) -> str:
    """The chain an entry belongs to: one per client, and one for the provider."""
    return str(client_id) if client_id else PROVIDER_CHAIN


def canonical(entry: EntryFacts) -> bytes:
    """The exact bytes that are hashed: JSON, keys sorted, times in UTC with microseconds."""
    fields = {
        "id": entry.id,
        "key": str(entry.key),
        "client": str(entry.client_id or ""),
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "verb": entry.verb,
        "subject": [entry.subject_type, entry.subject_id],
        "case": str(entry.case_id or ""),
        "facts": entry.facts,
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def link(previous: str, entry: EntryFacts) -> str:
    """The hash of an entry that follows `previous` (64 hex digits)."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(entry)).hexdigest()


def first_fault(chain: str, seals: Iterable[SealFacts]) -> tuple[Fault | None, int, str]:
    """Walk one chain in order of number.

    Returns:
        The first fault or None, the number of links that held, and the hash of the last of them.
    """
    previous, count, last_entry = GENESIS, 0, 0
    for seal in seals:
        if seal.number != count + 1:
            return Fault(chain, count + 1, None, "a link is missing"), count, previous
        if seal.entry is None:
            return Fault(chain, seal.number, seal.entry_id, "the entry was deleted"), count, previous
        if chain_of(seal.entry.client_id) != chain or seal.entry_id <= last_entry:
            return Fault(chain, seal.number, seal.entry_id, "the order was changed"), count, previous
        if link(previous, seal.entry) != seal.hash:
            return Fault(chain, seal.number, seal.entry_id, "the entry was edited"), count, previous
        previous, count, last_entry = seal.hash, seal.number, seal.entry_id
    return None, count, previous
