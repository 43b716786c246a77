"""Rows of people, roles and proofs of identity.

These are read before any scope is known, because they decide the scope; they hold nothing about patients, so they are
neither patient rows nor scoped.
"""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from overread.foundation.accounts.rules import SessionFacts, clean_email


class PersonManager(BaseUserManager["Person"]):
    """Finds people by e-mail, whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with this e-mail."""
        return self.get(email=clean_email(username or ""))


class Person(AbstractBaseUser):
    """Somebody who can sign in. The e-mail is the name of the account, kept in small letters."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    deactivated_at = models.DateTimeField(null=True)
    # Raised whenever a factor changes: it is part of every session's hash, so that older cookies die.
    epoch = models.PositiveIntegerField(default=0)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_person_email_once")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row with the e-mail in its one spelling."""
        self.email = clean_email(self.email)
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """The name for people."""
        return self.full_name

    def get_short_name(self) -> str:
        """The name for people, too: there is no shorter one."""
        return self.full_name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether a role held now gives this permission code."""
        return any(getattr(b, "has_perm", lambda *_: False)(self, perm, obj) for b in get_backends())

    def has_module_perms(self, app_label: str) -> bool:
        """There is no site of forms for rows here."""
        return False

    def get_session_auth_hash(self) -> str:
        """Changes with the password and with every factor."""
        text = f"{self.password}:{self.epoch}"
        return salted_hmac("overread.accounts.session", text, algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Any:
        """The same under older keys of the installation."""
        return iter(())


class RoleGrant(models.Model):
    """A role that a person held from a time, until a time; never changed back, only ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=32)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+", null=True)
    granted_by = models.CharField(max_length=80)
    granted_at = models.DateTimeField()
    ended_by = models.CharField(max_length=80, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "client"],
                condition=models.Q(ended_at=None, client__isnull=False),
                name="accounts_grant_client_once",
            ),
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=models.Q(ended_at=None, client__isnull=True),
                name="accounts_grant_once",
            ),
        ]


class EnrolmentLink(models.Model):
    """A link that lets a person set password and factors; works once, 15 minutes; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class SigningPin(models.Model):
    """The PIN a radiologist signs with; argon2 over a keyed hash, locked after five wrong tries."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+", primary_key=True)
    hash = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)


class Presence(models.Model):
    """A proof that a person was there a moment ago, for one purpose; works once, two minutes; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=16)
    purpose = models.CharField(max_length=200)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class WebSession(models.Model):
    """One browser in which a person is signed in; the cookie's session names this row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    mfa_at = models.DateTimeField(null=True)
    mfa_method = models.CharField(max_length=20, default="")
    idle_seconds = models.PositiveIntegerField(default=900)
    locked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=30, default="")
    address = models.CharField(max_length=45, default="")
    browser = models.CharField(max_length=300, default="")

    class Meta:
        indexes = [models.Index(fields=["person", "ended_at"], name="accounts_session_person")]

    def facts(self) -> SessionFacts:
        """What decides its state."""
        idle = timedelta(seconds=self.idle_seconds)
        return SessionFacts(self.started_at, self.seen_at, self.mfa_at, self.locked_at, self.ended_at, idle)


class UsedCode(models.Model):
    """A time step whose authenticator code was taken, so that it is never taken again (RFC 6238, 5.2)."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=16)  # of the secret, so that a new app begins afresh
    step = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key", "step"], name="accounts_usedcode_once")]


class Throttle(models.Model):
    """Failed attempts of one kind under one keyed hash; rows, so that every process and every restart counts on."""

    key = models.CharField(max_length=64, primary_key=True)
    window_from = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
