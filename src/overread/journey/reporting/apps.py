"""The area as a Django app."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """Registers the area."""

    name = "overread.journey.reporting"
    label = "reporting"
