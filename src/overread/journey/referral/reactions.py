"""Matching by itself, when a referral is taken and when a study is whole; telling whose turn it is in a thread."""

from django.conf import settings

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.rules import Role
from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work import channels
from overread.foundation.work.actor import Actor
from overread.foundation.work.failures import RetryLater
from overread.foundation.work.reactions import on
from overread.journey.case import queries as cases
from overread.journey.reception.events import StudyComplete
from overread.journey.referral import actions, queries
from overread.journey.referral.events import QueryTurned, ReferralAccepted
from overread.journey.referral.rules import Party

MATCHER = Actor.system("matcher")
REMINDER = Actor.system("reminder")
QUESTION = """{what} about case {number} waits for you:
{link}

This message holds no patient details. Sign in to read and answer.
"""


@on(ReferralAccepted)
def look_for_its_images(event: ReferralAccepted) -> None:
    """The images may have come before the referral."""
    actions.look_for_study(actor=MATCHER, referral_id=event.referral_id)


@on(StudyComplete)
def look_for_its_referral(event: StudyComplete) -> None:
    """The referral may have come before the images."""
    actions.look_for_referral(actor=MATCHER, study_id=event.study_id)


@on(DeadlineFired, kind=actions.REMIND_KIND)
def nobody_answered(event: DeadlineFired) -> None:
    """The time to answer a question has passed."""
    actions.remind(actor=REMINDER, query_id=event.subject_id, at=event.due_at)


def _addresses(found: queries.QueryView, to: str) -> list[str]:
    """Whom to tell: the client's people, or our person who asked, else those who run the office."""
    if to == Party.CLIENT:
        people = [
            person
            for role in (Role.CLIENT_USER, Role.CLIENT_ADMINISTRATOR)
            for person in accounts.people_with_role(role, found.client_id)
        ]
        return sorted({p.email for p in people})
    asked = Actor.parse(found.asked_by).person_id
    asker = accounts.person(asked) if asked else None
    if asker is not None and not asker.is_client_side:
        return [asker.email]
    return sorted({p.email for p in accounts.people_with_role(Role.ADMINISTRATOR)})


@on(QueryTurned)
def tell_whose_turn_it_is(event: QueryTurned) -> None:
    """By e-mail, without a word about the patient; who answered meanwhile is not told (REQ on mail without details)."""
    found = queries.query(event.query_id)
    if found is None or not found.is_open or found.waits_for != event.to:
        return
    case = cases.case(found.case_id)
    client = event.to == Party.CLIENT
    path = f"/referrals/{case.referral_id}/" if client and case else f"/cases/{found.case_id}/"
    what = "A question" if client else "An answer" if len(found.messages) > 1 else "A question"
    text = QUESTION.format(what=what, number=case.number if case else "", link=f"{settings.OVERREAD_URL}{path}")
    for address in _addresses(found, event.to):
        outcome = channels.send(
            "email",
            channels.Outgoing(
                key=f"query-{found.id}-{len(found.messages)}-{event.reminders}-{address}",
                client_id=found.client_id,
                to=address,
                payload={"subject": f"{what} waits for you" + (", reminder" if event.reminders else ""), "text": text},
            ),
        )
        if outcome.state == "retry":
            raise RetryLater("mail server not ready")
