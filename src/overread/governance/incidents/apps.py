"""The area as a Django app."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.incidents"
    label = "incidents"
