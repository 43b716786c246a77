"""Django's entry for this stage."""

from django.apps import AppConfig


class ReceptionConfig(AppConfig):
    """Who may send, what is accepted, held or quarantined, and when a study is complete."""

    name = "overread.journey.reception"
    label = "reception"
