"""Addresses of the appointments of external reviewers."""

from overread.foundation.registers.paths import register_paths
from overread.journey.review import pages

app_name = "appointments"
urlpatterns = register_paths(pages.APPOINTMENTS, "appointments/")
