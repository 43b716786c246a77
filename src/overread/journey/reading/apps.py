"""The area as a Django app."""

from django.apps import AppConfig


class ReadingConfig(AppConfig):
    """Registers the area."""

    name = "overread.journey.reading"
    label = "reading"
