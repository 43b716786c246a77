"""The duties that the register of readers makes: what runs out, and certificates that nobody has looked at (REQ-07 to REQ-11)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.rules import Role
from overread.foundation.clock.wanted import WantedDuty
from overread.foundation.history.rows import holding
from overread.governance.credentials.models import (
    Appraisal,
    Certificate,
    Dbs,
    Indemnity,
    Privilege,
    Registration,
    Revalidation,
)
from overread.governance.credentials.queries.standing import limits
from overread.governance.credentials.rules import CERTIFICATES, months_after

LONDON = ZoneInfo("Europe/London")
EVIDENCE = "credentials.evidence"


def end_of(day: date) -> datetime:
    """The last minute of a day in London."""
    return datetime.combine(day, time(23, 59), LONDON)


def last_day_of(valid_to: datetime | None) -> date | None:
    """The last day on which something holds that ends at a moment; at midnight that is the day before."""
    return timezone.localdate(valid_to - timedelta(microseconds=1)) if valid_to else None


def last_day(row: Any) -> date | None:
    """Until when a version holds by what stands on it; None for what does not run out."""
    if isinstance(row, Registration):
        return row.checked_on + limits().recheck
    if isinstance(row, Appraisal):
        return months_after(row.held_on, limits().appraisal_months)
    if isinstance(row, Privilege):
        return last_day_of(row.valid_to)
    name = {Indemnity: "expires_on", Dbs: "renew_by", Revalidation: "due_on"}.get(type(row), "")
    found: date | None = getattr(row, name, None)
    return found


def _check(row: Any) -> str:
    return f"Check the {row.body} register"


# kind, model, whether the reader sees to it (else the office), what of a reader's rows counts together, title
KINDS: tuple[tuple[str, Any, bool, Any, Any], ...] = (
    ("credentials.registration-check", Registration, False, lambda r: r.body, _check),
    ("credentials.privilege", Privilege, False, lambda r: r.key, lambda _: "Renew or end a privilege"),
    ("credentials.indemnity", Indemnity, True, lambda _: "", lambda r: f"Indemnity with {r.insurer}"),
    ("credentials.dbs", Dbs, True, lambda _: "", lambda r: f"DBS check ({r.level})"),
    ("credentials.appraisal", Appraisal, True, lambda _: "", lambda _: "Appraisal"),
    ("credentials.revalidation", Revalidation, True, lambda _: "", lambda _: "Revalidation"),
)


def _latest(rows: Iterable[Any], together: Any) -> Iterator[tuple[Any, date]]:
    """Of the rows that count together the one that holds longest: an old certificate is not asked for any more."""
    best: dict[tuple[UUID, Any], tuple[Any, date]] = {}
    for row in rows:
        day = last_day(row)
        key = (row.person_id, together(row))
        if day is not None and (key not in best or day >= best[key][1]):
            best[key] = (row, day)
    yield from best.values()


def _office(managers: list[PersonView], reader_id: UUID) -> UUID | None:
    """The registered manager who sees to what a reader does not do themselves."""
    return next((m.id for m in managers if m.id != reader_id), None)


def wanted_duties() -> dict[str, list[WantedDuty]]:
    """Every duty that there should be, by kind; every kind is there, so that what is done ends."""
    at = timezone.now()
    readers = {p.id: p for p in accounts.people_with_role(Role.RADIOLOGIST) if p.active}
    managers = [m for m in accounts.people_with_role(Role.REGISTERED_MANAGER) if m.active]
    found: dict[str, list[WantedDuty]] = {}
    for kind, model, own, together, title in KINDS:
        rows = holding(model.objects.filter(person_id__in=readers), at=at, known_by=at)
        found[kind] = [
            WantedDuty(
                row.key,
                row.person_id if own else _office(managers, row.person_id),
                f"{title(row)}, {readers[row.person_id].full_name}",
                end_of(day),
            )
            for row, day in _latest(rows, together)
        ]
    return {**found, EVIDENCE: list(_unseen(managers))}


def _unseen(managers: list[PersonView]) -> Iterator[WantedDuty]:
    rows = list(Certificate.objects.filter(seen_at__isnull=True).order_by("added_at"))
    names = accounts.names({r.person_id for r in rows})
    for row in rows:
        title = f"Look at a certificate: {CERTIFICATES[row.what]}, {names.get(row.person_id, '')}"
        yield WantedDuty(row.id, _office(managers, row.person_id), title, end_of(timezone.localdate(row.added_at)))
