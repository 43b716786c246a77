"""Addresses of the viewer."""

from django.urls import path

from overread.edge.viewer import pages

app_name = "viewer"
urlpatterns = [
    path("read/<uuid:read_id>/viewer/", pages.viewer, name="viewer"),
    path("read/<uuid:read_id>/viewer/read", pages.viewer, name="viewer_again"),
    path("read/<uuid:read_id>/viewer/app-config.js", pages.app_config, name="app_config"),
    path("read/<uuid:read_id>/viewer/config.json", pages.config, name="config"),
]
