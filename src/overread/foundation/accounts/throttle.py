"""Counters of failed attempts, as rows: they hold across processes and restarts.

The key is a keyed hash of what was typed and of the address, so that an unknown e-mail is counted like a known one and
the rows tell nobody which accounts exist.
"""

from datetime import datetime

from django.db.models import F

from overread.foundation.accounts.cipher import keyed_hash
from overread.foundation.accounts.models import Throttle
from overread.foundation.accounts.rules import (
    LIMIT_ACCOUNT,
    LIMIT_ACCOUNT_AND_ADDRESS,
    LIMIT_ADDRESS,
    LIMIT_CODE,
    Limit,
    clean_email,
    limit_reached,
)


def _sign_in_keys(email: str, address: str) -> tuple[tuple[str, Limit], ...]:
    account = clean_email(email)
    return (
        (f"both {account} {address}", LIMIT_ACCOUNT_AND_ADDRESS),
        (f"account {account}", LIMIT_ACCOUNT),
        (f"address {address}", LIMIT_ADDRESS),
    )


def _must_wait(text: str, limit: Limit, at: datetime) -> bool:
    row = Throttle.objects.filter(key=keyed_hash(text, "throttle")).first()
    return row is not None and limit_reached(row.count, row.window_from, limit, at)


def _count(text: str, limit: Limit, at: datetime) -> None:
    key = keyed_hash(text, "throttle")
    Throttle.objects.get_or_create(key=key, defaults={"window_from": at})
    Throttle.objects.filter(key=key, window_from__lte=at - limit.window).update(window_from=at, count=0)
    Throttle.objects.filter(key=key).update(count=F("count") + 1)


def sign_in_must_wait(email: str, address: str, at: datetime) -> bool:
    """Whether this account from this address, this account, or this address has failed too often."""
    return any(_must_wait(text, limit, at) for text, limit in _sign_in_keys(email, address))


def sign_in_failed(email: str, address: str, at: datetime) -> None:
    """Count a failed sign-in."""
    for text, limit in _sign_in_keys(email, address):
        _count(text, limit, at)


def sign_in_worked(email: str, address: str) -> None:
    """Forget the failures of this account from this address; the wider counters stay."""
    text = _sign_in_keys(email, address)[0][0]
    Throttle.objects.filter(key=keyed_hash(text, "throttle")).delete()


def code_must_wait(person_id: object, at: datetime) -> bool:
    """Whether codes of this person have failed too often."""
    return _must_wait(f"code {person_id}", LIMIT_CODE, at)


def code_failed(person_id: object, at: datetime) -> None:
    """Count a wrong code."""
    _count(f"code {person_id}", LIMIT_CODE, at)


def code_worked(person_id: object) -> None:
    """Forget wrong codes of this person."""
    Throttle.objects.filter(key=keyed_hash(f"code {person_id}", "throttle")).delete()
