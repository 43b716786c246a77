"""Counters of failures, also when tries come at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from overread.foundation.accounts import throttle


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_do_not_slip_through() -> None:
    """Of 24 codes tried by eight threads at once for one person, at most five are looked at."""
    person_id, at = uuid4(), timezone.now()

    def one_try(_: int) -> bool:
        try:
            return throttle.code_may_try(person_id, at)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        allowed = sum(pool.map(one_try, range(24)))
    assert 1 <= allowed <= 5
    throttle.code_worked(person_id)
    assert throttle.code_may_try(person_id, at)


@pytest.mark.django_db
def test_a_success_counts_against_nobody() -> None:
    """A hundred people who sign in from one address with the right password are never told to wait."""
    at = timezone.now()
    for number in range(100):
        assert throttle.sign_in_may_try(f"person{number}@example.org", "192.0.2.1", at)
        throttle.sign_in_worked(f"person{number}@example.org", "192.0.2.1")


@pytest.mark.django_db
def test_an_account_attacked_from_many_addresses_must_wait() -> None:
    """Twenty failures for one account from different addresses stop all password tries for it."""
    at = timezone.now()
    tries = [throttle.sign_in_may_try("a@example.org", f"192.0.2.{n}", at) for n in range(25)]
    assert tries == [True] * 20 + [False] * 5
