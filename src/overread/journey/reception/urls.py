"""Addresses of reception."""

from django.urls import path

from overread.journey.reception import pages

app_name = "reception"
urlpatterns = [
    path("holds/", pages.held, name="held"),
    path("holds/<uuid:hold_id>/", pages.hold, name="hold"),
    path("quarantine/<uuid:quarantined_id>/", pages.quarantined, name="quarantined"),
    path("quarantine/<uuid:quarantined_id>/decide/", pages.decide_quarantined, name="decide"),
]
