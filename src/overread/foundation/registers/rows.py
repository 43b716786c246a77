"""The base of every row of a register: a version with a number people use and the reason why it was written."""

from django.db import models

from overread.foundation.history.rows import VersionedRow
from overread.foundation.tenancy.bases import ProviderRow


class RegisterRow(ProviderRow, VersionedRow):
    """One version of an entry; the migration of its area guards it with RefuseChange.

    All versions of one entry have the same `number`, which `writing.add_version` gives.
    """

    number = models.PositiveIntegerField()
    why = models.CharField(max_length=500, default="", blank=True)

    class Meta(ProviderRow.Meta):
        abstract = True


class DocumentRow(RegisterRow):
    """A version of an entry that may hold a document: a file in the store, named by its hash."""

    document_key = models.CharField(max_length=200, default="", blank=True)
    document_name = models.CharField(max_length=200, default="", blank=True)
    document_type = models.CharField(max_length=60, default="", blank=True)
    document_length = models.PositiveIntegerField(default=0)

    class Meta(RegisterRow.Meta):
        abstract = True
