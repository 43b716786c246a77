"""Named reads of training."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from overread.foundation.registers import reading
from overread.foundation.registers.documents import Document, document_of
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.staff import roles_since, staff
from overread.foundation.thresholds import current as thresholds
from overread.governance.credentials.rules import Reason
from overread.governance.training import rules
from overread.governance.training.models import Certificate
from overread.governance.training.rules import FIELDS, SUBJECTS, Limits, Member, Standing


def limits() -> Limits:
    """The intervals that act now."""
    months = {subject.code: thresholds.whole(subject.interval) for subject in SUBJECTS}
    return Limits(months, thresholds.whole("training.reminder_1"), thresholds.whole("training.induction"))


def reminders() -> tuple[int, ...]:
    """Days before something runs out on which the person is reminded, and the day itself (REQ-120)."""
    names = ("training.reminder_1", "training.reminder_2", "training.reminder_3")
    return (*(thresholds.whole(name) for name in names), 0)


def certificates(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The certificates in the register, at a time, as known by a time."""
    return reading.entries(Certificate, FIELDS, at=at, known_by=known_by)


def versions(key: UUID) -> list[Entry]:
    """All versions of a certificate, in order."""
    return reading.versions(Certificate, FIELDS, key)


def certificate(key: UUID) -> Entry | None:
    """A certificate as it stands now."""
    return reading.entry(Certificate, FIELDS, key)


def document(key: UUID) -> Document | None:
    """The file of a certificate."""
    return document_of(Certificate, key)


def members(at: datetime | None = None) -> list[Member]:
    """Everybody who holds a role of the provider: nobody has to put them on a list, and nobody can take them off it."""
    return [Member(c.id, c.name, c.since) for c in staff(at)]


def facts(entries: Iterable[Entry]) -> list[rules.Certificate]:
    """Certificates as far as they count."""
    return [
        rules.Certificate(
            e.key, e["person"], e["subject"], e["completed_on"], e["level"], e["standing"] == rules.CONFIRMED
        )
        for e in entries
    ]


def matrix(
    *, at: datetime | None = None, known_by: datetime | None = None
) -> tuple[list[Member], dict[tuple[UUID, str], Standing]]:
    """Everybody, and where they stand in everything that is asked of them."""
    everybody = members(at)
    today = timezone.localdate(at or timezone.now())
    found = rules.matrix(everybody, facts(certificates(at=at, known_by=known_by)), limits(), today)
    return everybody, found


def own(person_id: UUID) -> list[Standing]:
    """Where one person stands, what is most pressing first."""
    _, found = matrix()
    return sorted((s for s in found.values() if s.person == person_id), key=lambda s: s.due)


def person_of_duty(subject_id: UUID) -> UUID | None:
    """Whose training a duty is about."""
    return next((s.person for s in matrix()[1].values() if s.id == subject_id), None)


def lapsed(person_ids: Iterable[UUID], at: datetime) -> Mapping[UUID, tuple[Standing, ...]]:
    """What is out of date on a day, by person: expired, or not done within the time for beginners (REQ-07)."""
    wanted = set(person_ids)
    everybody = [Member(person_id, "", since) for person_id, since in roles_since(at, wanted).items()]
    today = timezone.localdate(at)
    keys = Certificate.objects.filter(person_id__in=wanted).values("key")  # whose it once was may have been corrected
    held = reading.entries(Certificate, FIELDS, at=at, key__in=keys)
    found = rules.matrix(everybody, facts(held), limits(), today)
    late: dict[UUID, tuple[Standing, ...]] = {person_id: () for person_id in wanted}
    for one in found.values():
        if rules.is_late(one, today):
            late[one.person] = (*late[one.person], one)
    return late


def gates(person_ids: frozenset[UUID], at: datetime) -> Mapping[UUID, tuple[Reason, ...]]:
    """The gate that training keeps of some readers; site/wiring.py joins it to the gates of the register of readers."""
    return {person_id: (rules.gate(late),) for person_id, late in lapsed(person_ids, at).items()}
