"""The area as a Django app."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Registers the area."""

    name = "overread.journey.review"
    label = "review"
