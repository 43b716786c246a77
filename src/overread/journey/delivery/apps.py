"""The area as a Django app."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Registers the area."""

    name = "overread.journey.delivery"
    label = "delivery"
