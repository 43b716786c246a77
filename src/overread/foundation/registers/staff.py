"""Who works for the provider: everybody who holds a role of it; no register keeps a list of its own from which somebody could fall."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import STAFF_ROLES


@dataclass(frozen=True)
class Colleague:
    """Somebody of the provider: who, and since when in each role."""

    id: UUID
    name: str
    since: Mapping[str, date]

    @property
    def roles(self) -> frozenset[str]:
        """The roles held."""
        return frozenset(self.since)


def roles_since(at: datetime, person_ids: Iterable[UUID] | None = None) -> dict[UUID, dict[str, date]]:
    """The roles of the provider that everybody, or some people, held at a moment, each with its first day."""
    since: dict[UUID, dict[str, date]] = {}
    for grant in accounts.grants_at(at, person_ids):
        if grant.role in STAFF_ROLES:
            day = timezone.localtime(grant.granted_at).date()
            since.setdefault(grant.person_id, {}).setdefault(grant.role, day)
    return since


def staff(at: datetime | None = None) -> list[Colleague]:
    """Everybody who holds a role of the provider at a moment, by name; now only those whose account is open."""
    since = roles_since(at or timezone.now())
    present = [p for p in accounts.people() if p.id in since and (p.active or at is not None)]
    return sorted((Colleague(p.id, p.full_name, since[p.id]) for p in present), key=lambda c: c.name)
