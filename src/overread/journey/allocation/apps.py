"""The area as a Django app."""

from django.apps import AppConfig


class AllocationConfig(AppConfig):
    """Registers the area."""

    name = "overread.journey.allocation"
    label = "allocation"
