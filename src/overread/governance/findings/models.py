"""Versions of findings of inspections. Never updated in place (foundation/history)."""

from django.db import models

from overread.foundation.registers.rows import RegisterRow


class Finding(RegisterRow):
    """One version of a finding."""

    title = models.CharField(max_length=160)
    inspected_on = models.DateField()
    body = models.CharField(max_length=160)
    text = models.TextField()
    regulation = models.CharField(max_length=160)
    action = models.TextField()
    owner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    evidence = models.TextField(default="", blank=True)
    closed_on = models.DateField(null=True)
    closed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(RegisterRow.Meta):
        abstract = False
