"""What happened before the demonstration begins: the last inspection's three findings, and a near miss. In our own words."""

from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from overread.foundation.registers.rules import whole
from overread.foundation.tenancy.scope import Scope, open_scope
from overread.foundation.work.actor import Actor
from overread.governance.findings import actions as findings
from overread.governance.findings.rules import FIELDS as FINDING
from overread.governance.improvements import actions as improvements
from overread.governance.improvements.rules import FIELDS as IMPROVEMENT
from overread.governance.incidents import actions as incidents
from overread.site.demo.people import SEEDING

INSPECTED = date(2021, 8, 11)
FINDINGS = (
    (
        "No training programme for the administration",
        "Who administers the service had neither mandatory training nor a schedule of updates.",
        "18, staffing",
        "Everybody, administration and directors included, stands in the matrix of training; a day that passes is told to "
        "the person and on the same day to the registered manager.",
        "The register of training with its percentages by role; the duties of the administrator.",
    ),
    (
        "Policies were not always reviewed in time",
        "The day of review of some policies and procedures had passed without a review or an update.",
        "17, good governance",
        "Each policy has an owner and a day of review, with reminders from ninety days before; an overdue one is red on the "
        "registered manager's page and told every morning.",
        "The register of policies with its versions; the page of duties.",
    ),
    (
        "Risks were not always reviewed in time",
        "Risks were known, but not always looked at again and brought up to date.",
        "17, good governance",
        "The score of a risk decides how often it is reviewed; an overdue review reaches the registered manager the same day.",
        "The register of risks with its history; the page of duties.",
    ),
)


def seed_past(people: dict[str, UUID]) -> None:
    """Findings owned by the manager and closed by the clinical lead, one near miss, and the action that follows from it.

    Args:
        people: ids by sign-in name.
    """
    today = timezone.localdate()
    with open_scope(Scope.provider(), opened_by="command"):
        for title, text, regulation, done, evidence in FINDINGS:
            said = {"title": title, "text": text, "regulation": regulation, "action": done, "evidence": evidence}
            days = {"inspected_on": INSPECTED, "due_on": date(2021, 11, 30), "done_on": date(2021, 11, 12)}
            who = {"owner": people["imogen"], "closed_by": people["maren"], "closed_on": date(2021, 12, 3)}
            values = {**said, **days, **who, "body": "Care Quality Commission"}
            findings.record(actor=SEEDING, values=whole(FINDING, values))
    with open_scope(Scope.provider(), opened_by="command"):
        incidents.report(
            actor=Actor.person(people["tobias"]),
            kind="near_miss",
            title="A prior of the other side was opened beside the study",
            what="The list of priors showed a left knee beside a right one. Seen before anything was written.",
            happened_at=timezone.now() - timedelta(days=2),
            category="wrong_side",
            harm="none",
            at_once="The prior was closed; nothing was signed.",
        )
        action = {"title": "Say the side of a prior where it is chosen", "about": "incident", "reference": "I-1"}
        values = {**action, "owner": people["pip"], "due_on": today + timedelta(days=21)}
        improvements.record(actor=SEEDING, values=whole(IMPROVEMENT, values))
