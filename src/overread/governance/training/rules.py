"""Who must be trained in what, how long it holds, and where everybody stands (REQ-06, REQ-25, REQ-120). Pure.

The matrix is made from people and their roles; there is no list of people from which somebody could be left out. The
inspection of 2021 found administrators without any programme: whoever holds a role of the provider is in it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from overread.foundation.registers.rules import Field, Kind, months_after
from overread.governance.credentials.rules import Reason

NAMESPACE = UUID("6d8f1a52-2f3c-4c58-9a39-0c5a4e0c7b11")


@dataclass(frozen=True)
class Subject:
    """Something that people are trained in.

    Attributes:
        code: its name in certificates.
        title: for people.
        interval: the threshold that says for how many months a certificate holds.
        roles: who must have it; empty for everybody of the provider.
        levelled: whether the level counts (safeguarding, REQ-25).
    """

    code: str
    title: str
    interval: str
    roles: frozenset[str] = frozenset()
    levelled: bool = False


SUBJECTS: Final = (
    Subject("information_governance", "Information governance", "training.information_governance"),
    Subject("safeguarding_adults", "Safeguarding adults", "training.safeguarding_adults", levelled=True),
    Subject("safeguarding_children", "Safeguarding children", "training.safeguarding_children", levelled=True),
    Subject("duty_of_candour", "Duty of candour", "training.duty_of_candour"),
    Subject("equality_diversity", "Equality and diversity", "training.equality_diversity"),
    Subject("health_and_safety", "Health and safety", "training.health_and_safety"),
    Subject("fire_safety", "Fire safety", "training.fire_safety"),
    Subject("prevent", "Prevent", "training.prevent"),
    Subject("workstation", "Display screen work", "training.workstation"),
    Subject(
        "irmer_awareness",
        "IR(ME)R awareness",
        "training.irmer_awareness",
        frozenset({"radiologist", "clinical_lead", "administrator", "registered_manager"}),
    ),
    Subject("display_quality", "Display quality", "training.display_quality", frozenset({"radiologist"})),
)
SUBJECT: Final = {subject.code: subject for subject in SUBJECTS}
LEVELS: Final = {"safeguarding_lead": 3, "radiologist": 2, "clinical_lead": 2, "registered_manager": 2}

CONFIRMED, HANDED_IN = "confirmed", "handed_in"
STANDINGS = ((CONFIRMED, "Seen and confirmed"), (HANDED_IN, "Handed in"))

FIELDS = (
    Field(name="person", title="Person", kind=Kind.PERSON, filtered=True, listed=True),
    Field(
        name="subject",
        title="Subject",
        kind=Kind.CHOICE,
        choices=tuple((s.code, s.title) for s in SUBJECTS),
        filtered=True,
        listed=True,
    ),
    Field(name="course", title="Course and provider", most=160, help="As the certificate says."),
    Field(name="completed_on", title="Completed", kind=Kind.DAY, past=True, listed=True),
    Field(
        name="level",
        title="Level",
        kind=Kind.WHOLE,
        required=False,
        least=1,
        most=5,
        help="For safeguarding: 1 for everybody, 2 for readers and managers, 3 for the safeguarding lead.",
    ),
    Field(name="mark", title="Mark in percent", kind=Kind.WHOLE, required=False, least=0, most=100),
    Field(
        name="standing",
        title="Standing",
        kind=Kind.CHOICE,
        choices=STANDINGS,
        filtered=True,
        help="Confirmed: you have seen the certificate. Nobody confirms their own.",
    ),
)


class State(StrEnum):
    """Where a person stands in a subject."""

    IN_DATE = "in date"
    SOON = "runs out soon"
    EXPIRED = "expired"
    MISSING = "missing"
    HANDED_IN = "to be confirmed"


COUNTS: Final = frozenset({State.IN_DATE, State.SOON})


@dataclass(frozen=True)
class Member:
    """Somebody of the provider: who, in which roles, and since when in each."""

    id: UUID
    name: str
    since: Mapping[str, date]

    @property
    def roles(self) -> frozenset[str]:
        """The roles held."""
        return frozenset(self.since)


@dataclass(frozen=True)
class Certificate:
    """One certificate as far as it counts."""

    key: UUID
    person: UUID
    subject: str
    completed_on: date
    level: int | None
    confirmed: bool


@dataclass(frozen=True)
class Limits:
    """Months that each subject holds, days of warning, and days for beginners."""

    months: Mapping[str, int]
    soon: int
    induction: int


@dataclass(frozen=True)
class Standing:
    """One field of the matrix.

    Attributes:
        person, subject: whose, and in what.
        state: where it stands.
        due: the last day on which it is in date; for what was never done, the day by which it must be.
        key: of the certificate that counts, or that waits.
        level: the level that is needed, where levels count.
    """

    person: UUID
    subject: str
    state: State
    due: date
    key: UUID | None = None
    level: int | None = None

    @property
    def id(self) -> UUID:
        """The same for a person and a subject for ever: the subject of the duty."""
        return duty_id(self.person, self.subject)


def duty_id(person: UUID, subject: str) -> UUID:
    """One duty per person and subject, whatever certificates come and go."""
    return uuid5(NAMESPACE, f"{person}:{subject}")


def needs(subject: Subject, roles: Collection[str]) -> bool:
    """Whether somebody with these roles must be trained in a subject."""
    return not subject.roles or bool(subject.roles & set(roles))


def level_needed(subject: Subject, roles: Collection[str]) -> int | None:
    """The least level for somebody with these roles, where levels count (REQ-25)."""
    return max((LEVELS.get(role, 1) for role in roles), default=1) if subject.levelled else None


def asked_since(subject: Subject, member: Member) -> date:
    """Since when a subject, at the level that is needed now, is asked of a member: since the role that asks for it."""
    level = level_needed(subject, member.roles)
    asking = [
        day
        for role, day in member.since.items()
        if needs(subject, {role}) and (level is None or LEVELS.get(role, 1) == level)
    ]
    return min(asking)


def last_day(completed_on: date, months: int) -> date:
    """The last day on which a certificate holds."""
    return months_after(completed_on, months)


def standing(
    member: Member, subject: Subject, certificates: Iterable[Certificate], limits: Limits, today: date
) -> Standing:
    """Where a member stands in a subject that their roles ask for.

    Args:
        certificates: of this member in this subject; those below the needed level do not count.
    """
    level = level_needed(subject, member.roles)
    own = [c for c in certificates if level is None or (c.level or 1) >= level]
    confirmed = max((c for c in own if c.confirmed), key=lambda c: c.completed_on, default=None)
    waiting = max((c for c in own if not c.confirmed), key=lambda c: c.completed_on, default=None)
    if confirmed is None:
        due = asked_since(subject, member) + timedelta(days=limits.induction)
        state = State.HANDED_IN if waiting else State.MISSING
        return Standing(member.id, subject.code, state, due, waiting.key if waiting else None, level)
    due = last_day(confirmed.completed_on, limits.months[subject.code])
    if today <= due:
        state = State.SOON if due - today <= timedelta(days=limits.soon) else State.IN_DATE
    else:
        state = State.HANDED_IN if waiting else State.EXPIRED
    key = waiting.key if waiting and state is State.HANDED_IN else confirmed.key
    return Standing(member.id, subject.code, state, due, key, level)


def matrix(
    members: Iterable[Member], certificates: Iterable[Certificate], limits: Limits, today: date
) -> dict[tuple[UUID, str], Standing]:
    """Where everybody stands in everything that is asked of them; nothing for a subject that is not."""
    held: dict[tuple[UUID, str], list[Certificate]] = {}
    for certificate in certificates:
        held.setdefault((certificate.person, certificate.subject), []).append(certificate)
    return {
        (member.id, subject.code): standing(member, subject, held.get((member.id, subject.code), ()), limits, today)
        for member in members
        for subject in SUBJECTS
        if needs(subject, member.roles)
    }


def is_late(one: Standing, today: date) -> bool:
    """Whether it has run out, or was not done within the time for beginners; what only waits for a look is late as well."""
    return one.state not in COUNTS and one.due < today


def gate(late: Iterable[Standing]) -> Reason:
    """The soft gate that training keeps of one reader: shut from the day after the last day of anything (REQ-07, H12).

    Args:
        late: what is late of this reader.
    """
    found = sorted(late, key=lambda s: (s.due, s.subject))
    if not found:
        return Reason(True, "Mandatory training is in date", "training", hard=False)
    first, more = found[0], len(found) - 1
    words = f"Training in {SUBJECT[first.subject].title} {_how_late(first)}"
    words += f"; {more} more {'is' if more == 1 else 'are'} late" if more else ""
    return Reason(False, words, "training", hard=False)


def _how_late(one: Standing) -> str:
    day = f"{one.due.day} {one.due:%b %Y}"
    if one.state is State.HANDED_IN:
        return f"was due on {day}; the certificate that was handed in is not confirmed yet"
    return f"ran out on {day}" if one.state is State.EXPIRED else f"was to be done by {day}"


@dataclass(frozen=True)
class Share:
    """How many of what is asked are in date."""

    held: int
    asked: int

    @property
    def percent(self) -> int:
        """Whole percent, never rounded up to a hundred."""
        return 100 * self.held // self.asked if self.asked else 100


def share(standings: Iterable[Standing]) -> Share:
    """The share that is in date."""
    every = list(standings)
    return Share(sum(s.state in COUNTS for s in every), len(every))


def by_role(members: Iterable[Member], found: Mapping[tuple[UUID, str], Standing]) -> dict[str, Share]:
    """The share in date of the people of each role; a person with two roles counts in both (REQ-06)."""
    roles: dict[str, list[Standing]] = {}
    for member in members:
        own = [s for s in found.values() if s.person == member.id]
        for role in member.roles:
            roles.setdefault(role, []).extend(own)
    return {role: share(standings) for role, standings in sorted(roles.items())}


def schedule(found: Iterable[Standing], today: date, months: int = 12) -> list[tuple[date, list[Standing]]]:
    """What must be done in each of the coming months, what is overdue in this one; every month is there, also an empty one."""
    first = today.replace(day=1)
    starts = [months_after(first, n) for n in range(months)]
    plan: dict[date, list[Standing]] = {start: [] for start in starts}
    for one in sorted(found, key=lambda s: s.due):
        month = max(one.due, today).replace(day=1)
        if month in plan:
            plan[month].append(one)
    return list(plan.items())


def certificate_faults(values: Mapping[str, Any], pass_mark: int) -> dict[str, str]:
    """Why a certificate cannot be taken: below the pass mark, or without the level that safeguarding has (REQ-120)."""
    faults = {}
    if values["mark"] is not None and values["mark"] < pass_mark:
        faults["mark"] = f"Below the pass mark of {pass_mark} %, so it does not count."
    if SUBJECT[values["subject"]].levelled and values["level"] is None:
        faults["level"] = "Safeguarding has levels; say which one this is."
    return faults
