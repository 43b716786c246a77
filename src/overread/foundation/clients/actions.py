"""Verbs of clients: add and close them, their sites, DICOM peers and tokens."""

import secrets
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.clients import rules
from overread.foundation.clients.models import AeTitle, ApiToken, Client, Site, SiteVersion
from overread.foundation.tenancy.scope import current_scope
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotFound

WHY = 300  # characters


def _demand(**faults: str) -> None:
    found = {name: words for name, words in faults.items() if words}
    if found:
        raise BadInput(" ".join(found.values()), errors=found)


def _client(client_id: UUID) -> Client:
    row = Client.objects.filter(id=client_id).first()
    if row is None:
        raise NotFound
    return row


def _chain(client_id: UUID) -> UUID | None:
    """The ledger chain: the client's own when it is in scope, else the provider's."""
    return client_id if current_scope().holds(client_id) else None


@action("clients.add")
def add_client(*, actor: Actor, code: str, name: str, kind: str = "hospital") -> UUID:
    """Add a client.

    Args:
        actor: who adds it.
        code: 1 to 32 capital letters, digits, - or _; part of addresses, never changed.
        name: as people say it.
        kind: hospital, clinic or dental.

    Raises:
        BadInput: a field cannot be taken.
        Conflict: the code is in use.
    """
    code = code.strip().upper()
    _demand(
        code=rules.code_fault(code),
        name="" if name.strip() else "A name is needed.",
        kind="" if kind in set(rules.Kind) else "Say hospital, clinic or dental.",
    )
    if Client.objects.filter(code=code).exists():
        raise Conflict(f"There is already a client with the code {code}. Choose another code.", code="code-taken")
    row = Client.objects.create(code=code, name=name.strip(), kind=kind, added_at=timezone.now())
    note(subject=("client", row.id), facts={"kind": kind})
    return row.id


@action("clients.close")
def close_client(*, actor: Actor, client_id: UUID) -> None:
    """Stop taking work from a client: its senders and tokens are refused from now on; its rows stay."""
    row = _client(client_id)
    row.active = False
    row.save(update_fields=["active"])
    note(subject=("client", row.id))


@action("clients.reopen")
def reopen_client(*, actor: Actor, client_id: UUID) -> None:
    """Take work from a closed client again."""
    row = _client(client_id)
    row.active = True
    row.save(update_fields=["active"])
    note(subject=("client", row.id))


@action("clients.add_site")
def add_site(*, actor: Actor, client_id: UUID, code: str, name: str) -> UUID:
    """Add a place from which a client's studies come.

    Raises:
        BadInput: a field cannot be taken.
        Conflict: the client already has a site with this code.
    """
    _client(client_id)
    code = code.strip().upper()
    _demand(code=rules.code_fault(code), name="" if name.strip() else "A name is needed.")
    if Site.objects.filter(client_id=client_id, code=code).exists():
        raise Conflict(f"This client already has a site {code}.", code="code-taken")
    row = Site.objects.create(client_id=client_id, code=code, name=name.strip())
    _site_version(actor, row, "")
    note(subject=("site", row.id), client_id=client_id)
    return row.id


def _site_version(actor: Actor, row: Site, why: str) -> None:
    now = timezone.now()
    SiteVersion.objects.create(
        client_id=row.client_id,
        key=row.id,
        code=row.code,
        name=row.name,
        active=row.active,
        why=why,
        valid_from=now,
        recorded_at=now,
        recorded_by=actor.text,
    )


def _change_site(actor: Actor, client_id: UUID, site_id: UUID, why: str, **changes: object) -> None:
    """Change a place and write the version; one from before versions were kept gets its first version as it was."""
    row = Site.objects.filter(client_id=client_id, id=site_id).select_for_update().first()
    if row is None:
        raise NotFound
    if not 0 < len(why.strip()) <= WHY:
        raise BadInput("A change needs its reason.", errors={"why": f"Say why, in at most {WHY} characters."})
    if all(getattr(row, name) == value for name, value in changes.items()):
        raise BadInput("Nothing was changed.", code="unchanged")
    if not SiteVersion.objects.filter(client_id=client_id, key=site_id).exists():
        _site_version(Actor.system("clients"), row, "As it stood before versions were kept")
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    _site_version(actor, row, why.strip())
    note(subject=("site", row.id), client_id=client_id, facts={"fields": sorted(changes)})


@action("clients.rename_site")
def rename_site(*, actor: Actor, client_id: UUID, site_id: UUID, name: str, why: str) -> None:
    """Call a place otherwise; its code stays, and what it was called before stays on record.

    Raises:
        NotFound: this client has no such site in scope.
        BadInput: no name, no reason, or the same name.
    """
    _demand(name="" if name.strip() else "A name is needed.")
    _change_site(actor, client_id, site_id, why, name=name.strip())


@action("clients.close_site")
def close_site(*, actor: Actor, client_id: UUID, site_id: UUID, why: str) -> None:
    """Say that no more work comes from a place: its DICOM nodes are refused from now on; what it sent stays.

    Raises:
        NotFound: this client has no such site in scope.
        BadInput: no reason, or it is closed already.
    """
    _change_site(actor, client_id, site_id, why, active=False)
    AeTitle.objects.filter(client_id=client_id, site_id=site_id, active=True).update(active=False)


@action("clients.reopen_site")
def reopen_site(*, actor: Actor, client_id: UUID, site_id: UUID, why: str) -> None:
    """Take work from a closed place again; its nodes are let in one by one.

    Raises:
        NotFound: this client has no such site in scope.
        BadInput: no reason, or it is open.
    """
    _change_site(actor, client_id, site_id, why, active=True)


@action("clients.add_peer")
def add_ae(*, actor: Actor, client_id: UUID, aet: str, cidr: str, site_id: UUID | None = None) -> UUID:
    """Let a DICOM peer send as a client.

    Args:
        actor: who lets it.
        client_id: whose studies it sends.
        aet: its calling AE title, at most 16 characters.
        cidr: the address or network it calls from.
        site_id: the place it stands at, if known.

    Raises:
        BadInput: a field cannot be taken.
        Conflict: another client's peer has the same AE title in an overlapping network; the caller could be either.
    """
    _client(client_id)
    aet, cidr = aet.strip(), cidr.strip()
    _demand(aet=rules.aet_fault(aet), cidr=rules.cidr_fault(cidr))
    cidr = str(rules.network(cidr))
    if any(
        rules.overlaps(cidr, r.cidr) for r in AeTitle.objects.filter(aet=aet, active=True).exclude(client_id=client_id)
    ):
        raise Conflict(
            f"Another client sends as {aet} from an overlapping network. One of the two needs another AE title.",
            code="ambiguous-peer",
        )
    row, _ = AeTitle.objects.update_or_create(
        client_id=client_id,
        aet=aet,
        cidr=cidr,
        defaults={"active": True, "site_id": site_id},
        create_defaults={"active": True, "site_id": site_id, "added_at": timezone.now()},
    )
    note(subject=("ae_title", row.id), client_id=_chain(client_id), facts={"network": cidr})
    return row.id


@action("clients.remove_peer")
def remove_ae(*, actor: Actor, ae_id: UUID) -> None:
    """Refuse a DICOM peer from now on."""
    row = AeTitle.objects.filter(id=ae_id).first()
    if row is None:
        raise NotFound
    row.active = False
    row.save(update_fields=["active"])
    note(subject=("ae_title", row.id), client_id=_chain(row.client_id))


@action("clients.make_token")
def make_token(
    *,
    actor: Actor,
    client_id: UUID,
    scopes: str | tuple[str, ...] = "store",
    name: str = "",
    expires_at: datetime | None = None,
) -> str:
    """Make a bearer token for a client's machine and return it; it is shown this once, only its hash is kept.

    Raises:
        BadInput: a scope is unknown.
    """
    _client(client_id)
    try:
        wanted = rules.scopes_of(scopes if isinstance(scopes, str) else ",".join(scopes))
    except ValueError as error:
        raise BadInput(
            "A token's scope is store, read, order, report, or several with commas.", errors={"scopes": str(error)}
        ) from error
    secret = "ovr_" + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        client_id=client_id,
        name=name.strip(),
        hash=rules.token_hash(secret),
        scopes=",".join(sorted(wanted)),
        added_at=timezone.now(),
        expires_at=expires_at,
    )
    note(subject=("api_token", row.id), client_id=_chain(client_id), facts={"scopes": row.scopes})
    return secret


@action("clients.revoke_token")
def revoke_token(*, actor: Actor, token_id: UUID) -> None:
    """End a token at once."""
    row = ApiToken.objects.filter(id=token_id).first()
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
    note(subject=("api_token", row.id), client_id=_chain(row.client_id))
