"""The area as a Django app."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.complaints"
    label = "complaints"
