"""The area as a Django app."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Registers the area."""

    name = "overread.foundation.registers"
    label = "registers"
