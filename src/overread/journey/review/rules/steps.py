"""What must happen next with a review, and who may do it (REQ-73). Pure.

There is always a step that somebody can do, however few people are left: where nobody else may, the registered manager
appoints an external reviewer. Nobody ever judges their own report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from overread.journey.review.rules.grades import serious

ENOUGH: Final = 3


class Act(StrEnum):
    """A step of a review."""

    GRADE = "grade"
    REREAD = "reread"
    ARBITRATE = "arbitrate"
    REFLECT = "reflect"
    CORRECT = "correct"
    APPOINT = "appoint"


JUDGED: Final = (Act.GRADE, Act.REREAD, Act.ARBITRATE)
ACT_WORDS: Final = {
    Act.GRADE: "Review a report",
    Act.REREAD: "Read again today: a serious difference",
    Act.ARBITRATE: "Arbitrate a difference",
    Act.REFLECT: "Reflect on a difference",
    Act.CORRECT: "Correct the report today",
    Act.APPOINT: "Appoint an external reviewer, who must judge",
}


@dataclass(frozen=True)
class Judged:
    """Who judged, and the grade of the five points."""

    by: UUID
    uk: int


@dataclass(frozen=True)
class Facts:
    """Where a review stands.

    Attributes:
        author: whose report it is.
        outside: whether an external reviewer reads it.
        judged: grades by step.
        accepts: the author's answer, if there is one.
        corrected: whether a corrected version or an addendum was signed since.
    """

    author: UUID
    outside: bool = False
    judged: Mapping[Act, Judged] | None = None
    accepts: bool | None = None
    corrected: bool = False

    def grade(self, act: Act) -> Judged | None:
        """The judgement of a step."""
        return (self.judged or {}).get(act)


@dataclass(frozen=True)
class People:
    """Who is there: readers who may read the study, external reviewers in their time, and who leads."""

    readers: frozenset[UUID]
    outsiders: frozenset[UUID]
    leads: frozenset[UUID]

    @property
    def few(self) -> bool:
        """Fewer than three who could review: one writes, one reviews, and nobody is left to arbitrate."""
        return len(self.readers) < ENOUGH


@dataclass(frozen=True)
class Step:
    """A step, and who may do it; `by` is empty where the registered manager must appoint somebody.

    Attributes:
        act: what.
        by: any one of these.
        outside: whether it is done on the de-identified bundle.
        before: for an appointment, the step that waits for it.
    """

    act: Act
    by: frozenset[UUID]
    outside: bool = False
    before: Act | None = None


def _outside(act: Act, facts: Facts, people: People, gone: frozenset[UUID]) -> Step:
    by = people.outsiders - gone - {facts.author}
    return Step(act, by, outside=True) if by else Step(Act.APPOINT, frozenset(), before=act)


def _judges(facts: Facts) -> frozenset[UUID]:
    return frozenset(j.by for j in (facts.judged or {}).values())


def _grade(facts: Facts, people: People) -> Step:
    inside = people.readers - {facts.author}
    if facts.outside or not inside:
        return _outside(Act.GRADE, facts, people, frozenset())
    return Step(Act.GRADE, inside)


def _reread(facts: Facts, people: People) -> Step:
    """A third reader; else the other reader here, because today counts more than a fresh pair of eyes; else outside."""
    inside = people.readers - {facts.author}
    by = inside - _judges(facts) or inside
    return Step(Act.REREAD, by) if by else _outside(Act.REREAD, facts, people, frozenset())


def _arbitrate(facts: Facts, people: People) -> Step:
    inside = people.readers - {facts.author} - _judges(facts)
    if people.few or not inside:
        return _outside(Act.ARBITRATE, facts, people, _judges(facts))
    return Step(Act.ARBITRATE, inside)


def disputed(facts: Facts) -> bool:
    """Whether the author or the second reading contradicts a serious grade."""
    again = facts.grade(Act.REREAD)
    return facts.accepts is False or (again is not None and not serious(again.uk))


def confirmed(facts: Facts) -> bool:
    """Whether a serious difference stands: read again and not contradicted, or so arbitrated."""
    first, again, last = (facts.grade(act) for act in JUDGED)
    if first is None or not serious(first.uk):
        return False
    if last is not None:
        return serious(last.uk)
    return again is not None and serious(again.uk) and not disputed(facts)


def final_grade(facts: Facts) -> int | None:
    """The grade that counts: the arbiter's, else the second reading's, else the first."""
    found = [j.uk for act in JUDGED if (j := facts.grade(act)) is not None]
    return found[-1] if found else None


def steps(facts: Facts, people: People) -> tuple[Step, ...]:
    """All that is open about a review now; nothing when it is finished."""
    first = facts.grade(Act.GRADE)
    if first is None:
        return (_grade(facts, people),)
    if not serious(first.uk):
        return ()
    found: list[Step] = []
    if facts.grade(Act.REREAD) is None:
        found.append(_reread(facts, people))
    elif disputed(facts) and facts.grade(Act.ARBITRATE) is None:
        found.append(_arbitrate(facts, people))
    if confirmed(facts) and not facts.corrected:
        by = people.readers & {facts.author} or people.leads
        found.append(Step(Act.CORRECT, by) if by else Step(Act.APPOINT, frozenset(), before=Act.CORRECT))
    if facts.accepts is None and facts.author in people.readers:
        found.append(Step(Act.REFLECT, frozenset({facts.author})))
    return tuple(found)
