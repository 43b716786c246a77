"""What governance has to do in the quarter: certificates, policies and risks that run out, a near miss, a complaint."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import STAFF_ROLES
from overread.foundation.registers.rules import months_after, whole
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.thresholds import current as thresholds
from overread.governance.complaints import actions as complaints
from overread.governance.complaints.rules import FIELDS as COMPLAINT
from overread.governance.incidents import actions as incidents
from overread.governance.policies import actions as policies
from overread.governance.policies import queries as policy_queries
from overread.governance.risks import actions as risks
from overread.governance.risks import queries as risk_queries
from overread.governance.training import actions as training
from overread.governance.training.rules import CONFIRMED, SUBJECT, SUBJECTS
from overread.site.demo.governance import put_on_file
from overread.site.demo.people import PEOPLE
from overread.site.simulation.agenda import Agenda
from overread.site.simulation.house import READERS, House
from overread.site.simulation.journal import Journal

STAFF = tuple(one.short for one in PEOPLE if STAFF_ROLES & set(one.roles))
LAPSING, LAPSES_AFTER, RENEWED_LATE = "information_governance", timedelta(days=20), timedelta(days=10)
FORGOTTEN, REVIEWED_LATE = "The line at home fails", timedelta(days=6)
NEAR_MISS_AFTER = timedelta(days=12)
COMPLAINT_AFTER, ACKNOWLEDGED_LATE = timedelta(days=43), timedelta(days=7)
READER_LAPSING, READER_LAST_DAY, READER_RENEWED_LATE = "fire_safety", timedelta(days=27), timedelta(days=9)
POLICY = "Acting on critical findings"
OLD_POLICY, POLICY_REVIEWED_LATE = "Images on their way", timedelta(days=5)
REVIEW_MONTHS = 1
LATE_RISK, LATE_RISK_FROM, LATE_RISK_WRITTEN = "One reader alone on a Friday", timedelta(days=45), timedelta(days=66)


@dataclass(frozen=True)
class Governed:
    """The registers of the simulated provider while the quarter runs."""

    house: House
    agenda: Agenda
    journal: Journal
    first: date

    def _on(self, after: timedelta, do: Callable[[], None], hour: int = 10) -> None:
        self.agenda.at(datetime.combine(self.first + after, time(hour), UTC), do)

    def begin(self) -> None:
        """Fill the registers as they stand on the first day, and arrange what people will do."""
        with open_scope(Scope.everything(), opened_by="command"):
            self._certificates()
            self._files()
            self._policy()
            self._old_policy()
            self._risks()
        self._on(LAPSES_AFTER + RENEWED_LATE, lambda: self._renew_training("pip", LAPSING, "trained"))
        self._on(
            READER_LAST_DAY + READER_RENEWED_LATE,
            lambda: self._renew_training("tobias", READER_LAPSING, "reader-trained"),
        )
        self._on(self.due_of_old_policy() - self.first + POLICY_REVIEWED_LATE, self._review_policy)
        self._on(LATE_RISK_WRITTEN, self._late_risk)
        due = self.due_of_forgotten()
        self.agenda.at(datetime.combine(due + REVIEWED_LATE, time(10), UTC), self._review_risk)
        self._on(NEAR_MISS_AFTER, self._near_miss)
        self._on(COMPLAINT_AFTER, self._complain)

    def _certificates(self) -> None:
        """Everybody is in date; the administrator's and a reader's certificate of one subject run out in the quarter."""
        for short in STAFF:
            person = accounts.person(self.house.people[short])
            roles = person.roles if person else frozenset()
            for subject in SUBJECTS:
                if subject.roles and not subject.roles & roles:
                    continue
                self._certify(short, subject.code, self._completed(short, subject.code))

    def _completed(self, short: str, subject: str) -> date:
        """A month before the quarter; for the two who forget, so long before that it runs out in it."""
        if (short, subject) == ("pip", LAPSING):
            return date(self.first.year - 1, self.first.month, 1) + LAPSES_AFTER
        if (short, subject) == ("tobias", READER_LAPSING):
            return months_after(self.first + READER_LAST_DAY, -thresholds.whole(SUBJECT[subject].interval))
        return self.first - timedelta(days=30)

    def _files(self) -> None:
        """The readers' files are whole, as they must be before the first piece of work."""
        for short in READERS:
            person = accounts.person(self.house.people[short])
            roles = person.roles if person else frozenset()
            put_on_file(self.house.people[short], roles, ("Radiologist", "contractor"), holds=400)

    def _certify(self, short: str, subject: str, day: date) -> None:
        values = {
            "person": self.house.people[short],
            "subject": subject,
            "course": "Core skills (invented)",
            "completed_on": day,
            "level": 3,
            "mark": 100,
            "standing": CONFIRMED,
        }
        training.record(actor=self.house.actor("maren" if short == "imogen" else "imogen"), values=values)

    def _renew_training(self, short: str, subject: str, what: str) -> None:
        with open_scope(Scope.everything(), opened_by="command"):
            self._certify(short, subject, self.journal.clock.now.date())
        self.journal.note(short, what, subject)

    def _old_policy(self) -> None:
        """A policy that must be looked at again within the quarter, and is read by everybody; the administrator owns it."""
        values: dict[str, Any] = {
            "title": OLD_POLICY,
            "category": "information",
            "owner": self.house.people["pip"],
            "roles": (),
            "text": "# Purpose\nImages are the patients'.\n- They travel by encrypted lines only.",
        }
        key = policies.record(actor=self.house.actor("pip"), values=values)
        with thresholds.overridden({"policy.review_critical": REVIEW_MONTHS}):
            policies.approve(actor=self.house.actor("imogen"), key=key)
        for short in STAFF:
            self._read_policy(short, key)
        self.house.policies[OLD_POLICY] = key

    def due_of_old_policy(self) -> date:
        """The last day of the policy's review that is forgotten."""
        with open_scope(Scope.everything(), opened_by="command"):
            due: date = policy_queries.in_force()[self.house.policies[OLD_POLICY]]["review_by"]
            return due

    def _review_policy(self) -> None:
        """Its owner looks at it at last, and somebody else approves."""
        key = self.house.policies[OLD_POLICY]
        with open_scope(Scope.everything(), opened_by="command"):
            policies.propose(actor=self.house.actor("pip"), key=key, what="Compared with the service as it is.")
            policies.approve(actor=self.house.actor("imogen"), key=key)
        self.journal.note("pip", "policy-reviewed", OLD_POLICY)

    def _late_risk(self) -> None:
        """Something that was so for three weeks is written into the register, with the day since when it holds."""
        values = self._risk("imogen", LATE_RISK, 2, 0)
        since = datetime.combine(self.first + LATE_RISK_FROM, time(9), UTC)
        values["reviewed_on"] = self.journal.clock.now.date()
        with open_scope(Scope.everything(), opened_by="command"):
            self.house.risks[LATE_RISK] = risks.record(
                actor=self.house.actor("imogen"), values=values, valid_from=since, why="Known since the rota changed"
            )
        self.journal.note("imogen", "written-late", LATE_RISK)

    def _policy(self) -> None:
        """A policy that its author did not approve, and that everybody must read."""
        text = "# Purpose\nA critical finding reaches a named person.\n- Told within {escalation.critical}."
        values: dict[str, Any] = {
            "title": POLICY,
            "category": "clinical",
            "owner": self.house.people["imogen"],
            "roles": (),
            "text": text,
        }
        key = policies.record(actor=self.house.actor("imogen"), values=values)
        policies.approve(actor=self.house.actor("maren"), key=key)
        for short in STAFF:
            if short != "tobias":
                self._read_policy(short, key)
        self._on(timedelta(days=40), lambda: self._tobias_reads(key))

    def _read_policy(self, short: str, key: UUID) -> None:
        edition = policy_queries.in_force()[key]["edition"]
        policies.acknowledge(actor=self.house.actor(short), key=key, edition=edition)

    def _tobias_reads(self, key: UUID) -> None:
        with open_scope(Scope.everything(), opened_by="command"):
            self._read_policy("tobias", key)
        self.journal.note("tobias", "policy-read", POLICY)

    def _risks(self) -> None:
        """Two risks; the second has a review that its owner will forget."""
        chosen = (("imogen", "A critical finding reaches nobody", 2, 10), ("pip", FORGOTTEN, 4, 5))
        for short, title, likelihood, days in chosen:
            self.house.risks[title] = risks.record(
                actor=self.house.actor("imogen"), values=self._risk(short, title, likelihood, days)
            )

    def _risk(self, short: str, title: str, likelihood: int, days: int) -> dict[str, Any]:
        return {
            "title": title,
            "description": "Work stops, or a patient is not treated in time.",
            "category": "clinical",
            "likelihood": 4,
            "impact": 5,
            "controls": "Looked at every day, and practised twice a year.",
            "residual_likelihood": likelihood,
            "residual_impact": 4,
            "action": "",
            "owner": self.house.people[short],
            "reviewed_on": self.first - timedelta(days=days),
        }

    def due_of_forgotten(self) -> date:
        """The last day of the review that is forgotten."""
        with open_scope(Scope.everything(), opened_by="command"):
            entry = risk_queries.risk(self.house.risks[FORGOTTEN])
            if entry is None:
                raise LookupError(FORGOTTEN)
            return risk_queries.next_review(entry)

    def _review_risk(self) -> None:
        with open_scope(Scope.everything(), opened_by="command"):
            risks.review(
                actor=self.house.actor("pip"),
                key=self.house.risks[FORGOTTEN],
                residual_likelihood=2,
                residual_impact=4,
                what="A second line was put in and tried.",
            )
        self.journal.note("pip", "risk-reviewed", FORGOTTEN)

    def _near_miss(self) -> None:
        with open_scope(Scope.everything(), opened_by="command"):
            incidents.report(
                actor=self.house.actor("tobias"),
                kind="near_miss",
                title="The referral of one patient lay beside the images of another",
                what="Seen before anything was written: the name in the banner was another one.",
                happened_at=self.journal.clock.now - timedelta(hours=2),
                category="wrong_patient",
                harm="none",
                at_once="The match was undone.",
            )
        self.journal.note("tobias", "near-miss")

    def _complain(self) -> None:
        """A client complains, and the administrator writes back later than the three working days allow."""
        given = {
            "title": "A report came a day after the clinic",
            "received_on": self.journal.clock.now.date(),
            "sender": "client",
            "payer": "nhs",
            "what": "The report was in time by the agreement, and too late for the clinic.",
            "owner": self.house.people["pip"],
        }
        values = whole(COMPLAINT, given)
        with open_scope(Scope.everything(), opened_by="command"):
            key = complaints.record(actor=self.house.actor("pip"), values=values)
        self.journal.note("client", "complaint")
        self._on(COMPLAINT_AFTER + ACKNOWLEDGED_LATE, lambda: self._acknowledge(key, values))

    def _acknowledge(self, key: UUID, values: dict[str, Any]) -> None:
        later = {**values, "acknowledged_on": self.journal.clock.now.date()}
        with open_scope(Scope.everything(), opened_by="command"):
            complaints.record(actor=self.house.actor("pip"), values=later, key=key, why="Acknowledged by telephone")
        self.journal.note("pip", "complaint-acknowledged")
