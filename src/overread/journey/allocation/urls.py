"""Addresses of allocation."""

from django.urls import path

from overread.journey.allocation import pages

app_name = "allocation"
urlpatterns = [
    path("worklist/", pages.worklist, name="worklist"),
    path("worklist/<uuid:read_id>/why/", pages.why, name="why"),
]
