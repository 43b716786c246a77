"""The last number that each register has given."""

from django.db import models

from overread.foundation.tenancy.bases import ProviderRow


class Series(ProviderRow):
    """Numbers of one register; its row is locked while an entry is written, so that versions follow each other."""

    register = models.CharField(max_length=60, unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta(ProviderRow.Meta):
        abstract = False
