"""Addresses of the register of inspection findings."""

from overread.foundation.registers.paths import register_paths
from overread.governance.findings import pages

app_name = "findings"
urlpatterns = register_paths(pages.REGISTER, "findings/")
