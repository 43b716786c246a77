"""The area as a Django app."""

from django.apps import AppConfig


class ClockConfig(AppConfig):
    """Registers the area."""

    name = "overread.foundation.clock"
    label = "clock"
