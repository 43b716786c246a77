"""The area as a Django app."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.training"
    label = "training"
