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
