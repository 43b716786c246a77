"""The area as a Django app."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.findings"
    label = "findings"
