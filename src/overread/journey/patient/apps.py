"""Django's entry for this stage."""

from django.apps import AppConfig


class PatientConfig(AppConfig):
    """Identity of a person as one client knows them."""

    name = "overread.journey.patient"
    label = "patient"
