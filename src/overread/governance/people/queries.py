"""Named reads of people's files. Who may see one is asked by the pages; nothing here goes to anybody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.registers import reading
from overread.foundation.registers.documents import Document, document_of
from overread.foundation.registers.reading import Entry
from overread.foundation.registers.rows import RegisterRow
from overread.foundation.registers.staff import Colleague, roles_since, staff
from overread.foundation.thresholds import current as thresholds
from overread.governance.people import rules
from overread.governance.people.models import Paper, Post
from overread.governance.people.rules import PAPER_FIELDS, POST_FIELDS, Standing


@dataclass(frozen=True)
class File:
    """A person's file: who, what they are here, and where each thing stands."""

    person: Colleague
    post: Entry | None
    standings: tuple[Standing, ...]

    @property
    def percent(self) -> int:
        """How complete it is; without a post on file it is not."""
        return min(rules.percent(self.standings), 99 if self.post is None else 100)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing or has run out, in words."""
        post = () if self.post else ("Post and day of beginning",)
        return (*post, *(item.title for item in rules.missing(self.standings)))


def reminders() -> tuple[int, ...]:
    """Days before a paper runs out on which somebody is reminded."""
    names = ("credential.reminder_1", "credential.reminder_2", "credential.reminder_3")
    return tuple(thresholds.whole(name) for name in names)


def posts(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """Who is or was here as what, at a time, as known by a time."""
    return reading.entries(Post, POST_FIELDS, at=at, known_by=known_by)


def post_versions(key: UUID) -> list[Entry]:
    """All versions of a post, in order."""
    return reading.versions(Post, POST_FIELDS, key)


def papers(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The papers of all files, at a time, as known by a time."""
    return reading.entries(Paper, PAPER_FIELDS, at=at, known_by=known_by)


def paper(key: UUID) -> Entry | None:
    """A paper as it stands now."""
    return reading.entry(Paper, PAPER_FIELDS, key)


def post(key: UUID) -> Entry | None:
    """A post as it stands now."""
    return reading.entry(Post, POST_FIELDS, key)


def paper_versions(key: UUID) -> list[Entry]:
    """All versions of a paper, in order."""
    return reading.versions(Paper, PAPER_FIELDS, key)


def document(key: UUID) -> Document | None:
    """The scan of a paper."""
    return document_of(Paper, key)


def facts(entries: Iterable[Entry]) -> dict[UUID, list[rules.Paper]]:
    """Papers as far as they count, by person."""
    found: dict[UUID, list[rules.Paper]] = {}
    for e in entries:
        one = rules.Paper(e.key, e["item"], e["held"], e["seen_on"], e["expires_on"])
        found.setdefault(e["person"], []).append(one)
    return found


def files(*, at: datetime | None = None, known_by: datetime | None = None) -> list[File]:
    """The file of everybody who holds a role of the provider, whether or not somebody has begun one."""
    today = timezone.localdate(at or timezone.now())
    soon = thresholds.whole("credential.reminder_1")
    held = facts(papers(at=at, known_by=known_by))
    here = {p["person"]: p for p in posts(at=at, known_by=known_by)}
    return [File(c, here.get(c.id), rules.file_of(c.roles, held.get(c.id, ()), today, soon)) for c in staff(at)]


def lacks(person_ids: frozenset[UUID], at: datetime) -> Mapping[UUID, int]:
    """How much is missing from the files of some people or has run out; what it is stands in the file, which few may see."""
    today, soon = timezone.localdate(at), thresholds.whole("credential.reminder_1")
    held = facts(reading.entries(Paper, PAPER_FIELDS, at=at, **_about(Paper, person_ids)))
    here = {p["person"]: p for p in reading.entries(Post, POST_FIELDS, at=at, **_about(Post, person_ids))}
    people = [Colleague(person_id, "", since) for person_id, since in roles_since(at, person_ids).items()]
    every = [File(c, here.get(c.id), rules.file_of(c.roles, held.get(c.id, ()), today, soon)) for c in people]
    return {f.person.id: len(f.missing) for f in every}


def _about(model: type[RegisterRow], person_ids: frozenset[UUID]) -> dict[str, Any]:
    """Entries that are, or once were, about some people: whose a paper is may have been corrected."""
    return {"key__in": model._default_manager.filter(person_id__in=person_ids).values("key")}


def file(person_id: UUID) -> File | None:
    """The file of one person."""
    return next((f for f in files() if f.person.id == person_id), None)


def began(file: File) -> date:
    """The day by which a file must be whole: that of the post, else of the first role."""
    return file.post["started_on"] if file.post else min(file.person.since.values())
