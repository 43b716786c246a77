"""Versioned rows: a reader's registrations and privileges. Never updated in place (foundation/history)."""

from django.db import models

from overread.foundation.history.rows import VersionedRow
from overread.foundation.tenancy.bases import ProviderRow


class Registration(ProviderRow, VersionedRow):
    """A person's entry in a regulator's register, as it was last checked."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    body = models.CharField(max_length=8)
    number = models.CharField(max_length=20)
    checked_on = models.DateField()

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_reg_person")]


class Privilege(ProviderRow, VersionedRow):
    """What a reader may read, and for whom; no client means every client."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    for_client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+", null=True)
    modalities = models.JSONField(default=list)
    read_types = models.JSONField(default=list)

    class Meta(ProviderRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="credentials_priv_person")]
