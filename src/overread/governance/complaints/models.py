"""Versions of complaints. Never updated in place (foundation/history)."""

from django.db import models

from overread.foundation.registers.rows import RegisterRow


class Complaint(RegisterRow):
    """One version of a complaint."""

    title = models.CharField(max_length=160)
    received_on = models.DateField()
    sender = models.CharField(max_length=20)
    payer = models.CharField(max_length=20)
    what = models.TextField()
    case_number = models.CharField(max_length=200, default="", blank=True)
    concerns = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    owner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    acknowledged_on = models.DateField(null=True)
    agreed_on = models.DateField(null=True)
    replied_on = models.DateField(null=True)
    outcome = models.CharField(max_length=20, default="", blank=True)
    learning = models.TextField(default="", blank=True)
    shared_with = models.CharField(max_length=200, default="", blank=True)
    closed_on = models.DateField(null=True)
    closed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(RegisterRow.Meta):
        abstract = False
