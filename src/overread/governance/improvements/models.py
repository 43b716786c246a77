"""Versions of actions. Never updated in place (foundation/history)."""

from django.db import models

from overread.foundation.registers.rows import RegisterRow


class Improvement(RegisterRow):
    """One version of an improvement."""

    title = models.CharField(max_length=160)
    about = models.CharField(max_length=20)
    reference = models.CharField(max_length=200, default="", blank=True)
    detail = models.TextField(default="", blank=True)
    owner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    evidence = models.TextField(default="", blank=True)
    effect = models.CharField(max_length=20, default="", blank=True)
    effect_seen = models.TextField(default="", blank=True)
    closed_on = models.DateField(null=True)
    closed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta(RegisterRow.Meta):
        abstract = False
