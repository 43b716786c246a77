"""Requests that were done under a key of their sender, so that sending one again does nothing twice."""

from django.db import models

from overread.foundation.tenancy.bases import PatientRow


class KeyedRequest(PatientRow):
    """One request that was done: its key, a keyed hash of what was asked, and the ids that came of it."""

    key = models.CharField(max_length=100)
    operation = models.CharField(max_length=60)
    asked_hash = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta(PatientRow.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="interface_key_once")]
