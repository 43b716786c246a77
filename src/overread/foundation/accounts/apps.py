"""Accounts as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the area."""

    name = "overread.foundation.accounts"
    label = "accounts"
