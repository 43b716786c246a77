"""Django's entry for the JSON interface."""

from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    """The ground of /api/v1."""

    name = "overread.foundation.interface"
    label = "interface"
