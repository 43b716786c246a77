"""Rows of the clients: the tenants themselves, and what finds a tenant at the door.

`Client`, `AeTitle` and `ApiToken` are not patient rows: they are read before any scope is known, because they decide
the scope. They hold nothing about patients.
"""

import uuid

from django.db import models

from overread.foundation.history.rows import VersionedRow
from overread.foundation.tenancy.bases import PatientRow


class Client(models.Model):
    """An organisation that sends work; the tenant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, default="hospital")
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]


class Site(PatientRow):
    """A place of a client from which studies come."""

    code = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    active = models.BooleanField(default=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "code"], name="clients_site_code")]


class SiteVersion(VersionedRow, PatientRow):
    """What a place was called and whether work came from it, as versions; `key` is the site's id."""

    code = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    active = models.BooleanField()
    why = models.CharField(max_length=300, default="", blank=True)

    class Meta(PatientRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["client", "key"], name="clients_site_versions")]


class AeTitle(models.Model):
    """A DICOM peer: a calling AE title from a network, which stands for one client."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", null=True)
    aet = models.CharField(max_length=16, db_index=True)
    cidr = models.CharField(max_length=64)
    active = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "aet", "cidr"], name="clients_aetitle_once")]


class ApiToken(models.Model):
    """A bearer token of a client's machine; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100, default="")
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(max_length=100)
    added_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
