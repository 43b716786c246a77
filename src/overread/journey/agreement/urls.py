"""Addresses of agreements."""

from django.urls import path

from overread.journey.agreement import pages

app_name = "agreement"
urlpatterns = [
    path("agreements/", pages.listing, name="list"),
    path("agreements/changes/<uuid:key>/", pages.proposal, name="proposal"),
    path("agreements/changes/<uuid:key>/approve/", pages.approve, name="approve"),
    path("agreements/changes/<uuid:key>/send-back/", pages.send_back, name="send_back"),
    path("agreements/changes/<uuid:key>/withdraw/", pages.withdraw, name="withdraw"),
    path("clients/<uuid:client_id>/agreement/", pages.detail, name="detail"),
    path("clients/<uuid:client_id>/agreement/change/", pages.change, name="change"),
    path("clients/<uuid:client_id>/agreement/history/", pages.history, name="history"),
]
