"""The area as a Django app."""

from django.apps import AppConfig


class ImprovementsConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.improvements"
    label = "improvements"
