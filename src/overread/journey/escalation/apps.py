"""The area as a Django app."""

from django.apps import AppConfig


class EscalationConfig(AppConfig):
    """Registers the area."""

    name = "overread.journey.escalation"
    label = "escalation"
