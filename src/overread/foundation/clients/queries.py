"""Reads of clients. `sender_for` and `token_for` are asked at the door, before any scope is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from overread.foundation.clients.models import AeTitle, ApiToken, Client, Site, SiteVersion
from overread.foundation.clients.rules import Peer, sender_of, token_hash, token_holds
from overread.foundation.work.once import once


@dataclass(frozen=True)
class ClientView:
    """A client."""

    id: UUID
    code: str
    name: str
    kind: str
    active: bool


@dataclass(frozen=True)
class SiteView:
    """A place of a client."""

    id: UUID
    client_id: UUID
    code: str
    name: str
    active: bool


@dataclass(frozen=True)
class SiteVersionView:
    """What a place was called, since when, by whose word and why."""

    name: str
    active: bool
    valid_from: datetime
    recorded_by: str
    why: str


@dataclass(frozen=True)
class AeView:
    """A DICOM peer of a client, for lists."""

    id: UUID
    client_id: UUID
    aet: str
    cidr: str
    active: bool


@dataclass(frozen=True)
class SenderView:
    """Who calls: the client behind an AE title and address."""

    client_id: UUID
    client_code: str
    ae_id: UUID
    site_id: UUID | None


@dataclass(frozen=True)
class TokenView:
    """Whom a bearer token stands for."""

    id: UUID
    client_id: UUID
    client_code: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class BearerView(TokenView):
    """A live token with all that its bearer is told of itself."""

    client_name: str
    name: str
    expires_at: datetime | None


@dataclass(frozen=True)
class TokenLine:
    """A token as a list shows it; the secret is known to nobody."""

    id: UUID
    client_id: UUID
    name: str
    scopes: str
    added_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether its last moment has passed."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


@dataclass(frozen=True)
class _Known(Peer):
    client_code: str
    site_id: UUID | None


def _client(row: Client) -> ClientView:
    return ClientView(row.id, row.code, row.name, row.kind, row.active)


@once
def client(client_id: UUID) -> ClientView | None:
    """A client by id, active or not."""
    row = Client.objects.filter(id=client_id).first()
    return _client(row) if row else None


def client_by_code(code: str) -> ClientView | None:
    """A client by its code, active or not; codes are compared without regard to case."""
    row = Client.objects.filter(code=code.upper()).first()
    return _client(row) if row else None


@once
def clients_active() -> list[ClientView]:
    """All clients that send work, by code."""
    return [_client(row) for row in Client.objects.filter(active=True).order_by("code")]


def clients_all() -> list[ClientView]:
    """All clients, also those that no longer send work."""
    return [_client(row) for row in Client.objects.order_by("code")]


def clients_by_id(ids: Iterable[UUID]) -> dict[UUID, ClientView]:
    """Clients by id, for lists."""
    return {row.id: _client(row) for row in Client.objects.filter(id__in=set(ids))}


def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of clients by id."""
    return dict(Client.objects.filter(id__in=set(ids)).values_list("id", "name"))


def sites(client_id: UUID) -> list[SiteView]:
    """The places of a client in scope."""
    rows = Site.objects.filter(client_id=client_id).order_by("code")
    return [SiteView(r.id, r.client_id, r.code, r.name, r.active) for r in rows]


def site_versions(client_id: UUID) -> dict[UUID, list[SiteVersionView]]:
    """The versions of each place of a client in scope, by site, newest first."""
    found: dict[UUID, list[SiteVersionView]] = {}
    for row in SiteVersion.objects.filter(client_id=client_id).order_by("-recorded_at", "-id"):
        view = SiteVersionView(row.name, row.active, row.valid_from, row.recorded_by, row.why)
        found.setdefault(row.key, []).append(view)
    return found


def site_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of sites in scope, by id."""
    return dict(Site.objects.filter(id__in=set(ids)).values_list("id", "name"))


def peers(client_id: UUID) -> list[AeView]:
    """The DICOM peers of a client."""
    rows = AeTitle.objects.filter(client_id=client_id).order_by("aet", "cidr")
    return [AeView(r.id, r.client_id, r.aet, r.cidr, r.active) for r in rows]


def nodes_by_client() -> dict[UUID, int]:
    """How many DICOM nodes may send as each client: one query."""
    rows = AeTitle.objects.filter(active=True).order_by().values_list("client_id").annotate(n=Count("id"))
    return dict(rows)


def tokens(client_id: UUID) -> list[TokenLine]:
    """The tokens of a client, newest first."""
    rows = ApiToken.objects.filter(client_id=client_id).order_by("-added_at")
    return [TokenLine(r.id, r.client_id, r.name, r.scopes, r.added_at, r.expires_at, r.revoked_at) for r in rows]


def sender_for(aet: str, ip: str) -> SenderView | None:
    """The client that calls with this AE title from this address, or None: then the association is refused."""
    rows = AeTitle.objects.filter(aet=aet.strip(), active=True, client__active=True).select_related("client")
    known = [_Known(r.id, r.client_id, r.cidr, r.client.code, r.site_id) for r in rows]
    found = sender_of(known, ip)
    return SenderView(found.client_id, found.client_code, found.id, found.site_id) if found else None


def token_for(secret: str, scope: str) -> TokenView | None:
    """The client whose token this is, if the token is alive and holds the scope ("store", "read", "order")."""
    row = ApiToken.objects.filter(hash=token_hash(secret), client__active=True).select_related("client").first()
    if row is None or not token_holds(
        scopes=row.scopes,
        wanted=scope,
        expires_at=row.expires_at,
        revoked=row.revoked_at is not None,
        at=timezone.now(),
    ):
        return None
    return TokenView(row.id, row.client_id, row.client.code, frozenset(row.scopes.split(",")))


def bearer_of(secret: str) -> BearerView | None:
    """Whose token this is and what it may do, if it is alive: known, not expired, not revoked, of an active client."""
    row = ApiToken.objects.filter(hash=token_hash(secret), client__active=True).select_related("client").first()
    if row is None or row.revoked_at is not None or (row.expires_at and row.expires_at <= timezone.now()):
        return None
    scopes = frozenset(row.scopes.split(","))
    return BearerView(row.id, row.client_id, row.client.code, scopes, row.client.name, row.name, row.expires_at)


def token_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """What the machines are called that hold some tokens: the client's name, and the machine's."""
    rows = ApiToken.objects.filter(id__in=set(ids)).select_related("client")
    return {row.id: ", ".join(part for part in (row.client.name, row.name) if part) for row in rows}
