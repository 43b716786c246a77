"""Verbs of the first sign-in: a link, a password, a second factor."""

import secrets
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.hashers import identify_hasher, make_password
from django.utils import timezone

from overread.foundation.accounts import queries, rules
from overread.foundation.accounts.actions.factors import add_totp, set_pin
from overread.foundation.accounts.actions.sessions import end_sessions
from overread.foundation.accounts.cipher import token_hash
from overread.foundation.accounts.limits import limits
from overread.foundation.accounts.models import EnrolmentLink, Person, SigningPin, WebSession
from overread.foundation.accounts.pins import new_pin
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Conflict, NotAllowed, NotFound


@action("accounts.make_enrolment_link")
def make_enrolment_link(*, actor: Actor, person_id: UUID) -> rules.NewLink:
    """Make a link with which a person sets password and factors; older open links of the person close.

    Args:
        actor: a registered manager other than the person, or the command line.
        person_id: whom it is for.

    Returns:
        The token, to be shown once. It works once, for 15 minutes.

    Raises:
        NotFound: no such active person.
        NotAllowed: not a manager, or for oneself.
    """
    person = queries.person(person_id)
    if person is None or not person.active:
        raise NotFound("There is nobody with this account, or it is closed.")
    _refuse_unless_manager_of(actor, person_id)
    at = timezone.now()
    EnrolmentLink.objects.filter(person_id=person_id, used_at=None).update(used_at=at)
    token = secrets.token_urlsafe(32)
    EnrolmentLink.objects.create(person_id=person_id, hash=token_hash(token), made_by=actor.text, made_at=at)
    note(subject=("person", person_id), facts={"first": not queries.has_second_factor(person_id)})
    return rules.NewLink(token=token, expires_at=at + limits().link_life)


def _refuse_unless_manager_of(actor: Actor, person_id: UUID) -> None:
    if actor.person_id is None:
        return
    maker = queries.person(actor.person_id)
    if actor.person_id == person_id or maker is None or not maker.may("people.manage"):
        raise NotAllowed("Another registered manager makes this link.", code="may-not-link")


@action("accounts.use_link")
def use_link(*, actor: Actor, token: str, password_hash: str) -> UUID:
    """Use an enrolment link: set the password, drop all earlier factors, end all sessions.

    What follows, a second factor, is set up in the session that the page begins next.

    Args:
        actor: the link's door, a named system.
        token: from the address.
        password_hash: made from a password that passed the validators.

    Raises:
        Conflict: the link is used, older than 15 minutes, or unknown; the three read the same.
    """
    at = timezone.now()
    person = queries.open_link(token, at)
    taken = EnrolmentLink.objects.filter(hash=token_hash(token), used_at=None).update(used_at=at) if person else 0
    if person is None or not taken:
        raise Conflict(
            "This link does not work any more. It works once, for 15 minutes. Ask for a new one.", code="link-closed"
        )
    identify_hasher(password_hash)
    Authenticator.objects.filter(user_id=person.id).delete()
    SigningPin.objects.filter(person_id=person.id).delete()
    Person.objects.filter(id=person.id).update(password=password_hash)
    end_sessions(actor=actor, person_id=person.id, why="new enrolment")
    note(subject=("person", person.id))
    return person.id


@action("accounts.finish_enrolment")
def finish_enrolment(*, actor: Actor, person_id: UUID, session_id: UUID) -> None:
    """Open the whole product to the session in which a person has set up all that their roles demand.

    Raises:
        Conflict: the second factor, or a radiologist's signing PIN, is still missing.
    """
    view = queries.person(person_id)
    if view is None or not queries.has_second_factor(person_id):
        raise Conflict("Set up an authenticator app or a passkey first.", code="no-factor")
    if view.roles & rules.SIGNING_ROLES and not queries.has_pin(person_id):
        raise Conflict("Set your signing PIN first.", code="no-pin")
    at = timezone.now()
    rows = WebSession.objects.filter(id=session_id, person_id=person_id, ended_at=None, mfa_at=None)
    rows.update(mfa_at=at, seen_at=at, mfa_method="enrolment")
    note(subject=("person", person_id), facts={"session": str(session_id)})


@action("accounts.enrol_directly")
def enrol_directly(*, actor: Actor, person_id: UUID, password: str, pin: str = "") -> str:
    """Give a person who has never signed in a password, an authenticator app and a PIN, all at once.

    For demo installations and tests: a person's own proofs are otherwise set by that person only.

    Args:
        actor: a named system; people are refused.
        person_id: whose.
        password: in the clear; hashed here, once, at seeding.
        pin: the signing PIN; empty for none.

    Returns:
        The app's secret in base32.
    """
    if actor.person_id is not None or queries.has_second_factor(person_id):
        raise NotAllowed("Only the seeding of a new installation may do this.", code="not-seeding")
    Person.objects.filter(id=person_id).update(password=make_password(password))
    secret: str = generate_totp_secret()
    add_totp(actor=actor, person_id=person_id, secret=secret)
    if pin:
        set_pin(actor=actor, person_id=person_id, pin=new_pin(person_id, pin))
    note(subject=("person", person_id))
    return secret
