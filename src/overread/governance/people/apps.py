"""The area as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the area."""

    name = "overread.governance.people"
    label = "people"
