"""Who works for the provider: everybody who holds a role of it; no register keeps a list of its own from which somebody could fall."""

from collections.abc import Mapping
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


def staff(at: datetime | None = None) -> list[Colleague]:
    """Everybody who holds a role of the provider at a moment, by name; now only those whose account is open."""
    since: dict[UUID, dict[str, date]] = {}
    for grant in accounts.grants_at(at or timezone.now()):
        if grant.role in STAFF_ROLES:
            day = timezone.localtime(grant.granted_at).date()
            since.setdefault(grant.person_id, {}).setdefault(grant.role, day)
    present = [p for p in accounts.people() if p.id in since and (p.active or at is not None)]
    return sorted((Colleague(p.id, p.full_name, since[p.id]) for p in present), key=lambda c: c.name)
