"""Django's entry for this stage."""

from django.apps import AppConfig


class CaseConfig(AppConfig):
    """The spine of the product - cases, reads, clocks and the story of each."""

    name = "overread.journey.case"
    label = "case"
