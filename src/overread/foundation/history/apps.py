"""The area as a Django app."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Registers the area."""

    name = "overread.foundation.history"
    label = "history"
