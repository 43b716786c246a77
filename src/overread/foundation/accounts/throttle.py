"""Counters of failed attempts, as rows: they hold across processes and restarts.

The key is a keyed hash of what was typed and of the address, so that an unknown e-mail is counted like a known one and
the rows tell nobody which accounts exist.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from overread.foundation.accounts.cipher import keyed_hash
from overread.foundation.accounts.limits import of_tries
from overread.foundation.accounts.models import Throttle
from overread.foundation.accounts.rules import (
    Limit,
    clean_email,
    limit_reached,
)


def _sign_in_keys(email: str, address: str) -> tuple[tuple[str, Limit], ...]:
    account = clean_email(email)
    return (
        (f"both {account} {address}", of_tries("accounts.limit_account_and_address")),
        (f"account {account}", of_tries("accounts.limit_account")),
        (f"address {address}", of_tries("accounts.limit_address")),
    )


def _reserve(text: str, limit: Limit, at: datetime) -> bool:
    """Count one try before it is made, so that tries at the same moment cannot slip through together."""
    key = keyed_hash(text, "throttle")
    Throttle.objects.get_or_create(key=key, defaults={"window_from": at})
    Throttle.objects.filter(key=key, window_from__lte=at - limit.window).update(window_from=at, count=0)
    Throttle.objects.filter(key=key).update(count=F("count") + 1)
    row = Throttle.objects.filter(key=key).first()
    return row is None or not limit_reached(row.count - 1, row.window_from, limit, at)


def _release(text: str) -> None:
    """Take back one reserved try."""
    Throttle.objects.filter(key=keyed_hash(text, "throttle"), count__gt=0).update(count=F("count") - 1)


def _forget(text: str) -> None:
    Throttle.objects.filter(key=keyed_hash(text, "throttle")).delete()


def sign_in_may_try(email: str, address: str, at: datetime) -> bool:
    """Whether a password may be tried now; the try counts as failed until `sign_in_worked` says otherwise.

    False when this account from this address, this account, or this address has failed too often; such a refused try
    is not counted.
    """
    keys = _sign_in_keys(email, address)
    allowed = [_reserve(text, limit, at) for text, limit in keys]
    if all(allowed):
        return True
    for text, _ in keys:
        _release(text)
    return False


def sign_in_worked(email: str, address: str) -> None:
    """Forget the failures of this account from this address, and take this try back from the wider counters."""
    both, *wider = (text for text, _ in _sign_in_keys(email, address))
    _forget(both)
    for text in wider:
        _release(text)


def code_may_try(person_id: UUID, at: datetime) -> bool:
    """Whether a code of this person may be tried now; the try counts as wrong until `code_worked` says otherwise."""
    text = f"code {person_id}"
    if _reserve(text, of_tries("accounts.limit_code"), at):
        return True
    _release(text)
    return False


def code_worked(person_id: UUID) -> None:
    """Forget wrong codes of this person."""
    _forget(f"code {person_id}")
