"""Encryption of the secrets of accounts at rest, and keyed hashes, from one key file of the installation (0600).

The site reads the file and refuses one that others may read; `settings.OVERREAD_ACCOUNTS_SECRETS` holds its bytes, the
current first, older ones after it, so that a changed key still opens what an older one closed.
"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PREFIX = "or1"


class NoKey(RuntimeError):
    """What is stored was closed with a key that this installation does not have."""


@lru_cache(maxsize=16)
def _derived(secret: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"overread.accounts.{use}".encode()).derive(secret)


@lru_cache(maxsize=16)
def _key_id(secret: bytes) -> str:
    return _derived(secret, "key-id").hex()[:8]


def _secrets() -> tuple[bytes, ...]:
    return tuple(settings.OVERREAD_ACCOUNTS_SECRETS)


def encrypt(text: str) -> str:
    """Close a text with AES-256-GCM; the id of the key stands in front, so that keys can change."""
    secret = _secrets()[0]
    nonce = secrets.token_bytes(12)
    key_id = _key_id(secret)
    closed = AESGCM(_derived(secret, "encrypt")).encrypt(nonce, text.encode(), key_id.encode())
    return f"{PREFIX}:{key_id}:{base64.urlsafe_b64encode(nonce + closed).decode()}"


def decrypt(closed: str) -> str:
    """Open what `encrypt` closed.

    Raises:
        NoKey: no key of this installation opens it, or it was changed.
    """
    prefix, _, rest = closed.partition(":")
    key_id, _, body = rest.partition(":")
    for secret in _secrets():
        if prefix == PREFIX and _key_id(secret) == key_id:
            raw = base64.urlsafe_b64decode(body)
            try:
                return AESGCM(_derived(secret, "encrypt")).decrypt(raw[:12], raw[12:], key_id.encode()).decode()
            except InvalidTag:
                break
    raise NoKey("A stored secret does not open with this installation's key. Restore the key file from its safe place.")


def keyed_hash(text: str, use: str) -> str:
    """A hash that cannot be tried offline without the key file.

    Args:
        text: what is hashed.
        use: what for; other uses give other hashes.
    """
    return hmac.new(_derived(_secrets()[0], use), text.encode(), hashlib.sha256).hexdigest()


def token_hash(token: str) -> str:
    """The stored form of a random token of 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()
