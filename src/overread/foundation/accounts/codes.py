"""Codes of authenticator apps (TOTP, RFC 6238) and recovery codes: made, checked, and each taken once.

allauth keeps the factors; taking a code is ours, because a used code must stay used in every process and after a
restart, which a cache cannot promise.
"""

import hmac
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import IntegrityError, transaction

from overread.foundation.accounts.cipher import decrypt, keyed_hash
from overread.foundation.accounts.models import UsedCode

PERIOD_SECONDS = 30
TOLERANCE_STEPS = 1


def step_at(at: datetime) -> int:
    """The number of the 30-second step of a time."""
    return int(at.timestamp()) // PERIOD_SECONDS


def code_for(secret: str, step: int) -> str:
    """The six digits of a step."""
    digits: str = format_hotp_value(hotp_value(secret, step))
    return digits


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step that a code belongs to, one step early or late allowed; None when it is wrong."""
    typed = "".join(code.split())
    now = step_at(at)
    for step in range(now - TOLERANCE_STEPS, now + TOLERANCE_STEPS + 1):
        if hmac.compare_digest(code_for(secret, step).encode(), typed.encode()):
            return step
    return None


def _key(secret: str) -> str:
    return keyed_hash(secret, "used-codes")[:16]


def _take(person_id: UUID, secret: str, step: int) -> bool:
    try:
        with transaction.atomic():
            UsedCode.objects.create(person_id=person_id, key=_key(secret), step=step)
    except IntegrityError:
        return False
    return True


def take_first(person_id: UUID, secret: str, code: str, at: datetime) -> bool:
    """Check and take the code that proves a new secret, before its factor is kept."""
    step = step_of(secret, code, at)
    return step is not None and _take(person_id, secret, step)


def take(person_id: UUID, code: str, at: datetime, *, recovery: bool = True) -> Authenticator | None:
    """Check a code of a person and take it, so that it never works again.

    Args:
        person_id: whose code.
        code: six digits of the app, or a recovery code.
        at: when.
        recovery: whether a recovery code is good enough here.

    Returns:
        The factor that the code belongs to, or None when it is wrong or was used before.
    """
    factors = {a.type: a for a in Authenticator.objects.filter(user_id=person_id).exclude(type="webauthn")}
    totp = factors.get(Authenticator.Type.TOTP)
    if totp is not None:
        secret = decrypt(totp.data["secret"])
        step = step_of(secret, code, at)
        if step is not None:
            return totp if _take(person_id, secret, step) else None
    spare = factors.get(Authenticator.Type.RECOVERY_CODES)
    if recovery and spare is not None and spare.wrap().validate_code("".join(code.split()).replace("-", "")):
        return spare
    return None


def next_code(person_id: UUID, at: datetime) -> str | None:
    """A code of the app that would be taken now; None when the person has no app or all steps in reach are used."""
    totp = Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.TOTP).first()
    if totp is None:
        return None
    secret = decrypt(totp.data["secret"])
    now = step_at(at)
    rows = UsedCode.objects.filter(person_id=person_id, key=_key(secret), step__gte=now - 1)
    used = set(rows.values_list("step", flat=True))
    for step in (now, now + 1, now - 1):
        if step not in used:
            return code_for(secret, step)
    return None


def seconds_left(at: datetime) -> int:
    """Seconds until the running step ends."""
    return PERIOD_SECONDS - int(at.timestamp()) % PERIOD_SECONDS
