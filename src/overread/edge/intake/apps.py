"""The area as a Django app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Registers the area."""

    name = "overread.edge.intake"
    label = "intake"
