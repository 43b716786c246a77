"""What the clock itself does when a time has come: it tells people of their duties."""

import logging

from django.conf import settings
from django.utils import timezone

from overread.foundation.clock import actions, queries
from overread.foundation.clock.addressees import directory
from overread.foundation.clock.events import DeadlineFired, DigestDue
from overread.foundation.clock.telling import digest
from overread.foundation.work import channels
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on

CLOCK = Actor.system("clock")
log = logging.getLogger("overread.clock")


class MailWaits(RuntimeError):
    """The mail server did not take the mail now; the job is tried again."""


@on(DeadlineFired, kind=actions.DUTY_KIND)
def tell_of_duty(event: DeadlineFired) -> None:
    """A step of a duty has come: write who is told, and plan the next step."""
    if not actions.take_duty_step(actor=CLOCK, duty_id=event.subject_id, at=event.due_at):
        log.warning("nobody was told of a duty", extra={"duty": str(event.subject_id)})


@on(DeadlineFired, kind=actions.DIGEST_KIND)
def gather_digest(event: DeadlineFired) -> None:
    """What fell due together has been gathered: have the mail sent."""
    actions.ask_digest(actor=CLOCK, person_id=event.subject_id)


@on(DigestDue)
def send_digest(event: DigestDue) -> None:
    """One mail to a person about every duty of which they have not been told; nothing when there is none."""
    notices = queries.untold(event.person_id)
    person = directory().person(event.person_id)
    if not notices:
        return
    if person is None:
        outcome = channels.Outcome(state="refused", detail="This person has no active account.")
    else:
        subject, text = digest(notices, f"{settings.OVERREAD_URL}/duties/", timezone.now())
        outcome = channels.send(
            "email",
            channels.Outgoing(
                key=f"duties-{event.id}", client_id=None, to=person.email, payload={"subject": subject, "text": text}
            ),
        )
    if outcome.state == "retry":
        raise MailWaits(outcome.detail)
    ids = [n.id for n in notices]
    actions.record_digest(
        actor=CLOCK, person_id=event.person_id, notice_ids=ids, result=outcome.state, detail=outcome.detail
    )
