"""Hashes of signing PINs: argon2id over a keyed hash, so that a stolen table alone cannot be searched.

The parameters are OWASP's smallest (19 MiB, 2 passes): the key file outside the database carries the strength that few
digits lack. A PIN is hashed and compared before the action begins, as its transaction must stay short.
"""

from dataclasses import dataclass
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from overread.foundation.accounts import rules
from overread.foundation.accounts.cipher import keyed_hash
from overread.foundation.work.refusals import BadInput

_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def _peppered(person_id: UUID, pin: str) -> str:
    return keyed_hash(f"{person_id}:{pin}", "signing-pin")


def hash_pin(person_id: UUID, pin: str) -> str:
    """The stored form of a PIN."""
    return _HASHER.hash(_peppered(person_id, pin))


def pin_matches(person_id: UUID, pin: str, stored: str) -> bool:
    """Whether a PIN is the stored one."""
    try:
        return _HASHER.verify(stored, _peppered(person_id, pin))
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True)
class NewPin:
    """A good PIN of a person in its stored form; made by `new_pin`, before the transaction that keeps it."""

    person_id: UUID
    hash: str


def new_pin(person_id: UUID, pin: str) -> NewPin:
    """A PIN to be kept: judged and hashed here, because hashing is slow and no transaction may wait for it.

    Raises:
        BadInput: it is too short, too simple, or no digits.
    """
    fault = rules.pin_fault(pin)
    if fault:
        raise BadInput("The signing PIN was not set.", errors={"pin": fault})
    return NewPin(person_id, hash_pin(person_id, pin))
