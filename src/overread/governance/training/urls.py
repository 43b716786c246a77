"""Addresses of training."""

from django.urls import path

from overread.foundation.registers.paths import register_paths
from overread.governance.training import pages

app_name = "training"
urlpatterns = [
    path("training/", pages.matrix, name="matrix"),
    path("training/year/", pages.year, name="year"),
    path("training/mine/", pages.mine, name="mine"),
    path("training/people/<uuid:person_id>/", pages.person, name="person"),
    path("training/duties/<uuid:subject_id>/", pages.duty, name="duty"),
    path("training/certificates/<uuid:key>/confirm/", pages.confirm, name="confirm"),
    path("training/certificates/<uuid:key>/attach/", pages.attach, name="attach"),
    path("training/certificates/<uuid:key>/document/", pages.document, name="document"),
    *register_paths(pages.REGISTER, "training/certificates/"),
]
