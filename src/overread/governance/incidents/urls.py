"""Addresses of the register of incidents."""

from django.urls import path

from overread.foundation.registers.paths import register_paths
from overread.governance.incidents import pages

app_name = "incidents"
urlpatterns = [
    path("incidents/report/", pages.report, name="report"),
    *register_paths(pages.REGISTER, "incidents/"),
]
