"""Addresses of the register of actions."""

from overread.foundation.registers.paths import register_paths
from overread.governance.improvements import pages

app_name = "improvements"
urlpatterns = register_paths(pages.REGISTER, "actions/")
