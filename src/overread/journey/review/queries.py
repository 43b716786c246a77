"""Named reads of reviews."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.clock.queries import working_day_after
from overread.foundation.clock.rules import day_of
from overread.foundation.registers import reading
from overread.foundation.registers.reading import Entry
from overread.foundation.thresholds import current as thresholds
from overread.journey.allocation import queries as claims
from overread.journey.allocation.rules import allowed
from overread.journey.case import queries as cases
from overread.journey.reporting import queries as reports
from overread.journey.reporting.rules import Kind
from overread.journey.review.models import Appointment, Bundle, Draw, Grade, Reflection, Review
from overread.journey.review.rules import appointment, grades, sample, steps
from overread.journey.review.rules.sample import Candidate
from overread.journey.review.rules.steps import Act, Facts, Judged, People, Step

LIVE = ("preparing", "check", "released")
SHORT = 8


@dataclass(frozen=True)
class GradeView:
    """One judgement; who made it is shown only where blinding no longer matters."""

    act: str
    grader_id: UUID
    uk: int
    radpeer: str
    cause: str
    comment: str
    at: datetime

    @property
    def words(self) -> str:
        """The five points in words."""
        return dict(grades.UK)[self.uk]

    @property
    def cause_words(self) -> str:
        """What the difference comes from."""
        return dict(grades.CAUSES).get(self.cause, "")


@dataclass(frozen=True)
class ReviewView:
    """One report under review."""

    id: UUID
    client_id: UUID
    report_id: UUID
    case_id: UUID
    read_id: UUID | None
    author_id: UUID
    modality: str
    outside: bool
    reviewer_id: UUID | None
    opened_at: datetime
    incident: UUID | None
    alert: UUID | None
    closed_at: datetime | None
    grades: tuple[GradeView, ...]
    accepts: bool | None
    reflection: str
    corrected: bool

    @property
    def short(self) -> str:
        """How people name it: it says neither case nor author."""
        return f"P-{str(self.id)[:SHORT]}"

    @property
    def facts(self) -> Facts:
        """What decides the next step."""
        judged = {Act(g.act): Judged(g.grader_id, g.uk) for g in self.grades}
        return Facts(self.author_id, self.outside, judged, self.accepts, self.corrected)

    @property
    def grade(self) -> int | None:
        """The grade that counts."""
        return steps.final_grade(self.facts)


# --- people -------------------------------------------------------------------------------------------------------


def appointments(*, at: datetime | None = None, known_by: datetime | None = None) -> list[Entry]:
    """The appointments of external reviewers, at a time, as known by a time."""
    return reading.entries(Appointment, appointment.FIELDS, at=at, known_by=known_by)


def appointment_of(key: UUID) -> Entry | None:
    """An appointment as it stands now."""
    return reading.entry(Appointment, appointment.FIELDS, key)


def appointment_versions(key: UUID) -> list[Entry]:
    """All versions of an appointment, in order."""
    return reading.versions(Appointment, appointment.FIELDS, key)


def outsiders(today: date | None = None) -> frozenset[UUID]:
    """External reviewers in the time of their appointment, who hold the role."""
    day = today or timezone.localdate()
    named = {e["person"] for e in appointments() if appointment.holds(e.values, day)}
    return frozenset(p.id for p in accounts.people_with_role(Role.EXTERNAL_REVIEWER) if p.active and p.id in named)


def readers() -> frozenset[UUID]:
    """All radiologists who work here."""
    return frozenset(p.id for p in accounts.people_with_role(Role.RADIOLOGIST) if p.active)


def _may_read(read_id: UUID | None, ids: Iterable[UUID]) -> frozenset[UUID]:
    return frozenset(p for p in ids if read_id is None or allowed(claims.hard_gates(read_id, p)))


def people(read_id: UUID | None, author_id: UUID) -> People:
    """Who is there for a review of this report."""
    leads = {
        p.id
        for role in (Role.CLINICAL_LEAD, Role.REGISTERED_MANAGER)
        for p in accounts.people_with_role(role)
        if p.active
    }
    return People(_may_read(read_id, readers()), outsiders(), frozenset(leads))


def are_few() -> bool:
    """Whether fewer than three people here could review."""
    return len(readers()) < steps.ENOUGH


# --- draws --------------------------------------------------------------------------------------------------------


def candidates(from_at: datetime, to_at: datetime) -> list[Candidate]:
    """The reports signed in a period that could be drawn: final reports of a person, one line each."""
    signed = [r for r in reports.signed_since(from_at) if r.signed_at < to_at and r.kind == Kind.FINAL]
    known = cases.cases(r.case_id for r in signed)
    return [Candidate(r.id, r.signed_by_id, known[r.case_id].modality) for r in signed if r.case_id in known]


def draws() -> list[dict[str, Any]]:
    """All draws, newest first."""
    return list(Draw.objects.order_by("-from_at").values())


def draw(draw_id: UUID) -> dict[str, Any] | None:
    """One draw."""
    return Draw.objects.filter(id=draw_id).values().first()


def is_drawn(from_at: datetime, to_at: datetime) -> bool:
    """Whether the sample of a period was drawn."""
    return Draw.objects.filter(from_at=from_at, to_at=to_at).exists()


def drawn_again(one: dict[str, Any]) -> tuple[bool, bool]:
    """Draw a sample again from the rows as they are: whether the candidates and the sample are the recorded ones."""
    held = candidates(one["from_at"], one["to_at"])
    found = sample.drawn(one["seed"], held, one["percent"], one["least"])
    same = sample.digest(held) == one["candidates_sha256"]
    return same, sample.digest(found) == one["chosen_sha256"]


def pairs() -> dict[tuple[UUID, UUID], int]:
    """How many reviews each reviewer has of each author."""
    found: dict[tuple[UUID, UUID], int] = {}
    for reviewer, author in Review.objects.filter(reviewer__isnull=False).values_list("reviewer_id", "author_id"):
        found[(reviewer, author)] = found.get((reviewer, author), 0) + 1
    return found


# --- reviews ------------------------------------------------------------------------------------------------------


def _views(rows: Iterable[Review]) -> list[ReviewView]:
    held = list(rows)
    ids = [r.id for r in held]
    judged: dict[UUID, list[GradeView]] = {}
    for g in Grade.objects.filter(review_id__in=ids).order_by("at"):
        view = GradeView(g.act, g.grader_id, g.uk, g.radpeer, g.cause, g.comment, g.at)
        judged.setdefault(g.review_id, []).append(view)
    answers = {a.review_id: a for a in Reflection.objects.filter(review_id__in=ids)}
    found = []
    for r in held:
        given = tuple(judged.get(r.id, ()))
        answer = answers.get(r.id)
        found.append(
            ReviewView(
                r.id,
                r.client_id,
                r.report_id,
                r.case_id,
                r.read_id,
                r.author_id,
                r.modality,
                r.outside,
                r.reviewer_id,
                r.opened_at,
                r.incident,
                r.alert,
                r.closed_at,
                given,
                answer.accepts if answer else None,
                answer.text if answer else "",
                bool(given and grades.serious(given[0].uk)) and _corrected(r.case_id, given[0].at),
            )
        )
    return found


def _corrected(case_id: UUID, since: datetime) -> bool:
    return any(r.signed_at > since for r in reports.reports_of(case_id))


def review(review_id: UUID) -> ReviewView | None:
    """One review in scope."""
    found = _views(Review.objects.filter(id=review_id))
    return found[0] if found else None


def open_reviews() -> list[ReviewView]:
    """Reviews that are not finished, oldest first."""
    return _views(Review.objects.filter(closed_at=None).order_by("opened_at", "id"))


def open_of_case(case_id: UUID) -> list[ReviewView]:
    """Reviews of a case that are not finished."""
    return _views(Review.objects.filter(closed_at=None, case_id=case_id))


def reviews_of(author_id: UUID) -> list[ReviewView]:
    """All reviews of a person's reports, newest first."""
    return _views(Review.objects.filter(author_id=author_id).order_by("-opened_at", "id"))


def reviews_between(from_at: datetime, to_at: datetime) -> list[ReviewView]:
    """Reviews opened in a period, oldest first."""
    return _views(Review.objects.filter(opened_at__gte=from_at, opened_at__lt=to_at).order_by("opened_at", "id"))


def steps_of(view: ReviewView) -> tuple[Step, ...]:
    """What is open about a review, and who may do it."""
    if view.closed_at is not None:
        return ()
    return steps.steps(view.facts, people(view.read_id, view.author_id))


def due_on(view: ReviewView, step: Step) -> date:
    """By which day a step must be done."""
    act = step.before or step.act
    first = view.grades[0].at if view.grades else view.opened_at
    if act is Act.GRADE:
        return working_day_after(day_of(view.opened_at), thresholds.whole("peer_review.grade"))
    if act is Act.REREAD:
        return day_of(first)
    if act is Act.CORRECT:
        return day_of(view.grades[-1].at)
    if act is Act.REFLECT:
        return working_day_after(day_of(first), thresholds.whole("peer_review.reflection"))
    return working_day_after(day_of(view.grades[-1].at), thresholds.whole("peer_review.arbitration"))


def may_judge(view: ReviewView, step: Step, person_id: UUID) -> bool:
    """Whether this person does this step here: the reviewer who was chosen, or any of those who may."""
    if step.outside or person_id not in step.by:
        return False
    return step.act is not Act.GRADE or view.reviewer_id in (person_id, None)


def steps_for(view: ReviewView, person_id: UUID) -> list[Step]:
    """The steps of a review that this person may do here now."""
    return [s for s in steps_of(view) if may_judge(view, s, person_id)]


def may_see_images(read_id: UUID, person_id: UUID) -> bool:
    """Whether a person must see the images of a read because a review of it waits for their judgement."""
    found = _views(Review.objects.filter(closed_at=None, read_id=read_id))
    return any(s.act in steps.JUDGED for view in found for s in steps_for(view, person_id))


# --- bundles ------------------------------------------------------------------------------------------------------


def bundle(bundle_id: UUID) -> dict[str, Any] | None:
    """One bundle."""
    return Bundle.objects.filter(id=bundle_id).values().first()


def bundles_to_check() -> list[dict[str, Any]]:
    """Bundles that a person must look at before they leave, oldest first."""
    return list(Bundle.objects.filter(state="check").order_by("asked_at").values())


def released_to(person_id: UUID) -> list[dict[str, Any]]:
    """What an external reviewer may see now: their own released bundles, while their appointment holds."""
    if person_id not in outsiders():
        return []
    return list(Bundle.objects.filter(reviewer_id=person_id, state="released").order_by("due_on").values())


def released_bundle(bundle_id: UUID, person_id: UUID) -> dict[str, Any] | None:
    """One bundle, if it is this external reviewer's to see now."""
    return next((b for b in released_to(person_id) if b["id"] == bundle_id), None)


# --- profile ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """So many of so many, with what that can say."""

    words: str
    count: int
    total: int

    @property
    def percent(self) -> float:
        """The share itself."""
        return 100 * self.count / self.total if self.total else 0.0

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval, in percent."""
        return 100 * grades.wilson(self.count, self.total)[0]

    @property
    def high(self) -> float:
        """Upper end."""
        return 100 * grades.wilson(self.count, self.total)[1]


def profile(author_id: UUID) -> list[Share]:
    """A reader's reviewed reports: how often there was a difference, and how often a serious one; also by modality."""
    graded = [(v.modality, v.grade) for v in reviews_of(author_id) if v.grade is not None]

    def shares(name: str, points: list[int]) -> list[Share]:
        differs = sum(uk < grades.AGREES for uk in points)
        return [
            Share(f"{name}: a difference", differs, len(points)),
            Share(f"{name}: a serious difference", sum(map(grades.serious, points)), len(points)),
        ]

    found = shares("All", [uk for _, uk in graded])
    for modality in sorted({m for m, _ in graded}):
        found += shares(modality, [uk for m, uk in graded if m == modality])
    return found
