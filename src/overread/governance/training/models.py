"""Versions of certificates. Never updated in place (foundation/history)."""

from django.db import models

from overread.foundation.registers.rows import DocumentRow


class Certificate(DocumentRow):
    """One version of a certificate (REQ-120)."""

    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=40)
    course = models.CharField(max_length=160)
    completed_on = models.DateField()
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    mark = models.PositiveSmallIntegerField(null=True, blank=True)
    standing = models.CharField(max_length=12)

    class Meta(DocumentRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "recorded_at"], name="training_cert_person")]
