"""The viewer as a Django application, so that its static files are found."""

from django.apps import AppConfig


class ViewerConfig(AppConfig):
    """Edge: the image viewer."""

    name = "overread.edge.viewer"
    label = "viewer"
