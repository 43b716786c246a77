"""The area as a Django app."""

from django.apps import AppConfig


class RisksConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.risks"
    label = "risks"
