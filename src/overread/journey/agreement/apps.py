"""Django's entry for this stage."""

from django.apps import AppConfig


class AgreementConfig(AppConfig):
    """What was agreed with each client."""

    name = "overread.journey.agreement"
    label = "agreement"
