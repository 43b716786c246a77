"""Versions of risks. Never updated in place (foundation/history)."""

from django.db import models
from django.db.models import Q

from overread.foundation.registers.rows import RegisterRow


def _one_to_five(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{name}__gte": 1, f"{name}__lte": 5}), name=f"risks_{name}_1_to_5")


class Risk(RegisterRow):
    """One version of a risk (REQ-05)."""

    title = models.CharField(max_length=160)
    description = models.TextField()
    category = models.CharField(max_length=20)
    likelihood = models.PositiveSmallIntegerField()
    impact = models.PositiveSmallIntegerField()
    controls = models.TextField()
    residual_likelihood = models.PositiveSmallIntegerField()
    residual_impact = models.PositiveSmallIntegerField()
    action = models.TextField(default="", blank=True)
    owner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    reviewed_on = models.DateField()

    class Meta(RegisterRow.Meta):
        abstract = False
        constraints = [_one_to_five(n) for n in ("likelihood", "impact", "residual_likelihood", "residual_impact")]
