"""Passkeys (WebAuthn level 2): options for the browser, and the check of its answers.

allauth speaks the protocol; the challenge lives in the session of the browser that asked. Every passkey is resident and
demands the person's finger, face or device PIN, so that each one signs in alone.
"""

import json
from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError

from overread.foundation.accounts.models import Person

PURPOSE_KEY = "accounts.presence.purpose"


def registration_options(person: Person) -> dict[str, Any]:
    """What the browser needs to make a passkey for a person."""
    options: dict[str, Any] = auth.begin_registration(person, passwordless=True)
    return options


def registered(answer: str) -> dict[str, Any] | None:
    """The registration that a browser answered, when its challenge, origin and user verification hold; else None."""
    credential = _parsed(answer)
    if credential is None:
        return None
    try:
        auth.parse_registration_response(credential)
        binding = auth.complete_registration(credential)
    except (ValidationError, ValueError, KeyError, TypeError):
        return None
    return credential if binding.is_user_verified() else None


def touch_options(person: Person, purpose: str) -> dict[str, Any]:
    """What the browser needs to ask a person for a touch, for one purpose."""
    context.request.session[PURPOSE_KEY] = purpose
    options: dict[str, Any] = auth.begin_authentication(person)
    return options


def touched(person: Person, answer: str) -> Authenticator | None:
    """The passkey that answered the running challenge, when it is this person's; else None."""
    credential = _parsed(answer)
    if credential is None or context.request is None:
        return None
    try:
        auth.parse_authentication_response(credential)
        passkey: Authenticator = auth.complete_authentication(person, credential)
        passkey.record_usage()
        return passkey
    except (ValidationError, ValueError, KeyError, TypeError):
        return None


def touch_matches(person: Person, answer: str, purpose: str) -> bool:
    """Whether a touch answers the challenge that was made for this purpose; the challenge is used up."""
    if context.request is None or context.request.session.pop(PURPOSE_KEY, None) != purpose:
        return False
    return touched(person, answer) is not None


def _parsed(answer: str) -> dict[str, Any] | None:
    try:
        value = json.loads(answer)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
