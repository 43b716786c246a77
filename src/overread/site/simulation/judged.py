"""Peer review in the quarter: the month's sample, two readers who review each other, an external reviewer, two serious differences."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from overread.foundation.registers.rules import whole
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.governance.improvements import actions as improvements
from overread.governance.improvements.rules import FIELDS as IMPROVEMENT
from overread.governance.incidents import actions as incidents
from overread.governance.incidents import queries as incident_queries
from overread.journey.case import queries as cases
from overread.journey.reporting import actions as reporting
from overread.journey.reporting import queries as reports
from overread.journey.reporting.rules import canonical_text, correction_purpose, text_hash
from overread.journey.review import actions, queries
from overread.journey.review.queries import ReviewView
from overread.journey.review.rules.steps import Act
from overread.site import reviewing
from overread.site.simulation import casework
from overread.site.simulation.agenda import Agenda
from overread.site.simulation.casework import proof
from overread.site.simulation.house import READERS, House, look_at_the_pattern
from overread.site.simulation.journal import Journal
from overread.site.simulation.plan import Plan

GUEST: Final = "rowan"
AGREES: Final[dict[str, Any]] = {"uk": 5, "radpeer": "1"}
SERIOUS: Final[dict[str, Any]] = {
    "uk": 2,
    "radpeer": "2b",
    "cause": "perception",
    "comment": "A further nodule of 9 mm is seen and not described.",
}
WORDING: Final[dict[str, Any]] = {
    "uk": 4,
    "radpeer": "2a",
    "cause": "communication",
    "comment": "Seen and said, though only among the findings.",
}
NODULE: Final = "A further nodule of 9 mm."
RAISED, NOT_NEEDED = "urgent", "none"
REREAD_AFTER, TAKEN_AFTER, CORRECTED_AFTER = timedelta(hours=1), timedelta(minutes=9), timedelta(hours=2)
REFLECTED_AFTER, LEARNED_AFTER = timedelta(days=3), timedelta(days=5)
PRACTICE: Final = "Chests are looked at twice, the second time for nodules alone"


@dataclass
class Judging:
    """Peer review while the quarter runs.

    Attributes:
        accepted: the review whose serious difference its author accepts.
        disputed: the one that its author contradicts.
    """

    house: House
    agenda: Agenda
    journal: Journal
    plan: Plan
    accepted: UUID | None = None
    disputed: UUID | None = None

    def begin(self) -> None:
        """Appoint the external reviewer, and arrange the working days; the worker's hourly looks happen once a day here."""
        self._appoint()
        day = self.plan.first
        while day <= self.plan.last:
            self._at(day, time(6, 10), self._worker)
            if day.weekday() < 5:
                self._at(day, time(9, 30), self._release)
                self._at(day, time(15), partial(self._review, day))
                self._at(day, time(16), self._from_outside)
            day += timedelta(days=1)

    def _at(self, day: date, hour: time, do: Callable[[], None]) -> None:
        self.agenda.at(datetime.combine(day, hour, UTC), do)

    def _later(self, after: timedelta, do: Callable[[], None]) -> None:
        self.agenda.at(self.journal.clock.now + after, do)

    def _appoint(self) -> None:
        values = {
            "person": self.house.people[GUEST],
            "body": "GMC",
            "registration": "7000009",
            "checked_on": self.plan.first,
            "speciality": "CT, MRI and dental volumes",
            "agreement": "Signed, in the folder of agreements",
            "begins_on": self.plan.first,
            "ends_on": self.plan.first + timedelta(days=300),
        }
        with open_scope(Scope.everything(), opened_by="command"):
            actions.appoint(actor=self.house.actor("imogen"), values=values)

    def _worker(self) -> None:
        reviewing.draw_last_month()
        reviewing.follow_all()

    def _open(self) -> list[tuple[str, ReviewView]]:
        """Open reviews by the number of their case, so that the order is the same each time."""
        with open_scope(Scope.everything(), opened_by="command"):
            held = queries.open_reviews()
            known = cases.cases(view.case_id for view in held)
            return sorted(((known[v.case_id].number, v) for v in held), key=lambda pair: pair[0])

    # --- here -------------------------------------------------------------------------------------------------------

    def _review(self, day: date) -> None:
        """Each reader who is at work judges what is theirs to judge."""
        for _, view in self._open():
            for short in READERS:
                if self.plan.away(short, day):
                    continue
                with open_scope(Scope.client(view.client_id), opened_by="command"):
                    mine = queries.steps_for(view, self.house.people[short])
                for step in mine:
                    if step.act is Act.GRADE:
                        self._grade(view, short)

    def _serious(self, view: ReviewView) -> bool:
        """The first draw finds one that its author accepts, a later one another that its author contradicts."""
        if view.modality not in {"CT", "MR"} or view.client_id != self.house.clients["NORTH"]:
            return False
        if self.accepted is None:
            self.accepted = view.id
            return True
        first = self.journal.of("graded-seriously")[0].at
        if self.disputed is None and view.opened_at > first:
            self.disputed = view.id
            return True
        return False

    def _grade(self, view: ReviewView, short: str) -> None:
        serious = self._serious(view)
        said = SERIOUS | {"alert": RAISED if view.id == self.accepted else ""} if serious else AGREES
        self._judge(view, short, Act.GRADE, said)
        if serious:
            self.journal.note(short, "graded-seriously", view.short)
            self._later(REREAD_AFTER, partial(self._reread, view, short))
            if view.id == self.accepted:
                self._later(TAKEN_AFTER, partial(self._take_alert, view))

    def _judge(self, view: ReviewView, short: str, act: Act, said: dict[str, Any]) -> None:
        with open_scope(Scope.client(view.client_id), opened_by="command"):
            actions.judge(actor=self.house.actor(short), review_id=view.id, act=act, **said)
        self.journal.note(short, "judged", act)

    def _reread(self, view: ReviewView, short: str) -> None:
        """The other reader here, because today counts more than a fresh pair of eyes."""
        alert = {} if view.id == self.accepted else {"alert": NOT_NEEDED}
        self._judge(view, short, Act.REREAD, SERIOUS | alert)
        author = next(s for s in READERS if self.house.people[s] == view.author_id)
        if view.id == self.disputed:
            self._later(timedelta(minutes=20), partial(self._reflect, view, author, accepts=False))
            return
        self._later(CORRECTED_AFTER, partial(self._correct, view, author))
        self._later(REFLECTED_AFTER, partial(self._reflect, view, author, accepts=True))
        self._later(LEARNED_AFTER, partial(self._learn, view))

    def _take_alert(self, view: ReviewView) -> None:
        casework.take_alerts(self.house, self.journal, view.client_id, view.case_id, "review-alert-taken")

    def _correct(self, view: ReviewView, author: str) -> None:
        """The author signs a corrected report in place of the one that stands."""
        look_at_the_pattern(self.house, author, self.journal.clock.now)
        actor = self.house.actor(author)
        with open_scope(Scope.client(view.client_id), opened_by="command"):
            signed = reports.latest(view.case_id)
            if signed is None:
                raise LookupError("Nothing was signed.")
            words = {name: f"{signed.sections[name]} {NODULE}" for name in ("findings", "conclusion")}
            sections = {**signed.sections, **words}
            seen = text_hash(canonical_text(sections))
            token = proof(actor, author, correction_purpose(signed.text_sha256, seen))
            reporting.correct(
                actor=actor,
                report_id=signed.id,
                based_on_sha256=signed.text_sha256,
                sections=sections,
                seen_sha256=seen,
                code="missed",
                reason="A nodule was not described; found by peer review.",
                presence_token=token,
            )
        self.journal.note(author, "corrected", view.short)
        self._later(TAKEN_AFTER, partial(self._take_alert, view))  # what was alerted is told again with the correction

    def _reflect(self, view: ReviewView, author: str, *, accepts: bool) -> None:
        text = "I look at the lungs twice from now on." if accepts else "It is a vessel; see the next slices."
        with open_scope(Scope.client(view.client_id), opened_by="command"):
            actions.reflect(actor=self.house.actor(author), review_id=view.id, accepts=accepts, text=text)
        self.journal.note(author, "reflected" if accepts else "disputed", view.short)

    def _learn(self, view: ReviewView) -> None:
        """The registered manager shares what was learned, and an action follows that somebody will look at again."""
        today = self.journal.clock.now.date()
        with open_scope(Scope.everything(), opened_by="command"):
            found = queries.review(view.id)
            held = incident_queries.incident(found.incident) if found and found.incident else None
            if held is None:
                raise LookupError("No incident was written.")
            told = {"lessons": PRACTICE, "shared_with": "Both radiologists", "shared_on": today}
            decided = {"never_event": "no", "notifiable": "no", "owner": self.house.people["imogen"]}
            incidents.record(
                actor=self.house.actor("imogen"),
                values={**held.values, **told, **decided},
                key=held.key,
                why="Learning",
            )
            given = {"title": PRACTICE, "about": "incident", "reference": f"I-{held.number}"}
            owned = {"owner": self.house.people["maren"], "due_on": today + timedelta(days=14)}
            improvements.record(actor=self.house.actor("imogen"), values=whole(IMPROVEMENT, {**given, **owned}))
        self.journal.note("imogen", "learned", f"I-{held.number}")

    # --- outside ----------------------------------------------------------------------------------------------------

    def _release(self) -> None:
        """The registered manager reads the words of each bundle and lets it leave."""
        with open_scope(Scope.everything(), opened_by="command"):
            waiting = queries.bundles_to_check()
        for one in waiting:
            words = {name: one[name] for name in ("question", "text", "earlier")}
            with open_scope(Scope.client(one["of_client"]), opened_by="command"):
                actions.release_bundle(actor=self.house.actor("imogen"), bundle_id=one["id"], **words)
            self.journal.note("imogen", "released", one["act"])

    def _from_outside(self) -> None:
        """The external reviewer judges what was let out; the arbitration finds a difference of wording only."""
        with open_scope(Scope.provider(), opened_by="command"):
            mine = queries.released_to(self.house.people[GUEST])
            for one in mine:
                said = WORDING if one["act"] == Act.ARBITRATE else AGREES
                actions.answer_bundle(actor=self.house.actor(GUEST), bundle_id=one["id"], **said)
                self.journal.note(GUEST, "judged-outside", one["act"])
