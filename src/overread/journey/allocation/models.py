"""Claims: who holds which read, and until when."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class Claim(PatientRow):
    """A read held by one reader under a lease; at most one live claim for each read (H18)."""

    read = models.ForeignKey("case.Read", on_delete=models.PROTECT, related_name="+")
    case_id = models.UUIDField()
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=20, default="", blank=True)
    ended_reason = models.CharField(max_length=300, default="", blank=True)

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["client", "read"],
                condition=models.Q(ended_at__isnull=True),
                name="allocation_one_live_claim",
            )
        ]
        indexes = [models.Index(fields=["person", "ended_at"], name="allocation_by_person")]
