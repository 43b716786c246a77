"""The area as a Django app."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Registers the area."""

    name = "overread.foundation.work"
    label = "work"
