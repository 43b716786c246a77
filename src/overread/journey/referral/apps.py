"""The area as a Django app."""

from django.apps import AppConfig


class ReferralConfig(AppConfig):
    """Registers the area."""

    name = "overread.journey.referral"
    label = "referral"
