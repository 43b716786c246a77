"""Django's entry for the interface parts."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, static files and tags; no rows."""

    name = "overread.foundation.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
