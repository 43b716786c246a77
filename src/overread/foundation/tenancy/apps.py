"""Tenancy as a Django app: no tables of its own."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Registers the area."""

    name = "overread.foundation.tenancy"
    label = "tenancy"
