"""What escalation does when facts happen: the ladder climbs by its deadlines, attempts go out by channels."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.clock.events import DeadlineFired
from overread.foundation.thresholds import current as thresholds
from overread.foundation.work import channels
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.journey.escalation import actions, queries
from overread.journey.escalation.events import AttemptDue, ProviderMustAct
from overread.journey.escalation.rules import Category
from overread.journey.reporting import queries as reports
from overread.journey.reporting.events import ReportSigned

LADDER = Actor.system("ladder")

SUBJECTS = {Category.CRITICAL: "CRITICAL alert: a report needs you now"}
TEXT = """A significant finding has been reported for a patient of your organisation.
You are on the list of people to tell.

1. Open this link. It works once, until {until:%d %b %Y, %H:%M} UTC:
   {link}
2. Enter the code of {digits} digits. We tell it by telephone only.
3. Say who you are and that you take it.

This message holds no patient details. If you cannot act, answer nothing:
the next person is told in a few minutes. Alert {number}.
"""

ON_CALL = (Role.REGISTERED_MANAGER, Role.CLINICAL_LEAD, Role.ADMINISTRATOR)
CALL = """Alert {number} is open and its next step needs a person of ours.

1. Open it and see whom to telephone: {link}
2. Telephone them, read the finding aloud, and let them say it back.
3. Write there who took it. Until then everybody on the list is told again.

It must be taken by {by:%d %b %Y, %H:%M} UTC. This message holds no patient details.
"""


@on(DeadlineFired, kind=actions.RUNG_KIND)
def next_rung(event: DeadlineFired) -> None:
    """A rung's time has come and nobody has taken the alert: climb."""
    actions.climb(actor=LADDER, alert_id=event.subject_id, at=event.due_at)


@on(AttemptDue)
def make_attempt(event: AttemptDue) -> None:
    """Send what an intent announced, and write what came of it; without a result it counts as not sent."""
    alert = queries.alert_of_attempt(event.attempt_id)
    attempt = queries.attempt(event.attempt_id)
    if alert is None or attempt is None or not alert.is_open or attempt.result:
        return
    token = actions.make_link(actor=LADDER, attempt_id=attempt.id)
    link = f"{settings.OVERREAD_URL}/a/{token}/"
    until = attempt.intent_at + thresholds.duration("escalation.link_life")
    digits = thresholds.whole("escalation.code_digits")
    outcome = channels.send(
        attempt.channel,
        channels.Outgoing(
            key=f"alert-{attempt.id}",
            client_id=alert.client_id,
            to=attempt.address,
            payload={
                "subject": SUBJECTS.get(Category(alert.category), "A reported finding needs you"),
                "text": TEXT.format(until=until, link=link, number=alert.number, digits=digits),
            },
        ),
    )
    result = outcome.state if outcome.state in {"accepted", "sent", "refused"} else "failed"
    actions.record_result(
        actor=LADDER,
        attempt_id=attempt.id,
        result=result,
        detail=outcome.detail,
        remote_id=outcome.remote_id,
    )


@on(ProviderMustAct)
def tell_our_people(event: ProviderMustAct) -> None:
    """Where no machine can go on, our own people are told by e-mail as well as on their pages (RELIABILITY 4.1, 6).

    A mail server that takes none of it stops nothing: the deadline of the next step stands already.
    """
    alert = queries.alert(event.alert_id)
    if alert is None or not alert.is_open:
        return
    link = f"{settings.OVERREAD_URL}{reverse('escalation:detail', args=[alert.id])}"
    text = CALL.format(number=alert.number, link=link, by=alert.must_by)
    for person in {p.id: p for role in ON_CALL for p in accounts.people_with_role(role)}.values():
        channels.send(
            "email",
            channels.Outgoing(
                key=f"alert-{event.id}-{person.id}",
                client_id=alert.client_id,
                to=person.email,
                payload={"subject": "Alert: somebody must telephone now", "text": text},
            ),
        )


@on(ReportSigned)
def alert_with_signature(event: ReportSigned) -> None:
    """A report was signed with an alert category: its alert begins in the same transaction as the signature (H07).

    A version that takes the place of another is told again when it changes what was alerted.
    """
    report = reports.report(event.report_id)
    before = reports.report(report.adds_to_id) if report and report.adds_to_id and report.is_whole else None
    if report is None or not (event.alert_category or before):
        return
    said: dict[str, Any] = {
        "category": report.alert_category,
        "finding": report.alert_finding,
        "side": report.alert_side,
    }
    about: dict[str, Any] = {"actor": Actor.person(event.signed_by), "case_id": report.case_id, "report_id": report.id}
    if before is None:
        actions.alert_from_report(**about, **said)
        return
    actions.alert_after_change(
        **about,
        **said,
        conclusion_changed=reports.changes_conclusion(report),
        withdrawn=bool(before.alert_category) and not report.alert_category,
    )
