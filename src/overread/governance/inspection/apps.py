"""The area as a Django app."""

from django.apps import AppConfig


class InspectionConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.inspection"
    label = "inspection"
