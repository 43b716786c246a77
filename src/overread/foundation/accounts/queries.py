"""Named reads of people, roles and sessions. They need no scope, because they decide it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from allauth.mfa.models import Authenticator

from overread.foundation.accounts import rules
from overread.foundation.accounts.cipher import token_hash
from overread.foundation.accounts.entitlement import active_clients
from overread.foundation.accounts.limits import limits
from overread.foundation.accounts.models import EnrolmentLink, Person, Presence, RoleGrant, SigningPin, WebSession
from overread.foundation.tenancy.scope import Scope
from overread.foundation.work.once import once


@dataclass(frozen=True)
class PersonView:
    """A person as others may know them.

    Attributes:
        roles: role codes held now.
        client_ids: clients whose rows the person may see: their own, or all active ones for clinical provider staff.
    """

    id: UUID
    full_name: str
    roles: frozenset[str]
    client_ids: frozenset[UUID]
    email: str = ""
    active: bool = True

    @property
    def role_words(self) -> str:
        """Their roles for people, such as "Radiologist, Clinical lead"."""
        return ", ".join(words for role, words in rules.ROLE_WORDS.items() if role in self.roles)

    @property
    def initials(self) -> str:
        """Two letters for the round badge."""
        words = [w for w in self.full_name.split() if w[:1].isalpha() and not w.endswith(".") and w not in {"Dr", "Mr"}]
        return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    @property
    def is_client_side(self) -> bool:
        """Whether the person belongs to a client."""
        return bool(self.roles & rules.CLIENT_ROLES)

    def may(self, permission: str) -> bool:
        """Whether a role gives this permission."""
        return permission in rules.permissions_of(self.roles)


@dataclass(frozen=True)
class GrantView:
    """A role that somebody holds now."""

    id: UUID
    person_id: UUID
    role: str
    words: str
    client_id: UUID | None
    granted_at: datetime
    granted_by: str


@dataclass(frozen=True)
class SessionView:
    """One browser in which a person is signed in."""

    id: UUID
    person_id: UUID
    state: rules.SessionState
    started_at: datetime
    seen_at: datetime
    mfa_at: datetime | None
    mfa_method: str
    address: str
    browser: str
    locked_at: datetime | None = None
    locks_at: datetime | None = None
    may_rest_longer: bool = True

    @property
    def browser_words(self) -> str:
        """The browser for people, such as "Chrome on Windows"."""
        return rules.browser_words(self.browser)


@dataclass(frozen=True)
class FactorView:
    """One proof of identity that a person has set up."""

    id: int
    kind: str
    name: str
    made_at: datetime
    used_at: datetime | None


def _grants(person_ids: Iterable[UUID]) -> list[RoleGrant]:
    return list(RoleGrant.objects.filter(person_id__in=list(person_ids), ended_at=None))


def _client_ids(grants: Iterable[RoleGrant], active: Callable[[], frozenset[UUID]]) -> frozenset[UUID]:
    held = list(grants)
    if any(g.role in rules.CLINICAL_SCOPE_ROLES for g in held):
        return active()
    own = {g.client_id for g in held if g.client_id is not None}
    return frozenset(own)


def _active_ids() -> frozenset[UUID]:
    return frozenset(client_id for client_id, _, _ in active_clients())


def _view(person: Person, grants: list[RoleGrant], active: Callable[[], frozenset[UUID]] = _active_ids) -> PersonView:
    return PersonView(
        id=person.id,
        full_name=person.full_name,
        roles=frozenset(g.role for g in grants),
        client_ids=_client_ids(grants, active),
        email=person.email,
        active=person.is_active,
    )


@once
def person(id: UUID) -> PersonView | None:
    """A person, active or not, with the roles held now; None when there is none with this id."""
    row = Person.objects.filter(id=id).first()
    return _view(row, _grants([row.id])) if row else None


def person_by_email(email: str) -> PersonView | None:
    """A person by the e-mail they sign in with."""
    row = Person.objects.filter(email=rules.clean_email(email)).first()
    return _view(row, _grants([row.id])) if row else None


def person_id_by_email(email: str) -> UUID | None:
    """The id of the person who signs in with this e-mail."""
    found: UUID | None = Person.objects.filter(email=rules.clean_email(email)).values_list("id", flat=True).first()
    return found


def people() -> list[PersonView]:
    """Everybody, active first, by name."""
    rows = list(Person.objects.order_by("-is_active", "full_name"))
    held: dict[UUID, list[RoleGrant]] = {}
    for grant in _grants(row.id for row in rows):
        held.setdefault(grant.person_id, []).append(grant)
    active = cache(_active_ids)  # asked once, not once a person
    return [_view(row, held.get(row.id, []), active) for row in rows]


def people_of_clients() -> dict[UUID, frozenset[UUID]]:
    """Active people of clients, each with the clients for whom they hold a role now."""
    grants = RoleGrant.objects.filter(ended_at=None, client_id__isnull=False, person__is_active=True)
    held: dict[UUID, set[UUID]] = {}
    for person_id, client_id in grants.values_list("person_id", "client_id"):
        held.setdefault(person_id, set()).add(client_id)
    return {person_id: frozenset(ids) for person_id, ids in held.items()}


def people_with_role(role: str, client_id: UUID | None = None) -> list[PersonView]:
    """Active people who hold a role now, by name; of one client when it is named."""
    grants = RoleGrant.objects.filter(role=role, ended_at=None, person__is_active=True)
    if client_id is not None:
        grants = grants.filter(client_id=client_id)
    ids = set(grants.values_list("person_id", flat=True))
    return [view for view in people() if view.id in ids]


def person_name(id: UUID) -> str:
    """The name for people, or "unknown person"."""
    return names([id]).get(id, "unknown person")


def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of several people."""
    return dict(Person.objects.filter(id__in=list(ids)).values_list("id", "full_name"))


def permissions_of(view: PersonView) -> frozenset[str]:
    """All permission codes of an active person."""
    return rules.permissions_of(view.roles) if view.active else frozenset()


def scope_of(person_id: UUID) -> Scope:
    """The scope in which a person works now.

    Provider staff in clinical and office roles: all active clients. Client people: their own clients. Other provider
    roles: the provider alone. No role, or not active: nothing.
    """
    view = person(person_id)
    return scope_of_view(view) if view else Scope.clients(())


def scope_of_view(view: PersonView) -> Scope:
    """The scope of a person who has just been read."""
    if not view.active or not view.roles:
        return Scope.clients(())
    if not view.client_ids and view.roles & rules.PROVIDER_ROLES and not view.roles & rules.CLINICAL_SCOPE_ROLES:
        return Scope.provider()
    return Scope.clients(view.client_ids)


def grants_at(at: datetime, person_ids: Iterable[UUID] | None = None) -> list[GrantView]:
    """Every role that anybody, or some people, held at a moment, oldest first; what was given or taken later has not happened."""
    held = RoleGrant.objects.filter(granted_at__lte=at).exclude(ended_at__lte=at)
    if person_ids is not None:
        held = held.filter(person_id__in=list(person_ids))
    return _grant_views(held.order_by("granted_at", "id"))


def grants_of(person_id: UUID) -> list[GrantView]:
    """Roles held now, oldest first."""
    return _grant_views(sorted(_grants([person_id]), key=lambda g: g.granted_at))


def _grant_views(grants: Iterable[RoleGrant]) -> list[GrantView]:
    return [
        GrantView(
            id=g.id,
            person_id=g.person_id,
            role=g.role,
            words=rules.ROLE_WORDS.get(rules.Role(g.role), g.role) if g.role in set(rules.Role) else g.role,
            client_id=g.client_id,
            granted_at=g.granted_at,
            granted_by=g.granted_by,
        )
        for g in grants
    ]


def session(id: UUID, at: datetime) -> SessionView | None:
    """A web session with its state at a time."""
    row = WebSession.objects.filter(id=id).first()
    return _session_view(row, at) if row else None


def _session_view(row: WebSession, at: datetime) -> SessionView:
    return SessionView(
        id=row.id,
        person_id=row.person_id,
        state=rules.session_state(row.facts(), at, limits()),
        started_at=row.started_at,
        seen_at=row.seen_at,
        mfa_at=row.mfa_at,
        mfa_method=row.mfa_method,
        address=row.address,
        browser=row.browser,
        locked_at=row.locked_at,
        locks_at=rules.locks_at(row.facts(), limits()),
        may_rest_longer=rules.may_rest_longer(row.facts(), limits()),
    )


def sessions_of(person_id: UUID, at: datetime) -> list[SessionView]:
    """Sessions of a person that have not ended, newest first."""
    rows = WebSession.objects.filter(person_id=person_id, ended_at=None).order_by("-started_at")
    views = [_session_view(row, at) for row in rows]
    return [view for view in views if view.state is not rules.SessionState.ended]


def factors_of(person_id: UUID) -> list[FactorView]:
    """Second factors and recovery codes that a person has set up."""
    rows = Authenticator.objects.filter(user_id=person_id).order_by("created_at")
    return [
        FactorView(
            id=row.pk,
            kind=row.type,
            name=str(row.data.get("name", "")),
            made_at=row.created_at,
            used_at=row.last_used_at,
        )
        for row in rows
    ]


def has_second_factor(person_id: UUID) -> bool:
    """Whether a person has an authenticator app or a passkey."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user_id=person_id, type__in=kinds).exists()


def has_pin(person_id: UUID) -> bool:
    """Whether a person has set a signing PIN."""
    return SigningPin.objects.filter(person_id=person_id).exists()


def open_link(token: str, at: datetime) -> PersonView | None:
    """Whom an enrolment link is for, while it is open; None when it is used, old or unknown."""
    row = EnrolmentLink.objects.filter(hash=token_hash(token)).first()
    if row is None or not rules.link_is_open(row.made_at, row.used_at, at, limits()):
        return None
    view = person(row.person_id)
    return view if view and view.active else None


def presence_valid(token: str, person_id: UUID, at: datetime, purpose: str = "") -> bool:
    """Whether a proof of presence is this person's, for this purpose, younger than two minutes and not yet used.

    It does not use it up; `actions.use_presence` does, inside the action that it allows.
    """
    row = Presence.objects.filter(hash=token_hash(token), person_id=person_id, purpose=purpose).first()
    return bool(row and rules.presence_is_open(row.made_at, row.used_at, at, limits()))
