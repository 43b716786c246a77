"""What is on record about readers at a time, as known by a time, and what it lets them read."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.history.rows import holding_of_people
from overread.foundation.thresholds import current as thresholds
from overread.governance.credentials.models import (
    Appraisal,
    Dbs,
    EntryAudit,
    Indemnity,
    Override,
    Privilege,
    Registration,
    Revalidation,
)
from overread.governance.credentials.queries.sources import other_gates
from overread.governance.credentials.rules import (
    AppraisalFacts,
    Asked,
    AuditFacts,
    AuditState,
    DbsFacts,
    IndemnityFacts,
    Limits,
    OverrideFacts,
    PrivilegeFacts,
    ReaderFacts,
    Reason,
    RegistrationFacts,
    RevalidationFacts,
    reader_reasons,
    reasons_for,
)


def limits() -> Limits:
    """The numbers that the gates are judged by now."""
    return Limits(
        recheck=thresholds.duration("credential.registration_recheck"),
        appraisal_months=thresholds.whole("credential.appraisal"),
        revalidation_years=thresholds.whole("credential.revalidation"),
        cross_sectional=thresholds.whole("peer_review.entry_cross_sectional"),
        auditors=thresholds.whole("peer_review.entry_auditors"),
    )


def registration_facts(row: Any) -> RegistrationFacts:
    """A version of a registration as facts."""
    return RegistrationFacts(row.body, row.number, row.checked_on, row.failed, row.licence, row.specialist, row.detail)


def privilege_facts(row: Any) -> PrivilegeFacts:
    """A version of a privilege as facts."""
    regions = frozenset(str(r).casefold() for r in row.regions)
    return PrivilegeFacts(row.for_client_id, frozenset(row.modalities), frozenset(row.read_types), regions, row.scope)


def _indemnity(row: Any) -> IndemnityFacts:
    return IndemnityFacts(
        row.insurer,
        frozenset(row.modalities),
        row.teleradiology,
        row.limit_pounds,
        row.starts_on,
        row.expires_on,
    )


def _appraisal(row: Any) -> AppraisalFacts:
    return AppraisalFacts(row.held_on, row.teleradiology, row.designated_body, row.responsible_officer)


def audit_facts(row: Any) -> AuditFacts:
    """A version of an entry audit as facts."""
    return AuditFacts(AuditState(row.state), row.cross_sectional, tuple(row.auditors), row.released_on)


HARD: tuple[tuple[str, Any, Callable[[Any], Any]], ...] = (
    ("registrations", Registration, registration_facts),
    ("privileges", Privilege, privilege_facts),
    ("indemnities", Indemnity, _indemnity),
    ("audits", EntryAudit, audit_facts),
)
SOFT: tuple[tuple[str, Any, Callable[[Any], Any]], ...] = (
    ("dbs", Dbs, lambda r: DbsFacts(r.level, r.issued_on, r.renew_by)),
    ("appraisals", Appraisal, _appraisal),
    ("revalidations", Revalidation, lambda r: RevalidationFacts(r.last_on, r.due_on)),
)


def _by_person(model: Any, person_ids: frozenset[UUID], at: datetime, known_by: datetime) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in holding_of_people(model, person_ids, at=at, known_by=known_by):
        found.setdefault(row.person_id, []).append(row)
    return found


def _overrides(person_ids: frozenset[UUID], at: datetime, known_by: datetime) -> dict[UUID, list[OverrideFacts]]:
    rows = _by_person(Override, person_ids, at, known_by)
    names = _names(row.recorded_by for held in rows.values() for row in held)
    return {
        person_id: [OverrideFacts(r.key, r.gate, r.valid_to, r.why, names.get(r.recorded_by, "")) for r in held]
        for person_id, held in rows.items()
    }


def _names(actors: Iterable[str]) -> dict[str, str]:
    """Names of people by the text of the actor; nothing is asked when there are none."""
    ids = {text: UUID(text.partition(":")[2]) for text in set(actors) if text.startswith("person:")}
    names = accounts.names(ids.values()) if ids else {}
    return {text: names[person_id] for text, person_id in ids.items() if person_id in names}


def facts_of(
    person_ids: Iterable[UUID], *, at: datetime, known_by: datetime | None = None, hard_only: bool = False
) -> dict[UUID, ReaderFacts]:
    """All that is on record about some readers, in a number of queries that does not grow with them.

    Args:
        person_ids: the readers.
        at: the moment asked about.
        known_by: what was recorded later is left out; now when it is None.
        hard_only: only what the gates need that nobody passes, for doors that are asked at every image.
    """
    ids, known = frozenset(person_ids), known_by or timezone.now()
    tables = HARD if hard_only else HARD + SOFT
    rows = {name: (_by_person(model, ids, at, known), to_facts) for name, model, to_facts in tables}
    others = {} if hard_only else other_gates(ids, at)
    overrides = {} if hard_only else _overrides(ids, at, known)
    return {
        person_id: ReaderFacts(
            **{name: tuple(to_facts(r) for r in held.get(person_id, ())) for name, (held, to_facts) in rows.items()},
            others=others.get(person_id, ()),
            overrides=tuple(overrides.get(person_id, ())),
        )
        for person_id in ids
    }


def reasons(facts: ReaderFacts, asked: Asked, *, at: datetime) -> tuple[Reason, ...]:
    """Every gate of a reader for a read, with overrides applied (H12)."""
    return reasons_for(facts, asked, limits(), at=at, today=timezone.localdate(at))


def general_gates(facts: ReaderFacts, *, at: datetime) -> tuple[Reason, ...]:
    """Every gate of a reader that does not depend on a read, for the pages about readers."""
    return reader_reasons(facts, limits(), at=at, today=timezone.localdate(at))
