"""Addresses of the register of complaints."""

from overread.foundation.registers.paths import register_paths
from overread.governance.complaints import pages

app_name = "complaints"
urlpatterns = register_paths(pages.REGISTER, "complaints/")
