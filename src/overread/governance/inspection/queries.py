"""Reads of inspection: the facts of a period, how each statement stands by them, and the packs that were made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from overread.foundation.ledger.evidence import EVIDENCE, Asked, Fact, Found
from overread.governance.inspection.models import Pack, PackFile
from overread.governance.inspection.rules import (
    EDITIONS,
    QUESTIONS,
    Edition,
    Held,
    Period,
    Standing,
    Statement,
    canonical,
    plain,
    standing,
)

FORMAT = "overread-pack/1"


@dataclass(frozen=True)
class Answer:
    """A fact and what its area answers."""

    fact: Fact
    found: Found

    @property
    def held(self) -> Held:
        """What counts for a statement."""
        return Held(len(self.found.rows), len(self.found.gaps), self.found.newest)


@dataclass(frozen=True)
class StatementView:
    """A statement, the answers that speak to it, and how it stands."""

    statement: Statement
    answers: tuple[Answer, ...]
    standing: Standing

    @property
    def count(self) -> int:
        """Rows behind it."""
        return sum(len(a.found.rows) for a in self.answers)

    @property
    def newest(self) -> datetime | None:
        """Its newest row."""
        return max((a.found.newest for a in self.answers if a.found.newest), default=None)

    @property
    def oldest(self) -> datetime | None:
        """Its oldest row in use."""
        return min((a.found.oldest for a in self.answers if a.found.oldest), default=None)


@dataclass(frozen=True)
class QuestionView:
    """One of the five key questions with its statements."""

    key: str
    words: str
    statements: tuple[StatementView, ...]

    @property
    def applying(self) -> int:
        """How many statements apply."""
        return sum(1 for s in self.statements if not s.statement.excused)

    @property
    def gaps(self) -> int:
        """How many do not stand in order."""
        return sum(1 for s in self.statements if s.standing.gap)

    @property
    def standing(self) -> Standing:
        """How the question stands as a whole."""
        if not self.applying:
            return Standing("idle", "does not apply", False)
        if self.gaps:
            return Standing("warn", f"{self.gaps} not in order", True)
        return Standing("ok", "in order", False)


@dataclass(frozen=True)
class PackView:
    """A pack as pages show it; the fields of the file are empty until it is built."""

    id: UUID
    from_at: datetime
    to_at: datetime
    as_at: datetime
    known_by: datetime
    edition: str
    asked_at: datetime
    asked_by: str
    key: str = ""
    sha256: str = ""
    length: int = 0
    content_sha256: str = ""
    gaps: int = 0
    built_at: datetime | None = None

    @property
    def period(self) -> Period:
        """What it covers."""
        return Period(self.from_at, self.to_at, self.as_at, self.known_by)


def _asked(period: Period) -> Asked:
    return Asked(period.from_at, period.to_at, period.as_at, period.known_by)


def answers(period: Period) -> tuple[Answer, ...]:
    """What every area answers for a period, in the order of names."""
    asked = _asked(period)
    return tuple(Answer(fact, fact.ask(asked)) for _, fact in sorted(EVIDENCE.items()))


def answer(name: str, period: Period) -> Answer | None:
    """What one area answers; None for a fact that does not exist."""
    fact = EVIDENCE.get(name)
    return Answer(fact, fact.ask(_asked(period))) if fact else None


def questions(edition: Edition, given: Iterable[Answer], at: datetime) -> tuple[QuestionView, ...]:
    """The key questions of an edition, each statement with the answers that speak to it."""
    held = tuple(given)

    def view(statement: Statement) -> StatementView:
        mine = tuple(a for a in held if set(a.fact.topics) & set(statement.topics))
        return StatementView(statement, mine, standing(statement.excused, [a.held for a in mine], at))

    return tuple(
        QuestionView(key, words, tuple(view(s) for s in edition.statements if s.question == key))
        for key, words in QUESTIONS.items()
    )


def content(period: Period, edition: Edition, given: Iterable[Answer]) -> bytes:
    """The canonical JSON of a pack: the same facts give the same bytes, whenever and by whomever it is built."""
    return canonical(
        {
            "format": FORMAT,
            "from": plain(period.from_at),
            "to": plain(period.to_at),
            "as_at": plain(period.as_at),
            "known_by": plain(period.known_by),
            "framework": {"edition": edition.key, "title": edition.title},
            "facts": [_as_json(a) for a in given],
        }
    )


def _as_json(one: Answer) -> dict[str, Any]:
    return {
        "name": one.fact.name,
        "title": one.fact.title,
        "topics": list(one.fact.topics),
        "regulations": list(one.fact.regulations),
        "headline": one.found.headline,
        "gaps": list(one.found.gaps),
        "columns": list(one.found.columns),
        "rows": [[plain(cell) for cell in row] for row in one.found.rows],
    }


def _view(row: Any, file: Any) -> PackView:
    shared = {
        n: getattr(row, n) for n in ("id", "from_at", "to_at", "as_at", "known_by", "edition", "asked_at", "asked_by")
    }
    if file is None:
        return PackView(**shared)
    names = ("key", "sha256", "length", "content_sha256", "gaps", "built_at")
    return PackView(**shared, **{n: getattr(file, n) for n in names})


def packs(limit: int = 50) -> list[PackView]:
    """The newest packs, built or being built."""
    rows = list(Pack.objects.order_by("-asked_at")[:limit])
    files = {f.pack_id: f for f in PackFile.objects.filter(pack_id__in=[r.id for r in rows])}
    return [_view(r, files.get(r.id)) for r in rows]


def pack(pack_id: UUID) -> PackView | None:
    """One pack."""
    row = Pack.objects.filter(id=pack_id).first()
    return _view(row, PackFile.objects.filter(pack_id=pack_id).first()) if row else None


def edition_of(key: str) -> Edition:
    """An edition by its key; the present one for an unknown key."""
    return EDITIONS.get(key, EDITIONS["saf-34"])
