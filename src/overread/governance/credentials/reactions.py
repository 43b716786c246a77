"""What credentials do when a time has come, or when somebody must be told at once."""

from uuid import UUID

from django.conf import settings

from overread.foundation.accounts import queries as accounts
from overread.foundation.accounts.queries import PersonView
from overread.foundation.accounts.rules import Role
from overread.foundation.accounts.telling import mail_each
from overread.foundation.clock.events import DeadlineFired
from overread.foundation.work.actor import Actor
from overread.foundation.work.reactions import on
from overread.governance.credentials import actions, queries
from overread.governance.credentials.events import GateOverridden, RegisterCheckFailed
from overread.governance.credentials.rules import GATE_WORDS

REGISTER = Actor.system("register")
FOOT = "\n\n{link}\n\nThis message holds no patient details.\n"
FAILED = (
    "The check of the {body} register did not find {name} in good standing. {name} is given no new reads and cannot sign "
    "from now on; open reads are offered to others. Look at what was recorded, and speak to {name}."
)
OVERRIDDEN = '{by} let {name} pass the gate "{gate}" until {until}. The reason: {why}'


@on(DeadlineFired, kind=actions.OVERRIDE_KIND)
def override_ends(event: DeadlineFired) -> None:
    """An override's time is over: write it down."""
    actions.override_ended(actor=REGISTER, key=event.subject_id)


def _concerned(person_id: UUID) -> list[PersonView]:
    reader = accounts.person(person_id)
    return [*([reader] if reader else []), *accounts.people_with_role(Role.REGISTERED_MANAGER)]


def _link(person_id: UUID) -> str:
    return FOOT.format(link=f"{settings.OVERREAD_URL}/credentials/people/{person_id}/")


@on(RegisterCheckFailed)
def tell_of_failed_check(event: RegisterCheckFailed) -> None:
    """A failed check of the register is told to the reader and every registered manager at once (REQ-09)."""
    text = FAILED.format(body=event.body, name=accounts.person_name(event.person_id)) + _link(event.person_id)
    subject = f"A check of the {event.body} register failed"
    mail_each(f"check-{event.check}", _concerned(event.person_id), subject, text)


@on(GateOverridden)
def tell_of_override(event: GateOverridden) -> None:
    """An override is told to the reader and every registered manager with its reason and end (REQ-07)."""
    found = queries.override_by_key(event.override)
    if found is None:
        return
    text = OVERRIDDEN.format(
        by=found.by_name,
        name=accounts.person_name(event.person_id),
        gate=GATE_WORDS.get(event.gate, event.gate),
        until=found.until_words,
        why=found.why,
    )
    mail_each(
        f"override-{event.override}",
        _concerned(event.person_id),
        "A gate was opened for a time",
        text + _link(event.person_id),
    )
