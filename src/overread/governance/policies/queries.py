"""Named reads of policies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.history.rows import holding
from overread.foundation.registers import reading
from overread.foundation.registers.reading import Entry, entry_of
from overread.foundation.registers.staff import Colleague, staff
from overread.foundation.thresholds import current as thresholds
from overread.governance.policies import rules
from overread.governance.policies.models import Policy, Reading
from overread.governance.policies.rules import APPROVED, DRAFT, FIELDS, STANDING

ALL = (*FIELDS, *STANDING)


@dataclass(frozen=True)
class Reader:
    """Whether somebody in scope has read an edition; `due` is the last day for it."""

    person: Colleague
    read_at: datetime | None
    due: date


def words(name: str) -> str | None:
    """A threshold in words as it acts; None where there is none of this name."""
    found = thresholds.edition().thresholds.get(name)
    return found.value_words if found else None


def reminders() -> tuple[int, ...]:
    """Days before a review is due on which the owner is reminded (REQ-03)."""
    names = ("policy.reminder_1", "policy.reminder_2", "policy.reminder_3", "policy.reminder_4")
    return tuple(thresholds.whole(name) for name in names)


def policies(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The policies, each as last written, at a time, as known by a time."""
    return reading.entries(Policy, ALL, at=at, known_by=known_by)


def policy(key: UUID) -> Entry | None:
    """A policy as last written."""
    return reading.entry(Policy, ALL, key)


def versions(key: UUID) -> list[Entry]:
    """All versions of a policy, in order."""
    return reading.versions(Policy, ALL, key)


def in_force(*, at: datetime | None = None, known_by: datetime | None = None) -> dict[UUID, Entry]:
    """What was approved last of each policy that has not ended, whatever draft was written since."""
    now = timezone.now()
    living = {e.key for e in policies(at=at, known_by=known_by)}
    rows = holding(Policy.objects.filter(state=APPROVED), at=at or now, known_by=known_by or now)
    return {row.key: entry_of(row, ALL) for row in rows if row.key in living}


def stated(key: UUID) -> dict[str, str]:
    """The numbers that a policy stated when it was approved last, by name of the threshold."""
    row = Policy.objects.filter(key=key, state=APPROVED).order_by("-recorded_at", "-id").first()
    return dict(row.numbers) if row else {}


def authors(key: UUID) -> list[str]:
    """Who wrote the draft that waits: everybody who wrote since the last approval."""
    found: list[str] = []
    for entry in versions(key):
        found = [] if entry["state"] == APPROVED else [*found, entry.recorded_by]
    return found


def _read(keys: Iterable[UUID], known_by: datetime) -> dict[tuple[UUID, int, UUID], datetime]:
    rows = Reading.objects.filter(policy_key__in=list(keys), at__lte=known_by)
    return {(r.policy_key, r.edition, r.person_id): r.at for r in rows}


def readers(
    entries: Iterable[Entry], *, at: datetime | None = None, known_by: datetime | None = None
) -> dict[UUID, list[Reader]]:
    """For each policy in force: everybody in its scope, whether they have read it, and by when they must."""
    held = list(entries)
    everybody = staff(at)
    read = _read([e.key for e in held], known_by or at or timezone.now())
    days = timedelta(days=thresholds.whole("policy.acknowledge"))
    found: dict[UUID, list[Reader]] = {}
    for entry in held:
        in_scope = [c for c in everybody if rules.in_scope(entry["roles"], c.roles)]
        found[entry.key] = [
            Reader(c, read.get((entry.key, entry["edition"], c.id)), max(entry["approved_on"], _since(entry, c)) + days)
            for c in in_scope
        ]
    return found


def _since(entry: Entry, colleague: Colleague) -> date:
    """Since when somebody is in the scope of a policy."""
    return min(day for role, day in colleague.since.items() if rules.in_scope(entry["roles"], [role]))


def of_duty(subject_id: UUID, person_id: UUID) -> UUID | None:
    """The policy that a duty to read is about."""
    for entry in in_force().values():
        if rules.reading_id(entry.key, entry["edition"], person_id) == subject_id:
            return entry.key
    return None


def waiting() -> list[Entry]:
    """Drafts that wait for somebody to approve them."""
    return [e for e in policies() if e["state"] == DRAFT]
