"""The area as a Django app."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.policies"
    label = "policies"
