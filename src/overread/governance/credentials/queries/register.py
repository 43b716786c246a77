"""What pages show of readers: who may read, what they hold until when, every version, overrides, certificates."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.clients import queries as clients
from overread.foundation.history.rows import holding
from overread.governance.credentials.models import (
    Appraisal,
    Certificate,
    Dbs,
    EntryAudit,
    Indemnity,
    Override,
    Privilege,
    Registration,
    Revalidation,
)
from overread.governance.credentials.queries.due import last_day
from overread.governance.credentials.queries.standing import facts_of, general_gates
from overread.governance.credentials.rules import CERTIFICATES, GATE_WORDS, OF_THE_DAY, SCOPE_WORDS, Reason, Scope, shut

KINDS: dict[str, tuple[str, Any]] = {
    "registration": ("Registration", Registration),
    "privilege": ("Privileges", Privilege),
    "indemnity": ("Indemnity", Indemnity),
    "dbs": ("DBS check", Dbs),
    "appraisal": ("Appraisal", Appraisal),
    "revalidation": ("Revalidation", Revalidation),
    "audit": ("Entry audit", EntryAudit),
}
STATES = {"under_way": "under way", "released": "released", "failed": "not passed"}


@dataclass(frozen=True)
class Held:
    """A version of something on record about a reader.

    Attributes:
        what: a key of KINDS.
        lines: what stands on it, for people.
        last_day: until when it holds; None when it does not run out.
        ended: this version took it off the record.
        values: its fields, to fill a form with.
    """

    what: str
    key: UUID
    title: str
    lines: tuple[str, ...]
    last_day: date | None
    recorded_at: datetime
    recorded_by: str
    valid_from: datetime
    valid_to: datetime | None
    ended: bool
    values: dict[str, Any]

    def runs_out_before(self, day: date) -> bool:
        """Whether it holds no longer on a day."""
        return self.last_day is not None and self.last_day < day


@dataclass(frozen=True)
class ReaderLine:
    """A reader in the register, with every gate that does not depend on a read, shut ones, and what runs out first."""

    person_id: UUID
    name: str
    numbers: tuple[str, ...]
    gates: tuple[Reason, ...]
    shut: tuple[Reason, ...]
    first: Held | None
    checked_on: date | None


@dataclass(frozen=True)
class OverrideView:
    """A gate that the registered manager let a reader pass."""

    key: UUID
    person_id: UUID
    person_name: str
    gate: str
    heading: str
    why: str
    by_name: str
    since: datetime
    until: datetime

    def runs(self, at: datetime) -> bool:
        """Whether it acts at a moment."""
        return self.since <= at < self.until

    @property
    def until_words(self) -> str:
        """Its end for people, in London."""
        end = timezone.localtime(self.until)
        return f"{end.day} {end:%b %Y, %H:%M}"


@dataclass(frozen=True)
class CertificateView:
    """A file about a reader."""

    id: UUID
    person_id: UUID
    what_words: str
    name: str
    media_type: str
    key: str
    length: int
    added_at: datetime
    added_by: str
    seen_at: datetime | None
    seen_by: str


def _who(texts: set[str]) -> dict[str, str]:
    ids = {t: UUID(t.partition(":")[2]) for t in texts if t.startswith("person:")}
    names = accounts.names(ids.values()) if ids else {}
    return {t: names.get(ids[t], "") if t in ids else t.partition(":")[2] for t in texts}


def _registration(row: Registration) -> tuple[str, list[str]]:
    state = f"failed: {row.detail}" if row.failed else "in good standing"
    more = [word for word, holds in (("licence to practise", row.licence), ("specialist", row.specialist)) if holds]
    return f"{row.body} {row.number}", [f"Checked on {_day(row.checked_on)}, {state}", ", ".join(more) or "no licence"]


def _privilege(row: Privilege, names: dict[UUID, str]) -> tuple[str, list[str]]:
    where = names.get(row.for_client_id, "one client") if row.for_client_id else "every client"
    kinds = ", ".join(str(k).replace("_", " ") for k in row.read_types)
    scope = [SCOPE_WORDS[Scope(row.scope)]] if row.scope else []
    regions = [f"only {', '.join(row.regions)}"] if row.regions else []
    return f"{', '.join(row.modalities)} for {where}", [kinds, *scope, *regions]


def _indemnity(row: Indemnity) -> tuple[str, list[str]]:
    covers = f"{', '.join(row.modalities)}{', teleradiology' if row.teleradiology else ', NOT teleradiology'}"
    limit = f"{row.limit_pounds:,} pounds, {row.jurisdiction}"
    return f"{row.insurer} {row.policy_number}".strip(), [covers, limit, f"From {_day(row.starts_on)}"]


def _audit(row: EntryAudit) -> tuple[str, list[str]]:
    released = f"Released on {_day(row.released_on)}" if row.released_on else "Not released"
    who = f"{', '.join(row.auditors)}{' (external)' if row.external else ''}"
    return f"{row.cross_sectional} reports, {STATES[row.state]}", [who, row.outcome, released]


def _words(row: Any, names: dict[UUID, str]) -> tuple[str, list[str]]:
    """Title and lines of a version."""
    if isinstance(row, Registration):
        return _registration(row)
    if isinstance(row, Privilege):
        return _privilege(row, names)
    if isinstance(row, Indemnity):
        return _indemnity(row)
    if isinstance(row, EntryAudit):
        return _audit(row)
    if isinstance(row, Dbs):
        return f"{row.level.capitalize()} {row.number}".strip(), [f"Issued on {_day(row.issued_on)}"]
    if isinstance(row, Appraisal):
        covers = "covers teleradiology" if row.teleradiology else "does NOT cover teleradiology"
        officer = f"{row.designated_body}, responsible officer {row.responsible_officer}"
        return f"Held on {_day(row.held_on)}", [f"{row.appraiser}, {covers}", officer]
    return f"Due on {_day(row.due_on)}", [f"Last on {_day(row.last_on)}" if row.last_on else "Never before"]


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _held(what: str, row: Any, names: dict[UUID, str], people: dict[str, str]) -> Held:
    title, lines = _words(row, names)
    skipped = {"id", "key", "person", "recorded_at", "recorded_by"}
    return Held(
        what=what,
        key=row.key,
        title=title,
        lines=tuple(line for line in lines if line),
        last_day=last_day(row),
        recorded_at=row.recorded_at,
        recorded_by=people.get(row.recorded_by, row.recorded_by),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        ended=row.valid_to is not None and row.valid_to <= row.recorded_at,
        values={f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in skipped},
    )


def holdings(person_id: UUID) -> dict[str, list[Held]]:
    """What is on record about a reader now, by kind; every kind is there."""
    at, names = timezone.now(), {c.id: c.name for c in clients.clients_active()}
    rows = {
        what: holding(model.objects.filter(person_id=person_id), at=at, known_by=at)
        for what, (_, model) in KINDS.items()
    }
    people = _who({r.recorded_by for held in rows.values() for r in held})
    return {what: [_held(what, r, names, people) for r in held] for what, held in rows.items()}


def versions(person_id: UUID) -> list[Held]:
    """Everything that was ever recorded about a reader, newest first."""
    names = {c.id: c.name for c in clients.clients_active()}
    rows = [(what, r) for what, (_, model) in KINDS.items() for r in model.objects.filter(person_id=person_id)]
    people = _who({r.recorded_by for _, r in rows})
    found = [_held(what, r, names, people) for what, r in rows]
    return sorted(found, key=lambda h: h.recorded_at, reverse=True)


def readers() -> list[ReaderLine]:
    """Every radiologist with an open account, those with a shut gate first."""
    at = timezone.now()
    people = [p for p in accounts.people_with_role(Role.RADIOLOGIST) if p.active]
    facts = facts_of([p.id for p in people], at=at)
    lines = []
    for person in people:
        gates = general_gates(facts[person.id], at=at)
        held = [h for kind in holdings(person.id).values() for h in kind if h.last_day]
        checks = [f.checked_on for f in facts[person.id].registrations]
        lines.append(
            ReaderLine(
                person.id,
                person.full_name,
                tuple(f"{f.body} {f.number}" for f in facts[person.id].registrations),
                gates,
                tuple(g for g in shut(gates) if g.gate not in OF_THE_DAY),
                min(held, key=lambda h: h.last_day or date.max, default=None),
                max(checks, default=None),
            )
        )
    return sorted(lines, key=lambda line: (not line.shut, line.name))


def person_of(key: UUID) -> UUID | None:
    """About whom a thing on record, or a certificate, is."""
    for _, model in KINDS.values():
        found: UUID | None = model.objects.filter(key=key).values_list("person_id", flat=True).first()
        if found:
            return found
    row = Certificate.objects.filter(id=key).first()
    return row.person_id if row else None


def _override(rows: list[Override], people: dict[str, str], names: dict[UUID, str]) -> OverrideView:
    """One override from its versions: it ends when the last one says so."""
    first, last = rows[0], rows[-1]
    return OverrideView(
        first.key,
        first.person_id,
        names.get(first.person_id, ""),
        first.gate,
        GATE_WORDS.get(first.gate, first.gate),
        first.why,
        people.get(first.recorded_by, ""),
        first.valid_from,
        last.valid_to or first.valid_from,
    )


def overrides(person_id: UUID | None = None) -> list[OverrideView]:
    """Every override there was, of one reader or of all, the newest first."""
    rows = Override.objects.order_by("recorded_at", "id")
    rows = rows.filter(person_id=person_id) if person_id else rows
    by_key: dict[UUID, list[Override]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    people = _who({r.recorded_by for held in by_key.values() for r in held})
    names = accounts.names({held[0].person_id for held in by_key.values()})
    return [_override(held, people, names) for held in reversed(by_key.values())]


def override_by_key(key: UUID) -> OverrideView | None:
    """One override."""
    return next((o for o in overrides() if o.key == key), None)


def certificates(person_id: UUID) -> list[CertificateView]:
    """The files about a reader, newest first."""
    return _certificates(Certificate.objects.filter(person_id=person_id).order_by("-added_at"))


def certificate(certificate_id: UUID) -> CertificateView | None:
    """One file."""
    return next(iter(_certificates(Certificate.objects.filter(id=certificate_id))), None)


def _certificates(rows: Any) -> list[CertificateView]:
    found = list(rows)
    people = _who({r.added_by for r in found} | {r.seen_by for r in found if r.seen_by})
    return [
        CertificateView(
            r.id,
            r.person_id,
            CERTIFICATES[r.what],
            r.name,
            r.media_type,
            r.key,
            r.length,
            r.added_at,
            people.get(r.added_by, ""),
            r.seen_at,
            people.get(r.seen_by, ""),
        )
        for r in found
    ]
