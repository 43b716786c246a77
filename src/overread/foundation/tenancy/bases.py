"""Abstract bases of every row that belongs to somebody."""

import uuid
from typing import Any

from django.db import models

from overread.foundation.tenancy.rows import ProviderManager, ScopedManager
from overread.foundation.tenancy.scope import OutOfScope, current_scope


class PatientRow(models.Model):
    """A row that belongs to one client, the tenant; read and written only under a scope that holds the client.

    Unique keys of such a model start with `client` (H23).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row.

        Raises:
            OutOfScope: its client is not in the open scope.
        """
        if not current_scope().holds(self.client_id):
            raise OutOfScope(f"A {type(self).__name__} of another client, or of none, may not be written here.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove the row, under the same rule as save."""
        if not current_scope().holds(self.client_id):
            raise OutOfScope(f"A {type(self).__name__} of another client may not be removed here.")
        return super().delete(*args, **kwargs)


class ProviderRow(models.Model):
    """A row of the provider itself; any open scope may touch it, none may do without."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    objects = ProviderManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
