"""Pure decisions about clients: well-formed codes and AE titles, which network holds an address, what a token may do."""

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,31}", re.ASCII)
_AET: Final = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}", re.ASCII)


class Kind(StrEnum):
    """What sort of organisation a client is."""

    HOSPITAL = "hospital"
    CLINIC = "clinic"
    DENTAL = "dental"


class TokenScope(StrEnum):
    """What the bearer of a token may do.

    store: send objects. read: query and fetch them (QIDO, WADO). order: send referrals, follow them, answer questions.
    report: fetch signed reports and see alerts.
    """

    STORE = "store"
    READ = "read"
    ORDER = "order"
    REPORT = "report"


@dataclass(frozen=True)
class Peer:
    """A DICOM peer as admission weighs it: whose it is, and the network it may call from."""

    id: UUID
    client_id: UUID
    cidr: str


P = TypeVar("P", bound=Peer)


def code_fault(code: str) -> str:
    """What is wrong with a client or site code, or ""."""
    if _CODE.fullmatch(code):
        return ""
    return "Use 1 to 32 capital letters, digits, - or _, beginning with a letter or digit."


def aet_fault(aet: str) -> str:
    """What is wrong with an AE title (PS3.5 6.2, AE: at most 16 printable characters, no backslash), or ""."""
    if not aet.strip():
        return "An AE title is needed."
    if not _AET.fullmatch(aet):
        return "An AE title has at most 16 printable ASCII characters and no backslash."
    return ""


def cidr_fault(cidr: str) -> str:
    """What is wrong with a network, or ""."""
    try:
        ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return "Write an address or a network, such as 10.20.0.0/16 or 2001:db8::/32."
    return ""


def network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The network of a text that `cidr_fault` passed."""
    return ipaddress.ip_network(cidr, strict=False)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def sender_of(peers: Iterable[P], address: str) -> P | None:
    """The peer whose network holds the address; the narrowest wins; two clients equally narrow: nobody (fail closed).

    Args:
        peers: peers that carry the calling AE title.
        address: the caller's IP address; an IPv4 address inside IPv6 counts as IPv4.
    """
    here = _address(address)
    if here is None:
        return None
    fits = [(network(p.cidr).prefixlen, p) for p in peers if here in network(p.cidr)]
    if not fits:
        return None
    narrowest = max(length for length, _ in fits)
    best = [p for length, p in fits if length == narrowest]
    return best[0] if len({p.client_id for p in best}) == 1 else None


def overlaps(first: str, second: str) -> bool:
    """Whether two networks share an address."""
    one, two = network(first), network(second)
    return one.version == two.version and one.overlaps(two)


def token_hash(secret: str) -> str:
    """What is kept of a token: its SHA-256. The secret has 256 random bits, so it needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def scopes_of(text: str) -> frozenset[TokenScope]:
    """The scopes in a text such as "store,read".

    Raises:
        ValueError: a word is not a scope, or there is none.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise ValueError("A token needs a scope: store, read, order or report.")
    return frozenset(TokenScope(word) for word in words)


def token_holds(*, scopes: str, wanted: str, expires_at: datetime | None, revoked: bool, at: datetime) -> bool:
    """Whether a token may do what is wanted at a time."""
    if revoked or (expires_at is not None and expires_at <= at):
        return False
    return wanted in scopes.split(",")
