"""Django's entry for this stage."""

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """Studies, series and instances."""

    name = "overread.journey.archive"
    label = "archive"
