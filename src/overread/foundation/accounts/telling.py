"""Telling people something at once, by e-mail: one mail to each, which holds no patient details."""

from collections.abc import Iterable
from uuid import UUID

from overread.foundation.accounts.queries import PersonView
from overread.foundation.work import channels


class MailWaits(RuntimeError):
    """The mail server did not take the mail now; the job is tried again."""


def mail_each(key: str, people: Iterable[PersonView], subject: str, text: str, client_id: UUID | None = None) -> None:
    """One mail to each person whose account is open, by an idempotent key.

    Args:
        client_id: whose matter it is, if a client's.

    Raises:
        MailWaits: one was not taken now.
    """
    waits = False
    for person in {p.id: p for p in people if p.active}.values():
        mail = {"subject": subject, "text": text}
        sent = channels.Outgoing(key=f"{key}-{person.id}", client_id=client_id, to=person.email, payload=mail)
        waits |= channels.send("email", sent).state == "retry"
    if waits:
        raise MailWaits
