"""Django's entry for clients."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Clients, sites, AE titles and tokens."""

    name = "overread.foundation.clients"
    label = "clients"
