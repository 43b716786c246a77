"""The agreement of each client, as versions."""

from django.db import models

from overread.foundation.history.rows import VersionedRow
from overread.foundation.tenancy.bases import PatientRow


class Agreement(VersionedRow, PatientRow):
    """One version of what a client and the provider agreed; `key` is the client's id, so a client has one agreement.

    `terms` is the JSON of `rules.Terms`: a version is read and written whole.
    """

    terms = models.JSONField()
    reason = models.CharField(max_length=300, default="", blank=True)

    class Meta(PatientRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["client", "valid_from"], name="agreement_by_start")]


class Proposal(PatientRow):
    """A change of an agreement that somebody asked for; it changes nothing until another person approves it.

    Only the outcome is ever written to it, once; the terms that come into force are a version of `Agreement`.
    """

    terms = models.JSONField()
    starts_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300)
    based_on = models.UUIDField(null=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, default="", blank=True)
    answer = models.CharField(max_length=300, default="", blank=True)
    version_id = models.UUIDField(null=True)

    class Meta(PatientRow.Meta):
        abstract = False
        indexes = [models.Index(fields=["client", "proposed_at"], name="agreement_proposed")]
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=models.Q(outcome=""), name="agreement_one_change_waits"
            )
        ]
