"""The area as a Django app."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.credentials"
    label = "credentials"
