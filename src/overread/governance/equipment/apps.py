"""The area as a Django app."""

from django.apps import AppConfig


class EquipmentConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.equipment"
    label = "equipment"
