"""Verbs on passwords, second factors, recovery codes and signing PINs.

What is slow to compute (hashes of passwords) is made before and handed in, so that no transaction waits for it.
"""

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.hashers import identify_hasher
from django.utils import timezone

from overread.foundation.accounts import queries
from overread.foundation.accounts.actions.sessions import end_sessions
from overread.foundation.accounts.cipher import encrypt
from overread.foundation.accounts.models import Person, SigningPin
from overread.foundation.accounts.pins import NewPin
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import BadInput, Conflict, NotAllowed, NotFound


def _refuse_others(actor: Actor, person_id: UUID) -> None:
    if actor.person_id is not None and actor.person_id != person_id:
        raise NotAllowed("Only the person sets their own proofs of identity.", code="not-own")


@action("accounts.change_password")
def change_password(*, actor: Actor, person_id: UUID, password_hash: str, keep: UUID | None = None) -> None:
    """Set a new password and end every other session.

    Args:
        actor: the person, or the command line.
        person_id: whose.
        password_hash: made by `django.contrib.auth.hashers.make_password` from one that passed the validators.
        keep: the session in which it was changed.
    """
    _refuse_others(actor, person_id)
    identify_hasher(password_hash)
    Person.objects.filter(id=person_id).update(password=password_hash)
    end_sessions(actor=actor, person_id=person_id, why="password changed", keep=keep)
    note(subject=("person", person_id))


def _recovery_codes(person: Person) -> tuple[str, ...]:
    codes: list[str] = RecoveryCodes.activate(person).generate_codes()
    return tuple(codes)


@action("accounts.add_totp")
def add_totp(*, actor: Actor, person_id: UUID, secret: str, keep: UUID | None = None) -> None:
    """Keep an authenticator app's secret, closed with the installation's key; an older app stops working.

    Args:
        actor: the person, or the command line.
        person_id: whose.
        secret: base32; the caller has checked a code made from it.
        keep: the session in which it was added; the others end.
    """
    _refuse_others(actor, person_id)
    person = Person.objects.get(id=person_id)
    Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.TOTP).delete()
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": encrypt(secret)})
    _recovery_codes(person)
    end_sessions(actor=actor, person_id=person_id, why="factor changed", keep=keep)
    note(subject=("person", person_id))


@action("accounts.add_passkey")
def add_passkey(
    *, actor: Actor, person_id: UUID, name: str, credential: dict[str, Any], keep: UUID | None = None
) -> None:
    """Keep a passkey whose registration the caller has verified.

    Args:
        actor: the person.
        person_id: whose.
        name: what the person calls it.
        credential: the verified registration response (WebAuthn level 2, 5.2.1).
        keep: the session in which it was added; the others end.
    """
    _refuse_others(actor, person_id)
    person = Person.objects.get(id=person_id)
    data = {"name": name[:60] or "Passkey", "credential": credential}
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=data)
    _recovery_codes(person)
    end_sessions(actor=actor, person_id=person_id, why="factor changed", keep=keep)
    note(subject=("person", person_id))


@action("accounts.remove_factor")
def remove_factor(*, actor: Actor, person_id: UUID, factor_id: int, keep: UUID | None = None) -> None:
    """Take away an app or a passkey and end every other session.

    Raises:
        NotFound: it is not this person's.
        Conflict: it is the last second factor.
    """
    _refuse_others(actor, person_id)
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    held = Authenticator.objects.filter(user_id=person_id, type__in=kinds)
    row = held.filter(pk=factor_id).first()
    if row is None:
        raise NotFound("You have no such way to sign in.")
    if held.count() < 2:
        raise Conflict(
            "This is your only second step. Add another one first, then take this one away.", code="last-factor"
        )
    row.delete()
    end_sessions(actor=actor, person_id=person_id, why="factor changed", keep=keep)
    note(subject=("person", person_id), facts={"kind": row.type})


@action("accounts.renew_recovery_codes")
def renew_recovery_codes(*, actor: Actor, person_id: UUID) -> tuple[str, ...]:
    """Make ten new recovery codes; the old ones stop working. They are returned once and never shown again."""
    _refuse_others(actor, person_id)
    person = Person.objects.get(id=person_id)
    if not queries.has_second_factor(person_id):
        raise Conflict("Set up an authenticator app or a passkey first.", code="no-factor")
    Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes = _recovery_codes(person)
    note(subject=("person", person_id), facts={"count": len(codes)})
    return codes


@action("accounts.set_pin")
def set_pin(*, actor: Actor, person_id: UUID, pin: NewPin) -> None:
    """Set or change the signing PIN.

    Args:
        pin: judged and hashed before, by `pins.new_pin`.

    Raises:
        BadInput: it was made for somebody else.
        NotAllowed: the actor is somebody else.
    """
    _refuse_others(actor, person_id)
    if pin.person_id != person_id:
        raise BadInput("The signing PIN was not set.", errors={"pin": "It was made for somebody else."})
    values = {"hash": pin.hash, "set_at": timezone.now(), "wrong": 0, "locked_until": None}
    SigningPin.objects.update_or_create(person_id=person_id, defaults=values)
    note(subject=("person", person_id))
