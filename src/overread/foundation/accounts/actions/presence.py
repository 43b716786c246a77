"""Verbs of re-authentication: prove to be there, once per signature."""

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.utils import timezone

from overread.foundation.accounts import passkeys, rules
from overread.foundation.accounts.cipher import token_hash
from overread.foundation.accounts.limits import limits
from overread.foundation.accounts.models import Person, Presence, SigningPin, WebSession
from overread.foundation.accounts.pins import pin_matches
from overread.foundation.thresholds import current
from overread.foundation.work.action import action, note
from overread.foundation.work.actor import Actor
from overread.foundation.work.refusals import Conflict, NotAllowed, Refused

P = ParamSpec("P")
R = TypeVar("R")

# The stored hash that a PIN was compared with before the action, and whether it fits.
_checked: ContextVar[tuple[str, bool] | None] = ContextVar("accounts_pin_checked", default=None)


def _refusing_afterwards(function: Callable[P, R | Refused]) -> Callable[P, R]:
    """Raise a returned refusal after the action has committed, so that a counted wrong try stays counted."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        result = function(*args, **kwargs)
        if isinstance(result, Refused):
            raise result
        return result

    return run


def _pin_checked_before(function: Callable[P, R]) -> Callable[P, R]:
    """Compare a PIN before the action begins: the slow hash must not hold the transaction (DESIGN 3, 20 ms)."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        actor, method, secret = (kwargs.get(name) for name in ("actor", "method", "secret"))
        person_id = actor.person_id if isinstance(actor, Actor) else None
        row = SigningPin.objects.filter(person_id=person_id).first() if person_id and method != "passkey" else None
        locked = row is not None and row.locked_until is not None and timezone.now() < row.locked_until
        checked = None
        if row is not None and person_id is not None and not locked:
            checked = (row.hash, pin_matches(person_id, str(secret), row.hash))
        token = _checked.set(checked)
        try:
            return function(*args, **kwargs)
        finally:
            _checked.reset(token)

    return run


def _fits(person_id: UUID, pin: str, stored: str) -> bool:
    """Whether the PIN is the stored one; asked again only if the stored one changed since it was compared."""
    checked = _checked.get()
    if checked is not None and checked[0] == stored:
        return checked[1]
    return pin_matches(person_id, pin, stored)


@_refusing_afterwards
@_pin_checked_before
@action("accounts.confirm_presence")
def confirm_presence(
    *, actor: Actor, method: str, secret: str, purpose: str = "", session_id: UUID | None = None
) -> rules.Proof | Refused:
    """Prove that the person is at the screen now, for one purpose.

    Args:
        actor: the person.
        method: "pin" (the signing PIN, in a session whose second factor is younger than 12 hours) or "passkey".
        secret: the PIN, or the passkey's answer as JSON to the options of `/account/presence/begin/`.
        purpose: what it is for, such as "report:<sha256>"; the proof is good for nothing else.
        session_id: the session; without it, any live one of the person counts.

    Returns:
        A token that works once, within two minutes.

    Raises:
        NotAllowed: wrong or locked PIN (five wrong tries lock it for 15 minutes), no fresh session, wrong passkey.
    """
    person_id = actor.person_id
    if person_id is None:
        raise NotAllowed("Only a person can be present.", code="not-a-person")
    at = timezone.now()
    if method == "passkey":
        refusal = _passkey_refusal(person_id, secret, purpose)
    else:
        refusal = _session_refusal(person_id, session_id, at) or _pin_refusal(person_id, secret, at)
    if refusal is not None:
        note(subject=("person", person_id), facts={"method": method, "refused": refusal.code})
        return refusal
    token = secrets.token_urlsafe(32)
    Presence.objects.create(person_id=person_id, method=method, purpose=purpose, hash=token_hash(token), made_at=at)
    note(subject=("person", person_id), facts={"method": method, "purpose": purpose})
    return rules.Proof(token=token, at=at, method=method)


def _passkey_refusal(person_id: UUID, secret: str, purpose: str) -> Refused | None:
    if passkeys.touch_matches(Person.objects.get(id=person_id), secret, purpose):
        return None
    return NotAllowed("The passkey did not prove it is you. Try again, or use your signing PIN.", code="passkey-wrong")


def _session_refusal(person_id: UUID, session_id: UUID | None, at: datetime) -> Refused | None:
    rows = WebSession.objects.filter(person_id=person_id, ended_at=None)
    if session_id is not None:
        rows = rows.filter(id=session_id)
    for row in rows:
        live = rules.session_state(row.facts(), at, limits()) is rules.SessionState.live
        if live and rules.mfa_is_fresh(row.mfa_at, at, limits()):
            return None
    return NotAllowed(
        f"A signing PIN counts only within {current.words('accounts.mfa_fresh')} of your second step. Sign in again, or use "
        "your passkey.",
        code="session-stale",
    )


def _pin_refusal(person_id: UUID, pin: str, at: datetime) -> Refused | None:
    row = SigningPin.objects.select_for_update().filter(person_id=person_id).first()
    if row is None:
        return NotAllowed("You have no signing PIN. Set one under My account, or use your passkey.", code="no-pin")
    if row.locked_until is not None and at < row.locked_until:
        return NotAllowed(
            f"Your signing PIN is locked after {current.words('accounts.pin_tries')} wrong tries. It opens again within "
            f"{current.words('accounts.pin_lock')}. Your passkey still works.",
            code="pin-locked",
        )
    if _fits(person_id, pin, row.hash):
        SigningPin.objects.filter(person_id=person_id).update(wrong=0, locked_until=None)
        return None
    wrong = (0 if row.locked_until is not None else row.wrong) + 1
    most = limits()
    locked = at + most.pin_lock if wrong >= most.pin_tries else None
    SigningPin.objects.filter(person_id=person_id).update(wrong=wrong, locked_until=locked)
    if locked is not None:
        return NotAllowed(
            f"Wrong signing PIN, {most.pin_tries} times. It is locked for {current.words('accounts.pin_lock')}. Your passkey "
            "still works.",
            code="pin-locked",
        )
    return NotAllowed(f"Wrong signing PIN. {most.pin_tries - wrong} more tries before it locks.", code="pin-wrong")


@action("accounts.use_presence")
def use_presence(*, actor: Actor, token: str, purpose: str = "") -> UUID:
    """Use up a proof of presence, inside the action that it allows.

    Args:
        actor: the person who proved to be there.
        token: from `confirm_presence`.
        purpose: must be the one it was given for.

    Returns:
        The id of the proof, to be kept with what it allowed.

    Raises:
        Conflict: it is another's, for another purpose, older than two minutes, or used.
    """
    at = timezone.now()
    rows = Presence.objects.filter(hash=token_hash(token), purpose=purpose)
    row = rows.filter(person_id=actor.person_id).first() if actor.person_id else None
    open_now = row is not None and rules.presence_is_open(row.made_at, row.used_at, at, limits())
    taken = Presence.objects.filter(id=row.id, used_at=None).update(used_at=at) if row and open_now else 0
    if row is None or not taken:
        raise Conflict(
            f"Prove again that it is you: the last proof was used or is older than {current.words('accounts.presence_life')}.",
            code="presence",
        )
    note(subject=("person", row.person_id), facts={"presence": str(row.id), "method": row.method})
    return row.id
