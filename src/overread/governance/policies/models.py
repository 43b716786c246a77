"""Versions of policies, and who has read which edition. Never updated in place (foundation/history)."""

from django.db import models

from overread.foundation.registers.rows import RegisterRow
from overread.foundation.tenancy.bases import ProviderRow


class Policy(RegisterRow):
    """One version of a policy: a draft, or what was approved (REQ-03)."""

    title = models.CharField(max_length=160)
    category = models.CharField(max_length=20)
    owner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    roles = models.JSONField(default=list)
    text = models.TextField()
    state = models.CharField(max_length=10)
    edition = models.PositiveIntegerField(default=0)
    approved_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    approved_on = models.DateField(null=True)
    review_by = models.DateField(null=True)
    numbers = models.JSONField(default=dict)

    class Meta(RegisterRow.Meta):
        abstract = False


class Reading(ProviderRow):
    """That a person has read and understood an edition of a policy (REQ-04)."""

    policy_key = models.UUIDField()
    edition = models.PositiveIntegerField()
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(ProviderRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint("policy_key", "edition", "person", name="policies_reading_once")]
