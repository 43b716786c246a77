"""Addresses of the risk register."""

from django.urls import path

from overread.foundation.registers.paths import register_paths
from overread.governance.risks import pages

app_name = "risks"
urlpatterns = [
    path("risks/<uuid:key>/review/", pages.review, name="review"),
    *register_paths(pages.REGISTER, "risks/"),
]
