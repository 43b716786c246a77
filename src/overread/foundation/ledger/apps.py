"""The area as a Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers the area."""

    name = "overread.foundation.ledger"
    label = "ledger"
