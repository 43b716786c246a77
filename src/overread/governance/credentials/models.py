"""Versioned rows: what is on record about a reader. Never updated in place (foundation/history).

`key` is the thing (one certificate, one privilege, one register entry), each row a version of it; a version that ends
(`valid_to`) takes the thing away. Days that stand on a certificate are fields of their own.
"""

import uuid

from django.db import models

from overread.foundation.history.rows import VersionedRow
from overread.foundation.tenancy.bases import ProviderRow


class Registration(ProviderRow, VersionedRow):
    """A person's entry in a regulator's register; each check is a version (REQ-09)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    body = models.CharField(max_length=8)
    number = models.CharField(max_length=20)
    checked_on = models.DateField()
    failed = models.BooleanField(default=False)
    licence = models.BooleanField(default=False)
    specialist = models.BooleanField(default=False)
    detail = models.CharField(max_length=300, default="", blank=True)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_reg_person")]


class Privilege(ProviderRow, VersionedRow):
    """What a reader may read, and for whom; no client means every client, no regions mean the whole body (REQ-91)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    for_client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+", null=True)
    modalities = models.JSONField(default=list)
    read_types = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    scope = models.CharField(max_length=20, default="", blank=True)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_priv_person")]


class Indemnity(ProviderRow, VersionedRow):
    """A certificate of indemnity (REQ-11)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    insurer = models.CharField(max_length=120)
    policy_number = models.CharField(max_length=60, default="", blank=True)
    modalities = models.JSONField(default=list)
    teleradiology = models.BooleanField(default=False)
    jurisdiction = models.CharField(max_length=120)
    limit_pounds = models.PositiveBigIntegerField()
    starts_on = models.DateField()
    expires_on = models.DateField()

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_ind_person")]


class Dbs(ProviderRow, VersionedRow):
    """A check by the Disclosure and Barring Service."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=40)
    number = models.CharField(max_length=40, default="", blank=True)
    issued_on = models.DateField()
    renew_by = models.DateField()

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_dbs_person")]


class Appraisal(ProviderRow, VersionedRow):
    """A doctor's appraisal of the whole practice (REQ-10)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    held_on = models.DateField()
    appraiser = models.CharField(max_length=120)
    teleradiology = models.BooleanField(default=False)
    designated_body = models.CharField(max_length=120)
    responsible_officer = models.CharField(max_length=120)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_app_person")]


class Revalidation(ProviderRow, VersionedRow):
    """When a doctor was revalidated, and by when it is due again (REQ-10)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    last_on = models.DateField(null=True)
    due_on = models.DateField()

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_rev_person")]


class EntryAudit(ProviderRow, VersionedRow):
    """The audit by which a new reader is let read; auditors may be external (REQ-23)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12)
    cross_sectional = models.PositiveIntegerField()
    auditors = models.JSONField(default=list)
    external = models.BooleanField(default=False)
    outcome = models.CharField(max_length=500, default="", blank=True)
    released_on = models.DateField(null=True)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_aud_person")]


class Override(ProviderRow, VersionedRow):
    """One soft gate of one reader that the registered manager lets pass until `valid_to`."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    gate = models.CharField(max_length=40)
    why = models.CharField(max_length=500)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_ovr_person")]


class Certificate(ProviderRow):
    """A file that shows what is on record about a reader: sent by them or kept by the office, by its place in the store."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    length = models.PositiveBigIntegerField()
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=80)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=80, default="", blank=True)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "added_at"], name="credentials_cert_person")]
