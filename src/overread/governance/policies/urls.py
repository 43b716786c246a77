"""Addresses of policies."""

from django.urls import path

from overread.foundation.registers.paths import register_paths
from overread.governance.policies import pages

app_name = "policies"
urlpatterns = [
    path("policies/mine/", pages.mine, name="mine"),
    path("policies/duties/<uuid:subject_id>/", pages.duty, name="duty"),
    path("policies/<uuid:key>/read/", pages.read, name="read"),
    path("policies/<uuid:key>/approve/", pages.approve, name="approve"),
    path("policies/<uuid:key>/propose/", pages.propose, name="propose"),
    *register_paths(pages.REGISTER, "policies/"),
]
