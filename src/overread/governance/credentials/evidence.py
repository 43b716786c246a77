"""What an inspector may be shown about readers: look-ups in registers, what they hold, overrides."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.history.rows import holding
from overread.foundation.ledger.evidence import Asked, Cell, Found, evidence, spread
from overread.governance.credentials.models import Appraisal, Dbs, Indemnity, Registration, Revalidation
from overread.governance.credentials.queries import overrides
from overread.governance.credentials.queries.due import last_day
from overread.governance.credentials.queries.standing import facts_of, general_gates
from overread.governance.credentials.rules import OF_THE_DAY, shut

HELD: tuple[tuple[str, Any], ...] = (
    ("Indemnity", Indemnity),
    ("DBS check", Dbs),
    ("Appraisal", Appraisal),
    ("Revalidation", Revalidation),
)


def _readers(at: datetime) -> dict[UUID, str]:
    """Who was a radiologist at a moment, by name."""
    ids = {g.person_id for g in accounts.grants_at(at) if g.role == Role.RADIOLOGIST}
    return dict(sorted(accounts.names(ids).items(), key=lambda pair: pair[1]))


def _days(since: date, at: datetime) -> int:
    return (timezone.localdate(at) - since).days


@evidence(
    "credentials.checks",
    title="Register entries and when they were looked up",
    topics=("staffing", "governance"),
    regulations=("18", "19"),
)
def checks(asked: Asked) -> Found:
    """Each reader's entry in the GMC's or GDC's register, its last look-up and how many days ago that was (REQ-09)."""
    names = _readers(asked.as_at)
    held = holding(Registration.objects.filter(person_id__in=names), at=asked.as_at, known_by=asked.known_by)
    today = timezone.localdate(asked.as_at)
    held.sort(key=lambda r: (names[r.person_id], r.body))
    rows: list[tuple[Cell, ...]] = []
    gaps = [f"{name} has no register entry" for key, name in names.items() if key not in {r.person_id for r in held}]
    for row in held:
        due = last_day(row)
        late = due is not None and due < today
        state = "failed" if row.failed else "overdue" if late else "in good standing"
        days = _days(row.checked_on, asked.as_at)
        rows.append((names[row.person_id], row.body, row.number, row.checked_on, days, due, row.specialist, state))
        if state != "in good standing":
            gaps.append(f"{names[row.person_id]}: {row.body} register {state}, {days} days since the look-up")
    oldest = max((int(str(r[4])) for r in rows), default=0)
    return Found(
        headline=f"{len(rows)} entries, the oldest look-up {oldest} days ago" if rows else "No register entry",
        columns=("Reader", "Register", "Number", "Looked up", "Days ago", "Again by", "Specialist", "State"),
        rows=tuple(rows),
        gaps=tuple(gaps),
        good="Every reader's entry was looked up within the last 90 days and is in good standing.",
        **spread(r.recorded_at for r in held),
    )


@evidence(
    "credentials.held",
    title="Indemnity, DBS, appraisal and revalidation of readers",
    topics=("staffing",),
    regulations=("18", "19"),
)
def held_by_readers(asked: Asked) -> Found:
    """What each reader holds and until when; of several of a kind the one that holds longest (REQ-10, REQ-11)."""
    names, today = _readers(asked.as_at), timezone.localdate(asked.as_at)
    rows: list[tuple[Cell, ...]] = []
    gaps: list[str] = []
    recorded: list[datetime] = []
    for heading, model in HELD:
        found = holding(model.objects.filter(person_id__in=names), at=asked.as_at, known_by=asked.known_by)
        best: dict[UUID, Any] = {}
        for row in sorted(found, key=lambda r: last_day(r) or date.min):
            best[row.person_id] = row
        for person_id, name in names.items():
            one = best.get(person_id)
            day = last_day(one) if one else None
            state = "none" if day is None else "ran out" if day < today else "in date"
            rows.append((name, heading, day, one.recorded_at if one else None, state))
            recorded += [one.recorded_at] if one else []
            if state != "in date":
                gaps.append(f"{name}: {heading.lower()} {'is not on record' if day is None else 'ran out'}")
    good = len(rows) - len(gaps)
    return Found(
        headline=f"{good} of {len(rows)} in date",
        columns=("Reader", "What", "Last day", "Recorded", "State"),
        rows=tuple(sorted(rows, key=lambda r: (str(r[0]), str(r[1])))),
        gaps=tuple(sorted(gaps)),
        good="Every reader is indemnified, checked, appraised and revalidated in date.",
        **spread(recorded),
    )


@evidence(
    "credentials.standing",
    title="Whether each reader may read",
    topics=("staffing", "pathways"),
    regulations=("12", "18"),
)
def standing(asked: Asked) -> Found:
    """Every gate of each reader at the moment, with its words; what changes from day to day at a workstation is left out."""
    names = _readers(asked.as_at)
    facts = facts_of(names, at=asked.as_at, known_by=asked.known_by)
    rows: list[tuple[Cell, ...]] = []
    gaps: list[str] = []
    for person_id, name in names.items():
        gates = [g for g in general_gates(facts[person_id], at=asked.as_at) if g.gate not in OF_THE_DAY]
        rows += [(name, g.heading, "open" if g.holds else "shut", g.hard, g.words) for g in gates]
        gaps += [f"{name}: {g.words}" for g in shut(gates)]
    free = len({r[0] for r in rows} - {r[0] for r in rows if r[2] == "shut"})
    return Found(
        headline=f"{free} of {len(names)} readers with every gate open",
        columns=("Reader", "Gate", "State", "Nobody passes", "Why"),
        rows=tuple(rows),
        gaps=tuple(gaps),
        good="Every gate of every reader is open.",
        newest=asked.until if rows else None,
        oldest=asked.until if rows else None,
    )


@evidence(
    "credentials.overrides",
    title="Gates that the registered manager let pass",
    topics=("governance", "staffing"),
    regulations=("17", "18"),
)
def let_pass(asked: Asked) -> Found:
    """Every override that ran in the period, with its written reason (REQ-07)."""
    found = [o for o in overrides() if o.since < asked.to_at and o.until > asked.from_at and o.since <= asked.until]
    found.sort(key=lambda o: (o.since, o.person_name))
    rows = tuple((o.person_name, o.heading, o.why, o.by_name, o.since, o.until) for o in found)
    return Found(
        headline=f"{len(rows)} override{'s' if len(rows) != 1 else ''}",
        columns=("Reader", "Gate", "Reason", "Let pass by", "From", "Until"),
        rows=rows,
        good="None, or few and short, each with a reason that holds.",
        **spread(o.since for o in found),
    )
