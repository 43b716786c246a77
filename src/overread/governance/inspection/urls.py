"""Addresses of inspection."""

from django.urls import path

from overread.governance.inspection import pages

app_name = "inspection"
urlpatterns = [
    path("inspection/", pages.overview, name="overview"),
    path("inspection/facts/<str:name>/", pages.fact, name="fact"),
    path("inspection/packs/", pages.ask, name="ask"),
    path("inspection/packs/<uuid:pack_id>/", pages.download, name="pack"),
]
